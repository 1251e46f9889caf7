package compose_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/supergraph"
	"golang.org/x/tools/txtar"
)

func TestComposedText(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "composed", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are %d cases: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			archive, sources := readCase(t, file)
			result, errs := compose.Compose(t.Context(), sources)
			if errs != nil {
				t.Fatal(errs)
			}
			got := shortened(result)
			last := &archive.Files[len(archive.Files)-1]
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(last.Data), got); diff != "" {
				t.Errorf("the supergraph differs (-want +got); accept it with -update:\n%s", diff)
			}
		})
	}
}

// shortened returns the supergraph without the definitions that all supergraphs share, and the hints.
func shortened(r *compose.Result) string {
	head, rest, _ := strings.Cut(r.SDL, "\n\ndirective @link(")
	_, rest, _ = strings.Cut(rest, "\n  EXECUTION\n}\n")
	var hints strings.Builder
	for _, h := range r.Hints {
		hints.WriteString("# " + h.Code + " " + h.Message + "\n")
	}
	return head + "\n" + rest + "\n" + hints.String()
}

func TestOrderOfSubgraphsDoesNotMatter(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, suite := range suites(t) {
		subgraphs := sources(t, suite)
		want, errs := compose.Compose(t.Context(), subgraphs)
		if errs != nil {
			t.Fatal(errs)
		}
		for range 5 {
			random.Shuffle(len(subgraphs), func(i, j int) { subgraphs[i], subgraphs[j] = subgraphs[j], subgraphs[i] })
			got, errs := compose.Compose(t.Context(), subgraphs)
			if errs != nil {
				t.Fatal(errs)
			}
			if diff := cmp.Diff(want.SDL, got.SDL); diff != "" {
				t.Errorf("%s differs in another order (-want +got):\n%s", filepath.Base(suite), diff)
			}
		}
	}
}

func TestComposeStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, errs := compose.Compose(ctx, []compose.Source{{Name: "a", SDL: "type Query { a: Int }"}})
	if len(errs) != 1 || errs[0].Code != "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED" || !strings.Contains(errs[0].Message, "canceled") {
		t.Errorf("Compose gives %v, want that it was cancelled", errs)
	}
}

func FuzzCompose(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.txt"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(archive.Files[0].Data), string(archive.Files[len(archive.Files)/2].Data))
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		sources := []compose.Source{{Name: "a", SDL: a}, {Name: "b", SDL: b}}
		sources = append(sources, compose.Stubs(sources)...)
		result, errs := compose.Compose(t.Context(), sources)
		if (result == nil) != (len(errs) > 0) {
			t.Errorf("Compose gives %v and %v", result, errs)
		}
		if result == nil {
			return
		}
		if _, err := supergraph.Read(result.SDL); err != nil {
			t.Errorf("what is composed cannot be read: %v\n%s", err, result.SDL)
		}
	})
}
