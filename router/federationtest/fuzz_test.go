package federationtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/fetch"
)

const booksSchema = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { books: [Book!] thing: Thing }
type Mutation { lend(id: ID): Book }
union Thing = Book | Shelf
type Book @key(fields: "id") { id: ID! title: String! }
type Shelf @key(fields: "id") { id: ID }`

const starsSchema = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@requires", "@external"])
type Book @key(fields: "id") { id: ID! title: String! @external stars: Int! best: [Book!]! label: String @requires(fields: "title") }
type Shelf @key(fields: "id") { id: ID tags: [[String]] }`

// saying returns a router over two subgraphs that answer everything with the same text each.
func saying(t testing.TB, books, stars *string) *router.Router {
	t.Helper()
	result, errs := compose.Compose(t.Context(), []compose.Source{{Name: "books", SDL: booksSchema}, {Name: "stars", SDL: starsSchema}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var transports []fetch.Transport
	for _, text := range []*string{books, stars} {
		transports = append(transports, fetch.NewLocal(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if _, err := w.Write([]byte(*text)); err != nil {
				panic(http.ErrAbortHandler)
			}
		}), "/", fetch.Options{}))
	}
	r, err := router.New(result.Model, transports, router.Options{Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// FuzzSubgraphs lets two subgraphs say anything: the client reads JSON with data, and with errors where data is null.
func FuzzSubgraphs(f *testing.F) {
	f.Add(`{"data":{"books":[{"__typename":"Book","id":"1","title":"a"},{"id":"1","title":"b"}],"thing":{"__typename":"Shelf","id":2}}}`,
		`{"data":{"_entities":[{"stars":1,"best":[{"id":"3","stars":2}],"label":"x"},{"tags":[["y"],null]}]}}`)
	f.Add(`{"data":{"books":[{"id":"1","title":"a"}],"thing":{"__typename":"Book","id":"1"}},"errors":[{"message":"m","path":["books",0,"title"]}]}`,
		`{"data":{"_0":[{"stars":null,"best":[]}],"_1":[null]},"errors":[{"message":"n","path":["_entities",0,"stars"]},{"path":["_0",7]}]}`)
	var books, stars string
	r := saying(f, &books, &stars)
	query := `{"query":"{ books { id t: title stars best { title stars best { id label } } label } thing { __typename ... on Shelf { tags } ... on Book { label } } }"}`
	f.Fuzz(func(t *testing.T, fromBooks, fromStars string) {
		books, stars = fromBooks, fromStars
		demandAnswer(t, r, query)
	})
}

// FuzzRequest sends anything to the router: it answers with JSON that has data or errors.
func FuzzRequest(f *testing.F) {
	for _, body := range []string{`{"query":"{books{id}}"}`, `{"query":"mutation M($i:ID){lend(id:$i){stars}} query Q{__typename}","operationName":"M","variables":{"i":1}}`,
		`{"query":"{__schema{types{name}}}","extensions":{}}`, `[{"query":"{thing{__typename}}"}]`, `{"query":null}`, `{"variables":"x"`, "\xff"} {
		f.Add(body)
	}
	books := `{"data":{"books":[{"id":"1"}],"lend":{"__typename":"Book","id":"1"}}}`
	stars := `{"data":{"_entities":[{"stars":5}]}}`
	r := saying(f, &books, &stars)
	f.Fuzz(func(t *testing.T, body string) { demandAnswer(t, r, body) })
}

func demandAnswer(t *testing.T, r *router.Router, body string) {
	t.Helper()
	q := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	var answer struct {
		Data   *map[string]any
		Errors []struct{ Message *string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%d %q: %v", w.Code, w.Body, err)
	}
	if answer.Data == nil && len(answer.Errors) == 0 {
		t.Fatalf("%d %q: no data and no errors", w.Code, w.Body)
	}
	for _, e := range answer.Errors {
		if e.Message == nil {
			t.Fatalf("%d %q: an error without a message", w.Code, w.Body)
		}
	}
}
