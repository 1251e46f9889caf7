package compose_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/compose"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "accept the errors as they are")

// readCase reads a case: a remark, a section NAME.graphql for each subgraph, and a section of what is expected.
func readCase(t *testing.T, path string) (archive *txtar.Archive, sources []compose.Source) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if name, ok := strings.CutSuffix(f.Name, ".graphql"); ok {
			sources = append(sources, compose.Source{Name: name, URL: "http://" + name, SDL: string(f.Data)})
		}
	}
	return archive, sources
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "errors", "*.txt"))
	if err != nil || len(files) < 25 {
		t.Fatalf("there are %d cases: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, sources := readCase(t, file)
			_, errs := compose.Compose(t.Context(), sources)
			checkErrors(t, name, errs)
			got := errorText(errs)
			last := &archive.Files[len(archive.Files)-1]
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(last.Data), got); diff != "" {
				t.Errorf("the errors differ (-want +got); accept them with -update:\n%s", diff)
			}
			slices.Reverse(sources)
			if _, again := compose.Compose(t.Context(), sources); errorText(again) != got {
				t.Errorf("in the other order the errors are\n%s", errorText(again))
			}
		})
	}
}

// checkErrors checks that the case's code is among the errors, and that each says where it is.
func checkErrors(t *testing.T, name string, errs compose.Errors) {
	t.Helper()
	code, _, _ := strings.Cut(name, ".")
	found := code == "several" && len(errs) > 1
	for _, e := range errs {
		found = found || e.Code == strings.ToUpper(code)
		if len(e.Nodes) == 0 || e.Nodes[0].Subgraph == "" {
			t.Errorf("%s has no subgraph", e.Code)
		}
		if e.Code != "INVALID_SUBGRAPH_NAME" && e.Code != "NO_QUERIES" && (e.Nodes[0].Line == 0 || e.Nodes[0].Column == 0) {
			t.Errorf("%s has no position", e.Code)
		}
	}
	if !found {
		t.Errorf("there is no %s among the errors:\n%s", strings.ToUpper(code), errorText(errs))
	}
}

func errorText(errs compose.Errors) string {
	var b strings.Builder
	for _, e := range errs {
		fmt.Fprintf(&b, "%s\n  %s\n", e.Code, strings.ReplaceAll(e.Message, "\n", "\n  "))
		for _, n := range e.Nodes {
			fmt.Fprintf(&b, "  at %s:%d:%d %s\n", n.Subgraph, n.Line, n.Column, n.Coordinate)
		}
	}
	return b.String()
}
