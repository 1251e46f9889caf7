package respond_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/respond"
	"github.com/soukhq/souk/router/supergraph"
)

const schema = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@inaccessible"])
type Query {
  book: Book
  must: Book!
  books: [Book]
  mustBooks: [Book!]!
  grid: [[Int!]]
  item: Item
  items: [Item!]
  thing: Thing
}
interface Item { id: ID }
type Book implements Item { id: ID title: String pages: Int price: Float lent: Boolean state: State json: JSON author: Author must: Author! tags: [String!] }
type Author { name: String! age: Int }
type Film implements Item @inaccessible { id: ID }
type Cup { size: Int }
union Thing = Book | Cup
enum State { NEW OLD SECRET @inaccessible }
scalar JSON
`

// answerer is a subgraph that gives one answer.
type answerer string

func (a answerer) Do(context.Context, *fetch.Request) (*fetch.Response, error) {
	return &fetch.Response{Status: 200, Body: []byte(a)}, nil
}

func compile(t testing.TB, sdl string) *supergraph.Model {
	t.Helper()
	result, errs := compose.Compose(t.Context(), []compose.Source{{Name: "books", SDL: sdl}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return result.Model
}

// answer returns what a client reads when the subgraph says so.
func answer(t *testing.T, m *supergraph.Model, query, variables, said string, extensions string) string {
	t.Helper()
	doc, errs := operation.Parse(m, query, "", operation.Limits{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	values, errs := doc.Coerce(json.RawMessage(variables))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	p, err := plan.New(m, doc.Specialise(values.Conditions), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	result := execute.Execute(t.Context(), execute.Input{Plan: p, Variables: values.ByName}, []fetch.Transport{answerer(said)})
	before := len(result.Errors)
	text := respond.Write([]byte("x"), respond.Input{Plan: p, Result: result, API: m.API(), Variables: values.ByName, Extensions: json.RawMessage(extensions)})
	if len(result.Errors) != before {
		t.Error("the result was changed")
	}
	if !json.Valid(text[1:]) {
		t.Fatalf("answer %s is not JSON", text)
	}
	return string(text[1:])
}

func TestWrite(t *testing.T) {
	t.Parallel()
	m := compile(t, schema)
	null := func(coordinate, path string) string {
		return `{"message":"Cannot return null for non-nullable field ` + coordinate + `.","path":[` + path + `]}`
	}
	wrong := func(coordinate, want, path string) string {
		return `{"message":"The subgraph's value of ` + coordinate + ` is not ` + want + `.","path":[` + path + `],"extensions":{"code":"SUBGRAPH_INVALID_RESPONSE"}}`
	}
	cases := []struct{ name, query, said, data, errors string }{
		{"keys come in the client's order", `{ b: book { t: title id } __typename a: book { __typename i: id } }`, `{"a":{"i":"1"},"b":{"id":"1","t":"x"}}`,
			`{"b":{"t":"x","id":"1"},"__typename":"Query","a":{"__typename":"Book","i":"1"}}`, ""},
		{"text is copied as it is", `{ book { title json } }`, `{"book":{"title":"\u00e9\n\/<","json":{ "a" : [1.50, "]"] }}}`,
			`{"book":{"title":"\u00e9\n\/<","json":{ "a" : [1.50, "]"] }}}`, ""},
		{"null where it is allowed", `{ book { author { name } tags } }`, `{"book":{"author":null}}`, `{"book":{"author":null,"tags":null}}`, ""},
		{"null goes up to the next nullable field", `{ book { title author { age name } } }`, `{"book":{"title":"x","author":{"age":1,"name":null}}}`,
			`{"book":{"title":"x","author":null}}`, null("Author.name", `"book","author","name"`)},
		{"null goes up through several levels", `{ book { title must { name } } grid }`, `{"book":{"title":"x","must":{"name":null}},"grid":[]}`,
			`{"book":null,"grid":[]}`, null("Author.name", `"book","must","name"`)},
		{"null goes up to the root", `{ grid must { title } }`, `{"grid":null,"must":null}`, `null`, null("Query.must", `"must"`)},
		{"null ends at a list item", `{ books { must { name } } }`, `{"books":[{"must":{"name":"x"}},{"must":{}},null]}`,
			`{"books":[{"must":{"name":"x"}},null,null]}`, null("Author.name", `"books",1,"must","name"`)},
		{"null goes through a list of non-null items", `{ mustBooks { must { name } } }`, `{"mustBooks":[{"must":{"name":"x"}},null]}`,
			`null`, null("Query.mustBooks", `"mustBooks",1`)},
		{"null in a list of scalars", `{ book { tags } grid }`, `{"book":{"tags":["a",null]},"grid":[[1],null,[null]]}`,
			`{"book":{"tags":null},"grid":[[1],null,null]}`, null("Book.tags", `"book","tags",1`) + "," + null("Query.grid", `"grid",2,0`)},
		{"an ID may be a number", `{ book { id } }`, `{"book":{"id":12}}`, `{"book":{"id":"12"}}`, ""},
		{"scalars of the wrong form", `{ book { id title pages price lent tags } }`, `{"book":{"id":true,"title":1,"pages":1.5,"price":"1","lent":0,"tags":"a"}}`,
			`{"book":{"id":null,"title":null,"pages":null,"price":null,"lent":null,"tags":null}}`,
			strings.Join([]string{wrong("Book.id", "an ID", `"book","id"`), wrong("Book.title", "a string", `"book","title"`), wrong("Book.pages", "an integer of 32 bits", `"book","pages"`),
				wrong("Book.price", "a number", `"book","price"`), wrong("Book.lent", "a boolean", `"book","lent"`), wrong("Book.tags", "a list", `"book","tags"`)}, ",")},
		{"an integer that is too large", `{ book { pages } }`, `{"book":{"pages":2147483648}}`, `{"book":{"pages":null}}`, wrong("Book.pages", "an integer of 32 bits", `"book","pages"`)},
		{"no object", `{ book { title } }`, `{"book":"x"}`, `{"book":null}`, wrong("Query.book", "an object", `"book"`)},
		{"enum values", `{ a: book { state } b: book { state } c: book { state } d: book { state } }`,
			`{"a":{"state":"NEW"},"b":{"state":"SECRET"},"c":{"state":"LOST"},"d":{"state":1}}`,
			`{"a":{"state":"NEW"},"b":{"state":null},"c":{"state":null},"d":{"state":null}}`,
			wrong("Book.state", "a known enum value", `"c","state"`) + "," + wrong("Book.state", "an enum value", `"d","state"`)},
		{"types", `{ items { id ... on Book { title } kind: __typename } }`, `{"items":[{"__typename":"Book","id":"1","title":"x"}]}`,
			`{"items":[{"id":"1","title":"x","kind":"Book"}]}`, ""},
		{"a type that clients must not see", `{ item { id } }`, `{"item":{"__typename":"Film","id":"1"}}`, `{"item":null}`, ""},
		{"a type that is none of the interface's", `{ item { id } }`, `{"item":{"__typename":"Cup","id":"1"}}`, `{"item":null}`, wrong("Query.item", "a known type", `"item"`)},
		{"no type", `{ thing { ... on Book { title } } }`, `{"thing":{"title":"x"}}`, `{"thing":null}`, wrong("Query.thing", "a known type", `"thing"`)},
		{"fields of other types are left out", `{ thing { ... on Book { title } } }`, `{"thing":{"__typename":"Cup"}}`, `{"thing":{}}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := `{"data":` + c.data + `}`
			if c.errors != "" {
				want = `{"data":` + c.data + `,"errors":[` + c.errors + `]}`
			}
			if got := answer(t, m, c.query, "", `{"data":`+c.said+`}`, ""); got != want {
				t.Errorf("answer\n%s, want\n%s", got, want)
			}
		})
	}
}

func TestErrorsAreReportedOnce(t *testing.T) {
	t.Parallel()
	m := compile(t, schema)
	got := answer(t, m, `{ must { must { name } } }`, "", `{"data":{"must":null},"errors":[{"message":"m","path":["must"]}]}`, `{"souk":{"n":1}}`)
	want := `{"data":null,"errors":[{"message":"An error occurred","path":["must"]}],"extensions":{"souk":{"n":1}}}`
	if got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
}

// A subgraph that lets null travel up has said why; that is one error, not two.
func TestErrorsBelowExplainNull(t *testing.T) {
	t.Parallel()
	m := compile(t, schema)
	got := answer(t, m, `{ must { must { name } } }`, "", `{"data":null,"errors":[{"message":"m","path":["must","must","name"]}]}`, "")
	want := `{"data":null,"errors":[{"message":"An error occurred","path":["must","must","name"]}]}`
	if got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
}
