package plan_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "accept the plans as they are")

// TestGolden plans each query of testdata, whose files hold the schemas of subgraphs, and queries with their plans.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata: %v, %d files", err, len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m, schemas := composed(t, archive), executable(t, archive)
			query, variables := "", "{}"
			for i := range archive.Files {
				section := &archive.Files[i]
				kind, _, _ := strings.Cut(section.Name, " ")
				switch kind {
				case "query":
					query, variables = string(section.Data), "{}"
				case "variables":
					variables = string(section.Data)
				case "plan":
					got, p := text(m, query, variables)
					if p != nil {
						checkRequests(t, p, schemas)
					}
					if *update {
						section.Data = []byte(got)
					} else if diff := cmp.Diff(string(section.Data), got); diff != "" {
						t.Errorf("%s (-want +got)\n%s", section.Name, diff)
					}
					for range 20 {
						if again, _ := text(m, query, variables); again != got {
							t.Fatalf("%s: another plan for the same operation\n%s", section.Name, again)
						}
					}
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// composed returns an archive's supergraph, or makes it of the subgraphs there.
func composed(t testing.TB, archive *txtar.Archive) *supergraph.Model {
	t.Helper()
	var sources []compose.Source
	for _, f := range archive.Files {
		if f.Name == "supergraph" {
			m, err := supergraph.Read(string(f.Data))
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		if name, ok := strings.CutPrefix(f.Name, "subgraph "); ok {
			sources = append(sources, compose.Source{Name: name, SDL: federated + string(f.Data)})
		}
	}
	result, errs := compose.Compose(t.Context(), sources)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return result.Model
}

const federated = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7",
	import: ["@key", "@shareable", "@external", "@provides", "@requires", "@interfaceObject", "@inaccessible", "@override"])
`

// text plans a query while the override label "on" holds, and prints the plan or why there is none.
func text(m *supergraph.Model, query, variables string) (string, *plan.Plan) {
	d, errs := operation.Parse(m, query, "", operation.Limits{})
	if len(errs) > 0 {
		return errs.Error() + "\n", nil
	}
	values, errs := d.Coerce(json.RawMessage(variables))
	if len(errs) > 0 {
		return errs.Error() + "\n", nil
	}
	p, err := plan.New(m, d.Specialise(values.Conditions), plan.Options{Labels: map[string]bool{"on": true}})
	if err != nil {
		return err.Error() + "\n", nil
	}
	return p.Text(), p
}
