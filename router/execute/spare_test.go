package execute_test

import (
	"strings"
	"testing"

	"github.com/soukhq/souk/router/execute"
)

// postal is a graph in which one fetch asks for a field with requirements together with others.
var postal = map[string]string{
	"books":   `type Query { books: [Book] } type Book @key(fields: "id") { id: ID! }`,
	"weights": `type Book @key(fields: "id") { id: ID! weight: Int }`,
	"post": `type Book @key(fields: "id") { id: ID! weight: Int @external
		rack: String  parcel: String @requires(fields: "weight")  letter: String! @requires(fields: "weight") }`,
}

const (
	unavailable = `{"message":"A subgraph is not available.","path":["books"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE"}}`
	twoBooks    = `{"data":{"books":[{"id":"1"},{"id":"2"}]}}`
)

// What needs no input that is missing is asked for all the same, in the same request.
func TestPartsWithoutTheirInputs(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, weights, post, want, asked string }{
		{"all inputs are there", `{"data":{"_entities":[{"weight":1},{"weight":2}]}}`, `{"data":{"_entities":[{"rack":"a","parcel":"p"},{"rack":"b","parcel":"q"}]}}`,
			`{"data":{"books":[{"rack":"a","parcel":"p"},{"rack":"b","parcel":"q"}]}}`,
			`($representations:[_Any!]!){_entities(representations:$representations){... on Book{rack parcel}}}`},
		{"the fetch of the input failed", ``, `{"data":{"_1":[{"rack":"a"},{"rack":"b"}]}}`,
			`{"data":{"books":[{"rack":"a","parcel":null},{"rack":"b","parcel":null}]},"errors":[` + unavailable + `]}`,
			`($r1:[_Any!]!){_1:_entities(representations:$r1){... on Book{rack}}}`},
		{"one object is without its input", `{"data":{"_entities":[null,{"weight":2}]}}`, `{"data":{"_entities":[{"rack":"b","parcel":"q"}],"_1":[{"rack":"a"}]}}`,
			`{"data":{"books":[{"rack":"a","parcel":null},{"rack":"b","parcel":"q"}]}}`,
			`($representations:[_Any!]!,$r1:[_Any!]!){_entities(representations:$representations){... on Book{rack parcel}} _1:_entities(representations:$r1){... on Book{rack}}}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newGraph(t, postal)
			g.answers("books", twoBooks)
			if c.weights != "" {
				g.answers("weights", c.weights)
			}
			g.answers("post", c.post)
			got, _ := g.run(t.Context(), `{ books { rack parcel } }`, "", execute.Input{})
			if got != c.want {
				t.Errorf("answer\n%s, want\n%s", got, c.want)
			}
			if asked := g.request("post", 0).Query; !strings.HasSuffix(asked, c.asked) {
				t.Errorf("asked %s, want it to end in %s", asked, c.asked)
			}
		})
	}
}

// A value that may not be null, and is missing because of an error that is reported, is no second error.
func TestOneErrorForEachCause(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, query, books, weights, post, want string }{
		{"a requirement was not delivered", `{ books { weight letter } }`, twoBooks, `{"data":{"_entities":[{"weight":1},null]},"errors":[{"message":"m","path":["_entities",1,"weight"]}]}`, `{"data":{"_entities":[{"letter":"l"}]}}`,
			`{"data":{"books":[{"weight":1,"letter":"l"},null]},"errors":[{"message":"An error occurred","path":["books",1,"weight"]}]}`},
		{"the subgraph has let null travel up", `{ books { letter } }`, twoBooks, `{"data":{"_entities":[{"weight":1},{"weight":2}]}}`,
			`{"data":{"_entities":[{"letter":"l"},null]},"errors":[{"message":"m","path":["_entities",1,"letter"]}]}`,
			`{"data":{"books":[{"letter":"l"},null]},"errors":[{"message":"An error occurred","path":["books",1,"letter"]}]}`},
		{"nobody has reported anything", `{ books { letter } }`, twoBooks, `{"data":{"_entities":[{"weight":1},null]}}`, `{"data":{"_entities":[{"letter":"l"}]}}`,
			`{"data":{"books":[{"letter":"l"},null]},"errors":[{"message":"Cannot return null for non-nullable field Book.letter.","path":["books",1,"letter"]}]}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newGraph(t, postal)
			g.answers("books", c.books)
			g.answers("weights", c.weights)
			g.answers("post", c.post)
			if got, _ := g.run(t.Context(), c.query, "", execute.Input{}); got != c.want {
				t.Errorf("answer\n%s, want\n%s", got, c.want)
			}
		})
	}
}
