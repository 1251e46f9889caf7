package router_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/supergraph"
)

// counter is a subgraph that is only counted.
type counter struct{ calls atomic.Int64 }

func (c *counter) Do(context.Context, *fetch.Request) (*fetch.Response, error) {
	c.calls.Add(1)
	return &fetch.Response{Status: 200, Body: []byte(`{"data":{}}`)}, nil
}

// list writes a text for each number below n.
func list(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
	}
	return b.String()
}

// nest writes a text inside n pairs of brackets.
func nest(n int, open, inner, closing string) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(closing, n)
}

// doubling is a document whose fields double with each fragment.
func doubling(n int) string {
	b := "{node(id: 1) {...F0}} "
	for i := range n {
		b += fmt.Sprintf("fragment F%d on Node {x: peers {...F%d} y: peers {...F%d}} ", i, i+1, i+1)
	}
	return b + fmt.Sprintf("fragment F%d on Node {id}", n)
}

// repeated is a document whose fields are repeated in repeated fields: pairwise comparison takes half a minute for it.
func repeated(depth int) string {
	if depth == 0 {
		return "id"
	}
	return strings.Repeat("peers {"+repeated(depth-1)+"} ", 8)
}

// TestAttacks asks for as much as the limits allow, and for a little more: that is refused before a subgraph is asked.
func TestAttacks(t *testing.T) {
	t.Parallel()
	sdl, err := os.ReadFile("operation/testdata/library.graphql")
	if err != nil {
		t.Fatal(err)
	}
	m, err := supergraph.Read(string(sdl))
	if err != nil {
		t.Fatal(err)
	}
	post := func(name, query, variables string) *http.Request {
		body, err := json.Marshal(map[string]any{"query": query, "variables": json.RawMessage(variables), "operationName": name})
		if err != nil {
			t.Fatal(err)
		}
		return postRequest(string(body))
	}
	document := func(query string) *http.Request { return post("", query, "{}") }
	named := func(n int) string { return "query " + strings.Repeat("a", n) + " {book(id: 1) {id}}" }
	filters := func(n int) string { return `{"f":` + nest(n, `{"not":`, "null", "}") + "}" }
	ids := func(n int) string { return `{"f":{"ids":[` + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]}}" }
	padded := func(n int) *http.Request {
		const body = `{"query":"{book(id: 1) {id}}"}`
		return postRequest(body + strings.Repeat(" ", n-len(body)))
	}
	get := func(n int) *http.Request {
		target := "/graphql?query=" + url.QueryEscape("{book(id: 1) {id}}") + "&x="
		return httptest.NewRequest(http.MethodGet, target+strings.Repeat("x", n-len(target)), nil)
	}
	tests := []struct {
		name, code       string
		allowed, refused *http.Request
	}{
		{"tokens", "MAX_TOKENS_LIMIT", document("{book(id: 1) {" + strings.Repeat("id ", 4_900) + "}}"), document("{book(id: 1) {" + strings.Repeat("id ", 10_000) + "}}")},
		{"a comma is no token, a body has an end", "PAYLOAD_TOO_LARGE", document("{book(id: 1) {id}}" + strings.Repeat(",", 1<<20)), document("{book(id: 1) {id}}" + strings.Repeat(",", 2<<20))},
		{"depth", "MAX_DEPTH_LIMIT", document("{node(id: 1) {" + nest(13, "peers {", "id", "}") + "}}"), document("{node(id: 1) {" + nest(14, "peers {", "id", "}") + "}}")},
		{"depth in fragments", "MAX_DEPTH_LIMIT", document(doubling(9)), document(strings.ReplaceAll(doubling(14), "y: peers", "x: peers"))},
		{"depth of inline fragments", "GRAPHQL_PARSE_FAILED", document("{book(id: 1) {" + nest(400, "... {", "id", "}") + "}}"), document("{book(id: 1) {" + nest(2_000, "... {", "id", "}") + "}}")},
		{"brackets", "GRAPHQL_PARSE_FAILED", document("{book(id: 1) {id}}"), document(strings.Repeat("{a", 4_000))},
		{"aliases", "MAX_ALIASES_LIMIT", document("{book(id: 1) {" + list(50, "a#: id ") + "}}"), document("{book(id: 1) {" + list(51, "a#: id ") + "}}")},
		{"root fields", "MAX_ROOT_FIELDS_LIMIT", document("{" + list(20, "a#: book(id: #) {id} ") + "}"), document("{" + list(21, "a#: book(id: #) {id} ") + "}")},
		{"root fields of a mutation in fragments", "MAX_ROOT_FIELDS_LIMIT", document("{" + list(20, "... {a#: book(id: #) {id}} ") + "}"), document("{" + list(21, "... {a#: book(id: #) {id}} ") + "}")},
		{"directives", "MAX_DIRECTIVES_LIMIT", document("{book(id: 1) {" + strings.Repeat("id @skip(if: false) ", 50) + "}}"), document("{book(id: 1) {" + strings.Repeat("id @skip(if: false) ", 51) + "}}")},
		{"directives on one field", "MAX_DIRECTIVES_LIMIT", document("{book(id: 1) {id @skip(if: false)}}"), document("{book(id: 1) {id " + strings.Repeat("@skip(if: false) ", 51) + "}}")},
		{"unknown directives", "MAX_DIRECTIVES_LIMIT", document("{book(id: 1) {id @skip(if: false)}}"), document("{book(id: 1) {id " + strings.Repeat("@a ", 3_000) + "}}")},
		{"fragments", "MAX_FRAGMENTS_LIMIT", document("{book(id: 1) {" + list(100, "...F# ") + "}}" + list(100, " fragment F# on Book {id}")), document("{book(id: 1) {" + list(101, "...F# ") + "}}" + list(101, " fragment F# on Book {id}"))},
		{"spreads", "MAX_FRAGMENTS_LIMIT", document("{book(id: 1) {" + strings.Repeat("...F ", 300) + "}} fragment F on Book {id}"), document("{book(id: 1) {" + strings.Repeat("...F ", 301) + "}} fragment F on Book {id}")},
		{"fragments in a circle", "GRAPHQL_VALIDATION_FAILED", document("{book(id: 1) {...F}} fragment F on Book {id}"), document("{book(id: 1) {...F}} fragment F on Book {...G} fragment G on Book {...F}")},
		{"expanded selections", "MAX_SELECTIONS_LIMIT", document(doubling(9)), document(doubling(12))},
		{"expanded selections without end", "MAX_SELECTIONS_LIMIT", document(repetition(2)), document(repetition(40))},
		{"repeated fields in repeated fields", "MAX_TOKENS_LIMIT", document("{node(id: 1) {" + repeated(3) + "}}"), document("{node(id: 1) {" + repeated(4) + "}}")},
		{"introspection", "MAX_INTROSPECTION_DEPTH_LIMIT", document("{__schema {types {fields {type {fields {name}}}}}}"), document("{__schema {types {fields {type {fields {type {fields {name}}}}}}}}")},
		{"introspection in fragments", "MAX_INTROSPECTION_DEPTH_LIMIT", document("{__type(name: \"Book\") {...T}} fragment T on __Type {fields {name}}"), document("{__type(name: \"Book\") {...T}} fragment T on __Type {fields {type {fields {type {fields {type {fields {name}}}}}}}}")},
		{"variables", "BAD_USER_INPUT", document("query (" + list(20, "$v#: ID = 1 ") + ") {" + list(20, "v#: book(id: $v#) {id} ") + "}"), document("query (" + list(101, "$v#: ID = 1 ") + ") {" + list(20, "v#: book(id: $v#) {id} ") + "}")},
		{"variables that nobody uses", "BAD_USER_INPUT", document("{book(id: 1) {id}}"), document("query (" + list(2_000, "$v#: ID ") + ") {book(id: 1) {id}}")},
		{"list in a variable", "BAD_USER_INPUT", post("", "query ($f: Filter) {books(filter: $f) {id}}", ids(1_000)), post("", "query ($f: Filter) {books(filter: $f) {id}}", ids(1_001))},
		{"nested variable", "BAD_USER_INPUT", post("", "query ($f: Filter) {books(filter: $f) {id}}", filters(19)), post("", "query ($f: Filter) {books(filter: $f) {id}}", filters(21))},
		{"nested variable of any shape", "BAD_USER_INPUT", post("", "query ($f: JSON) {books(meta: $f) {id}}", `{"f":`+nest(19, "[", "", "]")+"}"), post("", "query ($f: JSON) {books(meta: $f) {id}}", `{"f":`+nest(9_000, "[", "", "]")+"}")},
		{"nested literal", "MAX_DEPTH_LIMIT", document("{books(meta: " + nest(20, "[", "", "]") + ") {id}}"), document("{books(meta: " + nest(22, "[", "", "]") + ") {id}}")},
		{"operation name", "BAD_REQUEST", post("", named(128), "{}"), post("", named(129), "{}")},
		{"operationName", "BAD_REQUEST", post(strings.Repeat("a", 128), named(128), "{}"), post(strings.Repeat("a", 129), named(128), "{}")},
		{"body", "PAYLOAD_TOO_LARGE", padded(2 << 20), padded(2<<20 + 1)},
		{"URL", "URI_TOO_LONG", get(16 << 10), get(16<<10 + 1)},
		{"brackets in the body", "BAD_REQUEST", padded(100), postRequest(`{"query":"{book(id: 1) {id}}","variables":` + nest(20_000, `{"a":`, "1", "}") + "}")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			subgraph := &counter{}
			transports := make([]fetch.Transport, len(m.Graphs))
			for i := range transports {
				transports[i] = subgraph
			}
			r, err := router.New(m, transports, router.Options{Dev: true})
			if err != nil {
				t.Fatal(err)
			}
			w := &world{Router: r}
			if got := w.do(t, test.refused); got.codes() != test.code || got.Data != nil || len(got.body) > 20_000 {
				t.Errorf("refused with status %d, codes %q, want %q: %.300s", got.status, got.codes(), test.code, got.body)
			}
			if n := subgraph.calls.Load(); n != 0 {
				t.Errorf("a subgraph was asked %d times", n)
			}
			if got := w.do(t, test.allowed); got.status != 200 || got.Data == nil {
				t.Errorf("what is allowed is refused: %d %.300s", got.status, got.body)
			}
		})
	}
}

// repetition is a document whose fields double with each fragment, and have no other name.
func repetition(n int) string {
	b := "{book(id: 1) {...F0}} "
	for i := range n {
		b += fmt.Sprintf("fragment F%d on Book {...F%d ...F%d} ", i, i+1, i+1)
	}
	return b + fmt.Sprintf("fragment F%d on Book {id}", n)
}
