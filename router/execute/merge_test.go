package execute_test

import (
	"context"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
)

// split is a value type, Label, whose fields come from two subgraphs with different keys.
var split = map[string]string{
	"books": `type Query { books: [Book!]! } type Book @key(fields: "id") @key(fields: "code") { id: ID! code: ID! }`,
	"left":  `type Book @key(fields: "id") { id: ID! label: Label @shareable  labels: [Label!] @shareable } type Label { front: String side: Side @shareable } type Side { a: Int }`,
	"right": `type Book @key(fields: "code") { code: ID! label: Label @shareable  labels: [Label!] @shareable } type Label { back: String side: Side @shareable } type Side { b: Int }`,
}

// Two books are one entity to one subgraph but two to another, which both write into the same value: what the first
// gave must not be shared by the books.
func TestSharedEntitiesOfSeveralWriters(t *testing.T) {
	t.Parallel()
	g := newGraph(t, split)
	g.answers("books", `{"data":{"books":[{"id":"1","code":"x"},{"id":"1","code":"y"}]}}`)
	g.answers("left", `{"data":{"_entities":[{"label":{"front":"f","side":{"a":1}},"labels":[{"front":"g"}]}]}}`)
	g.answers("right", `{"data":{"_entities":[{"label":{"back":"bx","side":{"b":2}},"labels":[{"back":"cx"}]},{"label":{"back":"by","side":{"b":3}},"labels":[{"back":"cy"}]}]}}`)
	got, _ := g.run(t.Context(), `{ books { label { front back side { a b } } labels { front back } } }`, "", execute.Input{})
	want := `{"data":{"books":[{"label":{"front":"f","back":"bx","side":{"a":1,"b":2}},"labels":[{"front":"g","back":"cx"}]},` +
		`{"label":{"front":"f","back":"by","side":{"a":1,"b":3}},"labels":[{"front":"g","back":"cy"}]}]}}`
	if got != want {
		t.Errorf("answer\n%s, want\n%s", got, want)
	}
}

func TestListsOfDifferentLength(t *testing.T) {
	t.Parallel()
	g := newGraph(t, split)
	g.answers("books", `{"data":{"books":[{"id":"1","code":"x"}]}}`)
	g.answers("left", `{"data":{"_entities":[{"labels":[{"front":"g"},{"front":"h"}]}]}}`)
	g.answers("right", `{"data":{"_entities":[{"labels":[{"back":"cx"}]}]}}`)
	got, _ := g.run(t.Context(), `{ books { labels { front back } } }`, "", execute.Input{})
	if !strings.Contains(got, `"code":"INCONSISTENT_LIST"`) || strings.Contains(got, `"front":"g","back":"cx"`) {
		t.Errorf("answer %s, want one of the lists and an error", got)
	}
}

// What an entity brings is completed once, however many objects refer to it.
func TestEntitiesBelowSharedEntities(t *testing.T) {
	t.Parallel()
	g := newGraph(t, map[string]string{
		"books":  `type Query { books: [Book!]! } type Book @key(fields: "id") { id: ID! }`,
		"people": `type Book @key(fields: "id") { id: ID! author: Author } type Author @key(fields: "id") { id: ID! }`,
		"awards": `type Author @key(fields: "id") { id: ID! awards: [String!]! }`,
	})
	g.answers("books", `{"data":{"books":[{"id":"1"},{"id":"1"},{"id":"2"}]}}`)
	g.answers("people", `{"data":{"_entities":[{"author":{"id":"a"}},{"author":{"id":"b"}}]}}`)
	g.serve["awards"] = func(_ context.Context, r *fetch.Request) (*fetch.Response, error) {
		if n := strings.Count(string(r.Body), `"__typename"`); n != 2 {
			t.Errorf("%d representations, want 2", n)
		}
		return &fetch.Response{Status: 200, Body: []byte(`{"data":{"_entities":[{"awards":["x"]},{"awards":[]}]}}`)}, nil
	}
	got, _ := g.run(t.Context(), `{ books { author { awards } } }`, "", execute.Input{})
	if want := `{"data":{"books":[{"author":{"awards":["x"]}},{"author":{"awards":["x"]}},{"author":{"awards":[]}}]}}`; got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
}
