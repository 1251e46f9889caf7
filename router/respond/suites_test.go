package respond_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/federationtest"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/respond"
	"github.com/soukhq/souk/router/supergraph"
)

// answer is what a client reads.
type answer struct {
	Data       any
	Errors     []map[string]any
	Extensions map[string]any
}

// engine runs queries through all stages.
type engine struct {
	model      *supergraph.Model
	transports []fetch.Transport
}

func newEngine(t *testing.T, sdl string, handlers map[string]*federationtest.Subgraph) *engine {
	t.Helper()
	m, err := supergraph.Read(sdl)
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{model: m}
	for _, g := range m.Graphs {
		e.transports = append(e.transports, fetch.NewLocal(handlers[g.Name], "/graphql", fetch.Options{}))
	}
	return e
}

// run answers a query, and returns the plan that it followed, nil if there was none.
func (e *engine) run(t *testing.T, query, variables string) (answer, *plan.Plan, *execute.Result) {
	t.Helper()
	doc, errs := operation.Parse(e.model, query, "", operation.Limits{})
	if len(errs) > 0 {
		return answer{Errors: []map[string]any{{"message": errs.Error()}}}, nil, nil
	}
	values, errs := doc.Coerce(json.RawMessage(variables))
	if len(errs) > 0 {
		return answer{Errors: []map[string]any{{"message": errs.Error()}}}, nil, nil
	}
	p, err := plan.New(e.model, doc.Specialise(values.Conditions), plan.Options{})
	if err != nil {
		return answer{Errors: []map[string]any{{"message": err.Error()}}}, nil, nil
	}
	result := execute.Execute(t.Context(), execute.Input{Plan: p, Variables: values.ByName, Unmasked: true}, e.transports)
	text := respond.Write(nil, respond.Input{Plan: p, Result: result, API: e.model.API(), Variables: values.ByName})
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("answer %s: %v", text, err)
	}
	return a, p, result
}

// TestSuites answers the queries of the federation fixtures with no more requests than the best known plan needs.
func TestSuites(t *testing.T) {
	t.Parallel()
	for _, s := range federationtest.Suites(t) {
		for strict, data := range s.Data {
			name := s.Name
			if strict > 0 {
				name += " strict"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				resolvers := map[string]federationtest.Resolver{}
				for name, d := range data {
					resolvers[name] = d
				}
				subgraphs, err := s.Subgraphs(resolvers)
				if err != nil {
					t.Fatal(err)
				}
				e := newEngine(t, s.Supergraph, subgraphs)
				for i, test := range s.Tests {
					check(t, e, s, i, test)
				}
			})
		}
	}
}

func check(t *testing.T, e *engine, s *federationtest.Suite, i int, test federationtest.Test) {
	t.Helper()
	got, p, result := e.run(t, test.Query, "")
	text, requests := "", 0
	if p != nil {
		text = p.Text()
		for _, n := range result.Fetches {
			requests += n
		}
	}
	if diff := cmp.Diff(test.Expected.Data, got.Data); diff != "" {
		t.Errorf("test %d: data (-want +got)\n%s\nerrors %v\n%s\n%s", i, diff, got.Errors, test.Query, text)
	}
	if test.Expected.Errors && len(got.Errors) == 0 {
		t.Errorf("test %d: no errors\n%s\n%s", i, test.Query, text)
	}
	if requests > s.Fewest[i] {
		t.Errorf("test %d: %d requests, best known %d\n%s\n%s", i, requests, s.Fewest[i], test.Query, text)
	}
}
