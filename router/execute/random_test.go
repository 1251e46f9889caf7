package execute_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/federationtest"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/respond"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

var samples = flag.Int("samples", 100, "number of random graphs")

// TestRandomGraphs splits random schemas over subgraphs, asks random queries, and compares the answers with those of
// one program that knows all data. Each subgraph refuses what it does not own.
func TestRandomGraphs(t *testing.T) {
	t.Parallel()
	composed := 0
	for seed := range uint64(*samples) {
		w := newWorld(rand.New(rand.NewPCG(seed, 7)))
		var sources []compose.Source
		for g := range w.graphs {
			sources = append(sources, compose.Source{Name: graphName(g), SDL: federated + w.sdl(g, false)})
		}
		result, errs := compose.Compose(t.Context(), sources)
		if len(errs) > 0 {
			continue // not every split can be answered
		}
		composed++
		var transports []fetch.Transport
		for g := range w.graphs {
			s, err := federationtest.NewSubgraph(graphName(g), w.sdl(g, true), &member{w, g})
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, w.sdl(g, true))
			}
			transports = append(transports, fetch.NewLocal(s, "/", fetch.Options{}))
		}
		for range 10 {
			w.compare(t, seed, result.Model, transports)
		}
		if t.Failed() {
			return
		}
	}
	if composed < *samples*3/10 {
		t.Errorf("only %d of %d random graphs could be composed", composed, *samples)
	}
}

func (w *world) compare(t *testing.T, seed uint64, m *supergraph.Model, transports []fetch.Transport) {
	t.Helper()
	query := "{" + w.query(m.API(), m.API().Query, 3) + "}"
	doc, errs := operation.Parse(m, query, "", wide)
	if len(errs) > 0 {
		t.Fatalf("seed %d: %s: %v", seed, query, errs)
	}
	values, errs := doc.Coerce(nil)
	if len(errs) > 0 {
		t.Fatalf("seed %d: %v", seed, errs)
	}
	p, err := plan.New(m, doc.Specialise(values.Conditions), plan.Options{})
	if err != nil {
		t.Errorf("seed %d: %s: %v%s", seed, query, err, w)
		return
	}
	result := execute.Execute(t.Context(), execute.Input{Plan: p, Variables: values.ByName, Unmasked: true}, transports)
	text := respond.Write(nil, respond.Input{Plan: p, Result: result, API: m.API()})
	var got struct{ Data, Errors any }
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("seed %d: %s: %v", seed, text, err)
	}
	want := w.answer(t, m, query)
	if diff := cmp.Diff(want, got.Data); diff != "" || got.Errors != nil {
		t.Errorf("seed %d: %s\nerrors %v, data (-want +got)\n%s\n%s%s", seed, query, got.Errors, diff, p.Text(), w)
	}
}

// query writes a random selection of a type.
func (w *world) query(schema *ast.Schema, def *ast.Definition, depth int) string {
	var parts []string
	if def.IsAbstractType() {
		parts = append(parts, "__typename")
		for _, t := range schema.GetPossibleTypes(def) {
			if w.IntN(3) > 0 {
				parts = append(parts, "... on "+t.Name+" {"+w.query(schema, t, depth)+"}")
			}
		}
	}
	for i := range def.Fields {
		f := def.Fields[i]
		target := schema.Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || w.IntN(3) > 0 || target.IsCompositeType() && depth == 0 {
			continue
		}
		text := f.Name
		if f.Name == "a" {
			n := w.IntN(2) + 4
			text = fmt.Sprintf("a%d: a(n: %d)", n, n)
		} else if w.IntN(4) == 0 && !def.IsAbstractType() {
			text = fmt.Sprintf("x%d_%s_%s: %s", i, base(f.Type.String()), def.Name, f.Name)
		}
		if target.IsCompositeType() {
			text += " {" + w.query(schema, target, depth-1) + "}"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "__typename"
	}
	return strings.Join(parts, " ")
}

// answer evaluates a query on the data of the whole world.
func (w *world) answer(t *testing.T, m *supergraph.Model, query string) any {
	t.Helper()
	doc, errs := operation.Parse(m, query, "", wide)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	values, errs := doc.Coerce(nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	args := func(f *operation.Field) map[string]any {
		r := map[string]any{}
		for _, a := range f.Args {
			var v any
			if err := json.Unmarshal(values.ByName[a.Vars[0]], &v); err != nil {
				t.Fatal(err)
			}
			r[a.Name] = v
		}
		return r
	}
	var object func(o thing, sets []*operation.Selection) any
	var complete func(v any, sets []*operation.Selection) any
	object = func(o thing, sets []*operation.Selection) any {
		r := map[string]any{}
		below := map[string][]*operation.Selection{}
		var fields []*operation.Field
		for _, s := range sets {
			fields = append(fields, s.Common...)
			for _, b := range s.Per {
				if b.Type.Name == o.typ {
					fields = append(fields, b.Fields...)
				}
			}
		}
		for _, f := range fields {
			if f.Sub != nil {
				below[f.Response] = append(below[f.Response], f.Sub)
			}
		}
		for _, f := range fields {
			if f.Name == "__typename" {
				r[f.Response] = o.typ
			} else {
				r[f.Response] = complete(w.value(o, f.Name, args(f)), below[f.Response])
			}
		}
		return r
	}
	complete = func(v any, sets []*operation.Selection) any {
		switch v := v.(type) {
		case thing:
			return object(v, sets)
		case []any:
			for i := range v {
				v[i] = complete(v[i], sets)
			}
			return v
		case int:
			return float64(v)
		}
		return v
	}
	return object(thing{"Query", 0}, []*operation.Selection{doc.Specialise(values.Conditions).Root})
}
