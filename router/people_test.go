package router_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/federationtest"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

const federation = `
directive @key(fields: String!) repeatable on OBJECT
scalar _Any
union _Entity = Person
`

const namesSchema = federation + `
type Query { me: Person person(id: ID!): Person _entities(representations: [_Any!]!): [_Entity]! }
type Mutation { rename(name: String!): Person }
type Person @key(fields: "id") { id: ID! name: String }
`

const agesSchema = federation + `
type Query { oldest: Person _entities(representations: [_Any!]!): [_Entity]! }
type Person @key(fields: "id") { id: ID! age: Int }
`

// fields is an object of the subgraphs.
type fields map[string]any

func (f fields) Typename() string { return "Person" }

func (f fields) Field(name string, _ map[string]any) (any, error) { return f[name], nil }

// people is what both subgraphs know. There is one person.
type people struct{ person fields }

func (p people) Root(ast.Operation) federationtest.Object {
	return fields{"me": p.person, "person": p.person, "oldest": p.person, "rename": p.person}
}

func (p people) Entity(map[string]any) (federationtest.Object, error) { return p.person, nil }

// world is a router with its subgraphs.
type world struct {
	*router.Router
	names, ages *federationtest.Subgraph
	seen        atomic.Pointer[http.Header] // the headers of the last request to the names
}

// wrap changes a subgraph's handler.
type wrap func(http.Handler) http.Handler

func newWorld(t *testing.T, opt router.Options, ages wrap) *world {
	t.Helper()
	w := &world{}
	var err error
	if w.names, err = federationtest.NewSubgraph("names", namesSchema, people{fields{"id": "1", "name": "Ada \u00fc"}}); err != nil {
		t.Fatal(err)
	}
	if w.ages, err = federationtest.NewSubgraph("ages", agesSchema, people{fields{"id": "1", "age": 36}}); err != nil {
		t.Fatal(err)
	}
	spy := http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		w.seen.Store(&q.Header)
		w.names.ServeHTTP(rw, q)
	})
	agesHandler := http.Handler(w.ages)
	if ages != nil {
		agesHandler = ages(agesHandler)
	}
	w.Router, err = router.New(model(t), []fetch.Transport{
		fetch.NewLocal(agesHandler, "/graphql", fetch.Options{}),
		fetch.NewLocal(spy, "/graphql", fetch.Options{}),
	}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func model(t testing.TB) *supergraph.Model {
	t.Helper()
	sdl, err := os.ReadFile("testdata/people.graphql")
	if err != nil {
		t.Fatal(err)
	}
	m, err := supergraph.Read(string(sdl))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// reply is an answer as a client reads it.
type reply struct {
	status int
	header http.Header
	body   string
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code, Subgraph, ErrorID string }
	}
	Extensions struct {
		Souk struct{ Fetches map[string]int }
	}
}

// codes lists the codes of the errors.
func (r *reply) codes() string {
	var codes []string
	for _, e := range r.Errors {
		codes = append(codes, e.Extensions.Code)
	}
	return strings.Join(codes, " ")
}

func (w *world) do(t *testing.T, q *http.Request) *reply {
	t.Helper()
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, q)
	r := &reply{status: rec.Code, header: rec.Header(), body: rec.Body.String()}
	if rec.Body.Len() > 0 {
		if err := json.Unmarshal(rec.Body.Bytes(), r); err != nil {
			t.Fatalf("the answer is no JSON: %v\n%s", err, rec.Body)
		}
	}
	return r
}

// post asks with a JSON body.
func (w *world) post(t *testing.T, query string) *reply {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return w.do(t, postRequest(string(body)))
}

func postRequest(body string) *http.Request {
	q := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	return q
}

// failing answers every request with the status and body.
func failing(status int, body string) wrap {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
}
