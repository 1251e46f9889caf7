package execute_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/respond"
	"github.com/soukhq/souk/router/supergraph"
)

const federated = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7",
	import: ["@key", "@shareable", "@external", "@provides", "@requires", "@inaccessible", "@interfaceObject"])
`

// library is the subgraphs of most tests here.
var library = map[string]string{
	"books": `type Query { book(id: ID!): Book  books: [Book] }
		type Mutation { lend(id: ID!): Book  give(id: ID!): Book }
		type Book @key(fields: "id") { id: ID title: String author: Author pages: Int @shareable }
		type Author @key(fields: "id") { id: ID }`,
	"people": `type Author @key(fields: "id") { id: ID name(style: String): String! }`,
	"stock":  `type Book @key(fields: "id") { id: ID copies(in: String, of: Int): Int }`,
}

// graph is a supergraph whose subgraphs answer as the test says.
type graph struct {
	t     *testing.T
	model *supergraph.Model
	serve map[string]func(context.Context, *fetch.Request) (*fetch.Response, error)

	reusable bool // answers are in the caller's memory

	mu   sync.Mutex
	sent map[string][]string // bodies by subgraph
}

func newGraph(t *testing.T, sdl map[string]string) *graph {
	t.Helper()
	var sources []compose.Source
	for name, text := range sdl {
		sources = append(sources, compose.Source{Name: name, SDL: federated + text})
	}
	result, errs := compose.Compose(t.Context(), sources)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return &graph{t: t, model: result.Model, sent: map[string][]string{},
		serve: map[string]func(context.Context, *fetch.Request) (*fetch.Response, error){}}
}

// answers makes a subgraph give the same answer to every request.
func (g *graph) answers(subgraph, body string) {
	g.serve[subgraph] = func(context.Context, *fetch.Request) (*fetch.Response, error) {
		return &fetch.Response{Status: 200, Body: []byte(body)}, nil
	}
}

// Do answers for all subgraphs.
func (g *graph) Do(ctx context.Context, r *fetch.Request) (*fetch.Response, error) {
	g.mu.Lock()
	g.sent[r.Subgraph] = append(g.sent[r.Subgraph], string(r.Body))
	g.mu.Unlock()
	serve := g.serve[r.Subgraph]
	if serve == nil {
		return nil, errors.New("nobody there")
	}
	answer, err := serve(ctx, r)
	if err == nil && g.reusable {
		answer.Body, answer.Reusable = append(r.Buffer[:0], answer.Body...), true
	}
	return answer, err
}

// run carries out a query and returns what the client would read, and the result.
func (g *graph) run(ctx context.Context, query, variables string, in execute.Input) (string, *execute.Result) {
	g.t.Helper()
	doc, errs := operation.Parse(g.model, query, "", operation.Limits{})
	if len(errs) > 0 {
		g.t.Fatal(errs)
	}
	values, errs := doc.Coerce(json.RawMessage(variables))
	if len(errs) > 0 {
		g.t.Fatal(errs)
	}
	p, err := plan.New(g.model, doc.Specialise(values.Conditions), plan.Options{})
	if err != nil {
		g.t.Fatal(err)
	}
	in.Plan, in.Variables = p, values.ByName
	transports := make([]fetch.Transport, len(g.model.Graphs))
	for i := range transports {
		transports[i] = g
	}
	result := execute.Execute(ctx, in, transports)
	return string(respond.Write(nil, respond.Input{Plan: p, Result: result, API: g.model.API()})), result
}

// request is a body as its receiver reads it.
type request struct {
	Query         string
	OperationName string
	Variables     map[string]any
}

func (g *graph) request(subgraph string, i int) request {
	g.t.Helper()
	var r request
	if len(g.sent[subgraph]) <= i {
		g.t.Fatalf("%d requests to %s, want %d", len(g.sent[subgraph]), subgraph, i+1)
	}
	if err := json.Unmarshal([]byte(g.sent[subgraph][i]), &r); err != nil {
		g.t.Fatalf("body %s: %v", g.sent[subgraph][i], err)
	}
	return r
}

func TestEntitiesAreAskedForOnce(t *testing.T) {
	t.Parallel()
	g := newGraph(t, library)
	g.answers("books", `{"data":{"books":[{"id":"1","author":{"id":"a\u0031"}},{"id":"2","author":{"id":"a\u0031"}},null,{"id":null,"author":null},{"id":"1","author":{"id":"b"}}]}}`)
	g.answers("people", `{"data":{"_entities":[{"name":"Ann"},{"name":"Ben"}]}}`)
	g.answers("stock", `{"data":{"_entities":[{"copies":3},null]}}`)
	got, result := g.run(t.Context(), `query($of: Int, $no: String) { books { copies(of: $of) author { name(style: "it's \"short\"") } } book(id: 1) @skip(if: true) { copies(in: $no) } }`, `{"of":5}`, execute.Input{})
	want := `{"data":{"books":[{"copies":3,"author":{"name":"Ann"}},{"copies":null,"author":{"name":"Ann"}},null,{"copies":null,"author":null},{"copies":3,"author":{"name":"Ben"}}]}}`
	if got != want {
		t.Errorf("answer\n%s, want\n%s", got, want)
	}
	if diff := cmp.Diff([]int{1, 1, 1}, result.Fetches); diff != "" {
		t.Errorf("fetches (-want +got)\n%s", diff)
	}

	people := g.request("people", 0)
	name := people.OperationName
	if want := "query " + name + "($representations:[_Any!]!,$_0:String){_entities(representations:$representations){... on Author{name(style: $_0)}}}"; people.Query != want {
		t.Errorf("query %s, want %s", people.Query, want)
	}
	variables := map[string]any{"_0": `it's "short"`, "representations": []any{
		map[string]any{"__typename": "Author", "id": "a1"}, map[string]any{"__typename": "Author", "id": "b"}}}
	if diff := cmp.Diff(variables, people.Variables); diff != "" {
		t.Errorf("variables (-want +got)\n%s", diff)
	}
	variables = map[string]any{"of": 5.0, "representations": []any{
		map[string]any{"__typename": "Book", "id": "1"}, map[string]any{"__typename": "Book", "id": "2"}}}
	if diff := cmp.Diff(variables, g.request("stock", 0).Variables); diff != "" {
		t.Errorf("variables (-want +got)\n%s", diff)
	}
}

func TestNothingToAskForIsNoRequest(t *testing.T) {
	t.Parallel()
	g := newGraph(t, library)
	g.answers("books", `{"data":{"books":[null,{"id":null,"author":null}]}}`)
	got, result := g.run(t.Context(), `{ books { copies author { name } } }`, "", execute.Input{})
	if want := `{"data":{"books":[null,{"copies":null,"author":null}]}}`; got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
	if diff := cmp.Diff([]int{1, 0, 0}, result.Fetches); diff != "" {
		t.Errorf("fetches (-want +got)\n%s", diff)
	}
}

func TestAliasesWithoutEntitiesAreLeftOut(t *testing.T) {
	t.Parallel()
	g := newGraph(t, library)
	g.answers("books", `{"data":{"books":[],"book":{"id":7}}}`)
	g.answers("stock", `{"data":{"_1":[{"copies":1}]}}`)
	got, _ := g.run(t.Context(), `query($in: String) { books { copies(in: $in) } book(id: 1) { copies } }`, `{"in":"x"}`, execute.Input{})
	if want := `{"data":{"books":[],"book":{"copies":1}}}`; got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
	r := g.request("stock", 0)
	if want := "query " + r.OperationName + "($r1:[_Any!]!){_1:_entities(representations:$r1){... on Book{copies}}}"; r.Query != want {
		t.Errorf("query %s, want %s", r.Query, want)
	}
	if _, sent := r.Variables["in"]; sent {
		t.Errorf("variables %v hold one that the request does not use", r.Variables)
	}
}

func TestOneAliasServesSeveralPlaces(t *testing.T) {
	t.Parallel()
	g := newGraph(t, library)
	g.answers("books", `{"data":{"books":[{"title":"x","id":"1"},{"title":"y","id":"2"}],"book":{"id":"2"}}}`)
	g.answers("stock", `{"data":{"_entities":[{"copies":1},{"copies":2}]}}`)
	got, _ := g.run(t.Context(), `{ books { title copies } book(id: 2) { copies } }`, "", execute.Input{})
	if want := `{"data":{"books":[{"title":"x","copies":1},{"title":"y","copies":2}],"book":{"copies":2}}}`; got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
	if n := len(g.request("stock", 0).Variables["representations"].([]any)); n != 2 {
		t.Errorf("%d representations, want 2", n)
	}
}

// A subgraph that is slow delays only what needs it.
func TestRequestsWaitOnlyForWhatTheyNeed(t *testing.T) {
	t.Parallel()
	g := newGraph(t, map[string]string{
		"books":  `type Query { book: Book  now: Int } type Book @key(fields: "id") { id: ID! }`,
		"stock":  `type Book @key(fields: "id") { id: ID! copies: Int  shelf: Shelf } type Shelf @key(fields: "id") { id: ID! }`,
		"people": `type Query { hello: String } type Shelf @key(fields: "id") { id: ID! keeper: String }`,
	})
	done := make(chan struct{})
	g.answers("books", `{"data":{"book":{"id":"1"}}}`)
	g.answers("stock", `{"data":{"_entities":[{"shelf":{"id":"s"}}]}}`)
	g.serve["people"] = func(ctx context.Context, r *fetch.Request) (*fetch.Response, error) {
		if strings.Contains(string(r.Body), "hello") {
			select { // answered only after the whole chain beside it
			case <-done:
			case <-ctx.Done():
			}
			return &fetch.Response{Status: 200, Body: []byte(`{"data":{"hello":"hi"}}`)}, nil
		}
		close(done)
		return &fetch.Response{Status: 200, Body: []byte(`{"data":{"_entities":[{"keeper":"Kim"}]}}`)}, nil
	}
	got, _ := g.run(t.Context(), `{ hello book { shelf { keeper } } }`, "", execute.Input{})
	if want := `{"data":{"hello":"hi","book":{"shelf":{"keeper":"Kim"}}}}`; got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
}

func TestMutationsGoOnWithoutTheClient(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"query", "mutation"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			g := newGraph(t, library)
			ctx, cancel := context.WithCancel(t.Context())
			g.serve["books"] = func(inner context.Context, r *fetch.Request) (*fetch.Response, error) {
				cancel()
				if inner.Err() != nil {
					return nil, inner.Err()
				}
				if !r.Mutation {
					t.Error("a mutation is not marked as one")
				}
				return &fetch.Response{Status: 200, Body: []byte(`{"data":{"lend":{"title":"x"},"give":{"title":"y"}}}`)}, nil
			}
			query, want := `{ book(id: 1) { title } }`, `{"data":{"book":null},"errors":[{"message":"A subgraph is not available.","path":["book"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE"}}]}`
			if kind == "mutation" {
				query, want = `mutation { lend(id: 1) { title } give(id: 2) { title } }`, `{"data":{"lend":{"title":"x"},"give":{"title":"y"}}}`
			}
			got, result := g.run(ctx, query, "", execute.Input{})
			if got != want {
				t.Errorf("answer %s, want %s", got, want)
			}
			if kind == "mutation" && result.Fetches[0] != 2 {
				t.Errorf("%d requests, want one for each field", result.Fetches[0])
			}
		})
	}
}
