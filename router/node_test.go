package router_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/federationtest"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/node"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// libraryLink and libraryBase make of one text the schema that is composed and the one that the subgraph executes.
const (
	libraryLink = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires", "@shareable"]) `
	libraryBase = `directive @key(fields: String!, resolvable: Boolean) repeatable on OBJECT
directive @external on FIELD_DEFINITION directive @requires(fields: String!) on FIELD_DEFINITION directive @shareable on FIELD_DEFINITION
scalar _Any extend type Query { _entities(representations: [_Any!]!): [_Entity]! } `
)

var library = map[string]string{
	"books": `type Query { book: Book } interface Node { id: ID! } union _Entity = Book | Shelf
type Book implements Node @key(fields: "id") { id: ID! title: String! shelf: Shelf weight: Int }
type Shelf implements Node @key(fields: "id") { id: ID! room: String }`,
	"loans": `type Query { loan: Int } union _Entity = Book | Person
type Person @key(fields: "id") { id: ID! loans: [Book!] }
type Book @key(fields: "id") { id: ID! loans: Int weight: Int @external fee: Int @requires(fields: "weight") }`,
	"people": `type Query { me: Person } interface Node { id: ID! } union _Entity = Person
type Person implements Node @key(fields: "id") { id: ID! name: String }`,
}

// thing is an object of the library.
type thing struct {
	name   string
	values map[string]any
}

func (o thing) Typename() string { return o.name }

func (o thing) Field(name string, _ map[string]any) (any, error) {
	if err, failed := o.values[name].(error); failed {
		return nil, err
	}
	return o.values[name], nil
}

// shelfmark answers the entities of one subgraph by id.
type shelfmark map[string]thing

func (s shelfmark) Root(ast.Operation) federationtest.Object { return thing{"Query", map[string]any{}} }

func (s shelfmark) Entity(rep map[string]any) (federationtest.Object, error) {
	id, _ := rep["id"].(string)
	o, known := s[id]
	if !known || o.name != rep["__typename"] {
		return nil, nil
	}
	if weight, required := rep["weight"].(float64); required {
		o.values = maps.Clone(o.values)
		o.values["fee"] = int(weight) * 10
	}
	return o, nil
}

func entity(name, id string, values map[string]any) thing {
	all := map[string]any{"id": id}
	maps.Copy(all, values)
	return thing{name, all}
}

// libraryWorld is a router of the library with its virtual subgraph.
type libraryWorld struct {
	*world
	graph     *supergraph.Model
	subgraphs map[string]*federationtest.Subgraph
	away      string // the subgraph that refuses every request
}

var libraryIDs = regexp.MustCompile(`^lib:(\w+):\w+(\?key=\w+)?$`)

func newLibrary(t *testing.T) *libraryWorld {
	t.Helper()
	var sources []compose.Source
	for name, sdl := range library {
		sources = append(sources, compose.Source{Name: name, SDL: libraryLink + strings.ReplaceAll(sdl, "union _Entity", "#")})
	}
	composed, errs := compose.Compose(t.Context(), append(sources, compose.Nodes(sources)...))
	if errs != nil {
		t.Fatal(errs)
	}
	shelf := entity("Shelf", "lib:Shelf:1", map[string]any{"room": "attic"})
	one := entity("Book", "lib:Book:1", map[string]any{"title": "Emma", "shelf": shelf, "weight": 3})
	data := map[string]shelfmark{
		"books": {"lib:Shelf:1": shelf, "lib:Book:1": one, "lib:Book:2?key=s": entity("Book", "lib:Book:2?key=s", map[string]any{"title": "Ulysses"}),
			"lib:Book:3": entity("Book", "lib:Book:4", map[string]any{"weight": 5}), // that has got another id
			"lib:Book:7": entity("Book", "lib:Book:7", map[string]any{"title": errors.New("torn out")})},
		// It knows of loans to people of whom the owner says nothing.
		"loans": {"lib:Person:me": entity("Person", "lib:Person:me", map[string]any{"loans": []any{one}}), "lib:Person:other": entity("Person", "lib:Person:other", map[string]any{"loans": []any{one}}),
			"lib:Book:1": entity("Book", "lib:Book:1", map[string]any{"loans": 2}), "lib:Book:3": entity("Book", "lib:Book:3", nil), "lib:Book:9": entity("Book", "lib:Book:9", map[string]any{"loans": 1})},
		"people": {"lib:Person:me": entity("Person", "lib:Person:me", map[string]any{"name": "Ada"})},
	}
	w := &libraryWorld{world: &world{}, graph: composed.Model, subgraphs: map[string]*federationtest.Subgraph{}}
	var transports []fetch.Transport
	for _, g := range composed.Model.Graphs {
		if g.Virtual {
			transports = append(transports, fetch.NewLocal(node.New(libraryIDs, composed.Model, g.ID), "/graphql", fetch.Options{}))
			continue
		}
		s, err := federationtest.NewSubgraph(g.Name, libraryBase+library[g.Name], data[g.Name])
		if err != nil {
			t.Fatal(err)
		}
		w.subgraphs[g.Name] = s
		transports = append(transports, fetch.NewLocal(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if w.away == g.Name {
				rw.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			s.ServeHTTP(rw, r)
		}), "/graphql", fetch.Options{}))
	}
	var err error
	if w.Router, err = router.New(composed.Model, transports, router.Options{Dev: true}); err != nil {
		t.Fatal(err)
	}
	return w
}

// requests lists how many requests each subgraph but the virtual one has had, and that none was refused.
func (w *libraryWorld) requests(t *testing.T) string {
	t.Helper()
	var counts []string
	for _, name := range slices.Sorted(maps.Keys(w.subgraphs)) {
		s := w.subgraphs[name]
		if s.Refused() > 0 {
			t.Errorf("%s refused %d requests", name, s.Refused())
		}
		if n := s.Calls(); n > 0 {
			counts = append(counts, fmt.Sprintf("%s %d", name, n))
		}
	}
	return strings.Join(counts, ", ")
}

// plan prints how an operation is carried out.
func (w *libraryWorld) plan(t *testing.T, query string) string {
	t.Helper()
	document, errs := operation.Parse(w.graph, query, "", operation.Limits{})
	if errs != nil {
		t.Fatal(errs)
	}
	values, errs := document.Coerce(nil)
	if errs != nil {
		t.Fatal(errs)
	}
	p, err := plan.New(w.graph, document.Specialise(values.Conditions), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Text()
}

func TestNode(t *testing.T) { // Rule B-4.
	t.Parallel()
	for name, c := range map[string]struct {
		query, data, requests string
	}{
		"an object":                        {`{ node(id: "lib:Book:1") { id ... on Book { title shelf { room } } } }`, `{"node":{"id":"lib:Book:1","title":"Emma","shelf":{"room":"attic"}}}`, "books 1"},
		"only its id":                      {`{ node(id: "lib:Shelf:1") { id } }`, `{"node":{"id":"lib:Shelf:1"}}`, "books 1"},
		"only its type":                    {`{ node(id: "lib:Person:me") { __typename } }`, `{"node":{"__typename":"Person"}}`, "people 1"},
		"its type under the type":          {`{ node(id: "lib:Person:me") { ... on Person { __typename } } }`, `{"node":{"__typename":"Person"}}`, "people 1"},
		"nothing that is asked for":        {`{ node(id: "lib:Shelf:1") { ... on Person { name } } }`, `{"node":{}}`, "books 1"},
		"a key in the id":                  {`{ node(id: "lib:Book:2?key=s") { id ... on Book { title } } }`, `{"node":{"id":"lib:Book:2?key=s","title":"Ulysses"}}`, "books 1"},
		"a wrong key in the id":            {`{ node(id: "lib:Book:2?key=x") { id } }`, `{"node":null}`, "books 1"},
		"nobody":                           {`{ node(id: "lib:Person:nobody") { id __typename } }`, `{"node":null}`, "people 1"},
		"nobody, and only the type":        {`{ node(id: "lib:Shelf:9") { __typename } }`, `{"node":null}`, "books 1"},
		"nobody, and nothing asked for":    {`{ node(id: "lib:Shelf:9") { ... on Person { name } } }`, `{"node":null}`, "books 1"},
		"somebody hidden, others know him": {`{ node(id: "lib:Person:other") { ... on Person { id loans { title } } } }`, `{"node":null}`, "books 1, loans 1, people 1"},
		"gone, others know it":             {`{ node(id: "lib:Book:9") { ... on Book { loans } } }`, `{"node":null}`, "books 1, loans 1"},
		"a field of another":               {`{ node(id: "lib:Person:me") { ... on Person { loans { title } } } }`, `{"node":{"loans":[{"title":"Emma"}]}}`, "books 1, loans 1, people 1"},
		"the id that the owner says":       {`{ node(id: "lib:Book:3") { x: id ... on Book { weight fee id } } }`, `{"node":{"x":"lib:Book:4","weight":5,"fee":50,"id":"lib:Book:4"}}`, "books 1, loans 1"},
		"a field that requires one":        {`{ node(id: "lib:Book:1") { ... on Book { fee } } }`, `{"node":{"fee":30}}`, "books 1, loans 1"},
		"no id":                            {`{ node(id: "Book") { id } }`, `{"node":null}`, ""},
		"an unknown type":                  {`{ node(id: "lib:Pen:1") { id __typename } }`, `{"node":null}`, ""},
		"several fields":                   {`{ a: node(id: "lib:Book:1") { id } b: node(id: "lib:Person:me") { x: id } c: node(id: "lib:Book:9") { id } }`, `{"a":{"id":"lib:Book:1"},"b":{"x":"lib:Person:me"},"c":null}`, "books 1, people 1"},
		"left out":                         {`query ($no: Boolean = false) { node(id: "lib:Book:1") { id @include(if: $no) __typename } }`, `{"node":{"__typename":"Book"}}`, "books 1"},
		"beside other fields":              {`{ me { name } node(id: "lib:Book:1") { ... on Node { id } } }`, `{"me":null,"node":{"id":"lib:Book:1"}}`, "books 1, people 1"},
		"several objects": {`{ nodes(ids: ["lib:Book:1", "lib:Person:me", "lib:Book:9", "x", "lib:Shelf:1", "lib:Person:other", "lib:Book:1"]) { id ... on Book { title } ... on Person { name } } }`,
			`{"nodes":[{"id":"lib:Book:1","title":"Emma"},{"id":"lib:Person:me","name":"Ada"},null,null,{"id":"lib:Shelf:1"},null,{"id":"lib:Book:1","title":"Emma"}]}`, "books 1, people 1"},
		"their types": {`{ nodes(ids: ["lib:Book:1", "lib:Person:other", "lib:Shelf:1"]) { __typename } }`, `{"nodes":[{"__typename":"Book"},null,{"__typename":"Shelf"}]}`, "books 1, people 1"},
		"none":        {`{ nodes(ids: []) { id } }`, `{"nodes":[]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newLibrary(t)
			got := w.post(t, c.query)
			if string(got.Data) != c.data || len(got.Errors) > 0 {
				t.Errorf("answered %s, want %s", got.body, c.data)
			}
			if n := w.requests(t); n != c.requests {
				t.Errorf("requests: %s, want %s\n%s", n, c.requests, w.plan(t, c.query))
			}
		})
	}
}

// TestEverySelectionOfANode asks for all sets of fields, which come from two subgraphs, and one of which requires another:
// of the type, and as far as the interface has them of the interface.
func TestEverySelectionOfANode(t *testing.T) {
	t.Parallel()
	w := newLibrary(t)
	fields := []struct {
		text, answer string
		common       bool
	}{
		{"id", `"id":"lib:Book:1"`, true}, {"x: id", `"x":"lib:Book:1"`, true}, {"__typename", `"__typename":"Book"`, true},
		{"fee", `"fee":30`, false}, {"title", `"title":"Emma"`, false}, {"shelf { id room }", `"shelf":{"id":"lib:Shelf:1","room":"attic"}`, false},
		{"loans", `"loans":2`, false}, {"w: weight", `"w":3`, false},
	}
	for set := 1; set < 1<<len(fields); set++ {
		var common, own, answers []string
		for i, f := range fields {
			switch {
			case set&(1<<i) == 0:
				continue
			case f.common:
				common = append(common, f.text)
			default:
				own = append(own, f.text)
			}
			answers = append(answers, f.answer)
		}
		want := `{"node":{` + strings.Join(answers, ",") + "}}"
		selections := []string{"... on Book { " + strings.Join(slices.Concat(common, own), " ") + " }", strings.Join(common, " ")}
		if len(own) > 0 {
			selections[1] += " ... on Book { " + strings.Join(own, " ") + " }"
		}
		for _, selection := range selections {
			query := `{ node(id: "lib:Book:1") { ` + selection + ` } }`
			if got := w.post(t, query); string(got.Data) != want || len(got.Errors) > 0 {
				t.Fatalf("%s answered %s, want %s\n%s", query, got.body, want, w.plan(t, query))
			}
		}
	}
	w.requests(t)
}

func TestNodeThatFails(t *testing.T) { // Rule B-4.
	t.Parallel()
	for name, c := range map[string]struct {
		query, data, codes string
	}{
		"the owner's field fails":       {`{ nodes(ids: ["lib:Book:7", "lib:Book:1"]) { ... on Book { title } } }`, `{"nodes":[null,{"title":"Emma"}]}`, ""},
		"too many":                      {`{ nodes(ids: [` + strings.Repeat(`"lib:Book:1",`, 251) + `]) { id } }`, `null`, "PAGE_TOO_LARGE"},
		"the owner is away":             {`{ node(id: "lib:Person:me") { __typename } nodes(ids: ["lib:Book:1", "lib:Person:me"]) { id } }`, `{"node":null,"nodes":[{"id":"lib:Book:1"},null]}`, "SUBREQUEST_HTTP_ERROR SUBREQUEST_HTTP_ERROR"},
		"the owner is away, others not": {`{ node(id: "lib:Person:me") { ... on Person { loans { id } } } }`, `{"node":null}`, "SUBREQUEST_HTTP_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newLibrary(t)
			if strings.Contains(name, "away") {
				w.away = "people"
			}
			got := w.post(t, c.query)
			if string(got.Data) != c.data || len(got.Errors) == 0 || c.codes != "" && got.codes() != c.codes {
				t.Errorf("answered %s, want %s and the codes %s", got.body, c.data, c.codes)
			}
		})
	}
}
