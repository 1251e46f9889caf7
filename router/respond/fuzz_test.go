package respond_test

import (
	"encoding/json"
	"testing"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/respond"
)

// FuzzWrite lets a subgraph say anything: what the client reads is JSON with data, and with errors where data is null.
func FuzzWrite(f *testing.F) {
	m := compile(f, schema)
	doc, errs := operation.Parse(m, `{
		book { id title pages price lent state json author { name age } must { name } tags }
		mustBooks { t: title __typename } grid
		items { id kind: __typename ... on Book { must { name } } } thing { ... on Cup { size } }
	}`, "", operation.Limits{})
	if len(errs) > 0 {
		f.Fatal(errs)
	}
	p, err := plan.New(m, doc.Specialise(0), plan.Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, said := range []string{
		`{"data":{"book":{"id":1,"title":"a","must":{"name":"x"},"tags":["b",null]},"mustBooks":[{"t":"c"}],"grid":[[1,2],[null]],"items":[{"__typename":"Book","must":{}}],"thing":{"__typename":"Cup"}}}`,
		`{"data":{"mustBooks":[{}]},"errors":[{"message":"m","path":["book","tags",1]},{"message":"n","path":["items",0,"must"]}]}`,
		`{"errors":[{}]}`, `{"data":[],"errors":null}`, `{"data":{"book":[[[{}]]],"mustBooks":{},"grid":{"a":[]}}}`, ``,
	} {
		f.Add(said)
	}
	f.Fuzz(func(t *testing.T, said string) {
		result := execute.Execute(t.Context(), execute.Input{Plan: p, Unmasked: true}, []fetch.Transport{answerer(said)})
		text := respond.Write(nil, respond.Input{Plan: p, Result: result, API: m.API()})
		var read struct {
			Data   *map[string]any
			Errors []struct {
				Message string
				Path    []any
			}
		}
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatalf("%q became %q: %v", said, text, err)
		}
		if read.Data == nil && len(read.Errors) == 0 {
			t.Fatalf("%q became %q: no data and no errors", said, text)
		}
	})
}
