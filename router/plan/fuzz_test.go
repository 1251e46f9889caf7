package plan_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/tools/txtar"
)

// FuzzPlan plans whatever is valid over the supergraphs of testdata: each request can be parsed and is valid for its
// subgraph. What composes can be planned.
func FuzzPlan(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	type graph struct {
		model    *supergraph.Model
		schemas  map[string]*ast.Schema
		composed bool
	}
	var graphs []graph
	for i, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		g := graph{composed(f, archive), executable(f, archive), true}
		for _, section := range archive.Files {
			g.composed = g.composed && section.Name != "supergraph"
			if strings.HasPrefix(section.Name, "query ") {
				f.Add(uint8(i), string(section.Data))
			}
		}
		graphs = append(graphs, g)
	}
	f.Fuzz(func(t *testing.T, i uint8, query string) {
		g := graphs[int(i)%len(graphs)]
		doc, errs := operation.Parse(g.model, query, "", operation.Limits{Depth: 12, Selections: 200})
		if len(errs) > 0 {
			return
		}
		for _, batch := range []plan.Batch{plan.BatchLevel, plan.BatchOff} {
			p, err := plan.New(g.model, doc.Specialise(0), plan.Options{Batch: batch})
			var none *plan.NoPlanError
			switch {
			case err == nil:
				checkRequests(t, p, g.schemas)
			case errors.As(err, &none) && g.composed:
				t.Errorf("%s: %v", query, err)
			}
		}
	})
}
