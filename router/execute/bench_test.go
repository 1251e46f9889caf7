package execute_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/respond"
)

// fixed is a subgraph that gives one answer.
type fixed []byte

func (f fixed) Do(context.Context, *fetch.Request) (*fetch.Response, error) {
	return &fetch.Response{Status: 200, Body: f}, nil
}

// BenchmarkExecute carries out a query over a list of 250 books by a hundred authors, without any I/O, and
// writes the answer.
func BenchmarkExecute(b *testing.B) {
	var sources []compose.Source
	for name, text := range library {
		sources = append(sources, compose.Source{Name: name, SDL: federated + text})
	}
	composed, errs := compose.Compose(b.Context(), sources)
	if len(errs) > 0 {
		b.Fatal(errs)
	}
	m := composed.Model
	doc, fails := operation.Parse(m, `{ books { title copies author { name } } }`, "", operation.Limits{})
	if len(fails) > 0 {
		b.Fatal(fails)
	}
	values, fails := doc.Coerce(json.RawMessage("{}"))
	if len(fails) > 0 {
		b.Fatal(fails)
	}
	p, err := plan.New(m, doc.Specialise(values.Conditions), plan.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var books, copies, names []string
	for i := range 250 {
		books = append(books, fmt.Sprintf(`{"title":"A title of usual length %d","id":"book-%d","author":{"id":"author-%d"}}`, i, i, i%100))
		copies = append(copies, `{"copies":3}`)
		if i < 100 {
			names = append(names, `{"name":"Somebody"}`)
		}
	}
	answers := map[string]string{
		"books":  `{"data":{"books":[` + strings.Join(books, ",") + `]}}`,
		"people": `{"data":{"_entities":[` + strings.Join(names, ",") + `]}}`,
		"stock":  `{"data":{"_entities":[` + strings.Join(copies, ",") + `]}}`,
	}
	var transports []fetch.Transport
	size := 0
	for _, g := range m.Graphs {
		transports = append(transports, fixed(answers[g.Name]))
		size += len(answers[g.Name])
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		result := execute.Execute(b.Context(), execute.Input{Plan: p, Variables: values.ByName}, transports)
		out = respond.Write(out[:0], respond.Input{Plan: p, Result: result, API: m.API()})
		if len(result.Errors) > 0 {
			b.Fatal(result.Errors)
		}
	}
}
