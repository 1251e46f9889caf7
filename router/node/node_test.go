package node_test

import (
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/node"
)

const books = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { a: Int }
interface Node { id: ID! }
type Book implements Node @key(fields: "id") { id: ID! }
type Shelf @key(fields: "id") { id: ID! }`

var pattern = regexp.MustCompile(`^lib:(\w+):[0-9]+(\?.*)?$`)

func handler(t *testing.T) *node.Handler {
	t.Helper()
	sources := []compose.Source{{Name: "books", SDL: books}}
	composed, errs := compose.Compose(t.Context(), append(sources, compose.Nodes(sources)...))
	if errs != nil {
		t.Fatal(errs)
	}
	for _, g := range composed.Model.Graphs {
		if g.Virtual {
			return node.New(pattern, composed.Model, g.ID)
		}
	}
	t.Fatal("no graph is virtual")
	return nil
}

func ask(t *testing.T, h *node.Handler, body string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/graphql", strings.NewReader(body)))
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestIDsTellTypes(t *testing.T) { // Rule B-4.
	t.Parallel()
	h := handler(t)
	for id, want := range map[string]string{
		"lib:Book:1":           `{"__typename":"Book","id":"lib:Book:1"}`,
		"lib:Book:1?key=s&x=é": `{"__typename":"Book","id":"lib:Book:1?key=s&x=é"}`,
		"lib:Shelf:1":          `null`, // no Node
		"lib:Query:1":          `null`,
		"lib:Node:1":           `null`,
		"lib:Pen:1":            `null`,
		"lib:book:1":           `null`,
		"lib:Book:x":           `null`,
		"x lib:Book:1":         `null`,
		"":                     `null`,
	} {
		variables, err := json.Marshal(map[string]string{"id": id})
		if err != nil {
			t.Fatal(err)
		}
		status, got := ask(t, h, `{"query":"query($id:ID!){node(id:$id){__typename ...on Book{id}}}","variables":`+string(variables)+`}`)
		got = strings.ReplaceAll(got, `\u0026`, "&")
		if status != 200 || got != `{"data":{"node":`+want+`}}` {
			t.Errorf("%q: %d %s, want %s", id, status, got, want)
		}
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	h := handler(t)
	many := func(n int) string { return `["lib:Book:1"` + strings.Repeat(`,"lib:Book:1"`, n-1) + `]` }
	for name, c := range map[string]struct {
		query, variables string
		status           int
		want             string
	}{
		"several, in their order": {`query($ids:[ID!]!){nodes(ids:$ids){__typename ...on Book{id}}}`, `{"ids":["lib:Book:2","x","lib:Book:1","lib:Book:2"]}`, 200,
			`{"data":{"nodes":[{"__typename":"Book","id":"lib:Book:2"},null,{"__typename":"Book","id":"lib:Book:1"},{"__typename":"Book","id":"lib:Book:2"}]}}`},
		"aliases":             {`query($a:ID!){__typename x:node(id:$a){y:__typename ...on Node{i:id} ...on Pen{id}} n:nodes(ids:[]){id}}`, `{"a":"lib:Book:1"}`, 200, `{"data":{"__typename":"Query","n":[],"x":{"i":"lib:Book:1","y":"Book"}}}`},
		"no variable":         {`query($a:ID!){node(id:$a){id}}`, `{}`, 200, `{"data":{"node":null}}`},
		"too many":            {`query($ids:[ID!]!){x:nodes(ids:$ids){id}}`, `{"ids":` + many(251) + `}`, 200, `{"data":null,"errors":[{"message":"At most 250 ids can be asked for at once.","path":["x"],"extensions":{"code":"PAGE_TOO_LARGE"}}]}`},
		"no query":            {`{`, `{}`, 400, `this is not a request of the router`},
		"two operations":      {`query A{node(id:1){id}} query B{node(id:1){id}}`, `{}`, 400, `this is not a request of the router`},
		"no variables at all": {`{node(id:"lib:Book:1"){id}}`, `null`, 200, `{"data":{"node":{"id":"lib:Book:1"}}}`},
	} {
		query, err := json.Marshal(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if status, got := ask(t, h, `{"query":`+string(query)+`,"variables":`+c.variables+`}`); status != c.status || got != c.want {
			t.Errorf("%s: %d %s, want %d %s", name, status, got, c.status, c.want)
		}
	}
	if status, _ := ask(t, h, "no JSON"); status != 400 {
		t.Errorf("no JSON: status %d", status)
	}
	if _, got := ask(t, h, `{"query":"query($ids:[ID!]!){nodes(ids:$ids){id}}","variables":{"ids":`+many(250)+`}}`); strings.Count(got, "lib:Book:1") != 250 {
		t.Errorf("250 ids: %s", got)
	}
}
