package execute_test

import (
	"testing"

	"github.com/soukhq/souk/router/execute"
)

// films is a graph whose query type is reached from below the root.
var films = map[string]string{
	"x": `type Query { again: Query @shareable  list: [Query]  n: Int }`,
	"y": `type Query { film: Film  year: Int! }  type Film { name: String!  up: Query }`,
}

func TestRootFieldsBelowTheRoot(t *testing.T) {
	t.Parallel()
	const query = `{ list { n film { name } } }`
	cases := []struct{ name, query, x, y, want string }{
		{"all objects share the answer", query, `{"data":{"list":[{"n":1,"__typename":"Query"},null,{"n":2,"__typename":"Query"}]}}`, `{"data":{"film":{"name":"M"}}}`,
			`{"data":{"list":[{"n":1,"film":{"name":"M"}},null,{"n":2,"film":{"name":"M"}}]}}`},
		{"no objects, no request", query, `{"data":{"list":[null]}}`, ``, `{"data":{"list":[null]}}`},
		{"errors have the paths of all", query, `{"data":{"list":[{"__typename":"Query"},{"__typename":"Query"}]}}`, `{"data":{"film":null},"errors":[{"message":"m","path":["film","name"]}]}`,
			`{"data":{"list":[{"n":null,"film":null},{"n":null,"film":null}]},"errors":[{"message":"An error occurred","path":["list",0,"film","name"]},{"message":"An error occurred","path":["list",1,"film","name"]}]}`},
		{"nobody answers", `{ again { n year } }`, `{"data":{"again":{"n":1,"__typename":"Query"}}}`, ``,
			`{"data":{"again":null},"errors":[{"message":"A subgraph is not available.","path":["again"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE"}}]}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newGraph(t, films)
			g.answers("x", c.x)
			if c.y != "" {
				g.answers("y", c.y)
			}
			got, _ := g.run(t.Context(), c.query, "", execute.Input{})
			if got != c.want {
				t.Errorf("answer\n%s, want\n%s", got, c.want)
			}
		})
	}
}
