package execute_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
)

func TestRequestsThatFail(t *testing.T) {
	t.Parallel()
	status := func(status int, body string) func(context.Context, *fetch.Request) (*fetch.Response, error) {
		return func(context.Context, *fetch.Request) (*fetch.Response, error) {
			return &fetch.Response{Status: status, Body: []byte(body)}, nil
		}
	}
	failure := func(err error) func(context.Context, *fetch.Request) (*fetch.Response, error) {
		return func(context.Context, *fetch.Request) (*fetch.Response, error) { return nil, err }
	}
	cases := []struct {
		name  string
		serve func(context.Context, *fetch.Request) (*fetch.Response, error)
		code  string // "" if the answer is used
	}{
		{"connection refused", failure(errors.New("connection refused")), "SUBGRAPH_UNAVAILABLE"},
		{"too slow", failure(&fetch.Error{Code: fetch.CodeTimeout, Err: context.DeadlineExceeded}), "SUBGRAPH_TIMEOUT"},
		{"too large", failure(&fetch.Error{Code: fetch.CodeTooLarge, Err: errors.New("large")}), "SUBGRAPH_RESPONSE_TOO_LARGE"},
		{"a bug", func(context.Context, *fetch.Request) (*fetch.Response, error) { panic("bug") }, "INTERNAL_SERVER_ERROR"},
		{"error page", status(502, "<html>"), "SUBREQUEST_HTTP_ERROR"},
		{"error status with an answer", status(500, `{"data":{"_entities":[{"copies":1}]}}`), ""},
		{"not JSON", status(200, `{"data":`), "SUBGRAPH_INVALID_RESPONSE"},
		{"not GraphQL", status(200, `{"message":"hello"}`), "SUBGRAPH_INVALID_RESPONSE"},
		{"no entities", status(200, `{"data":{"_entities":{}}}`), "SUBGRAPH_INVALID_RESPONSE"},
		{"null without errors", status(200, `{"data":null,"errors":[]}`), "SUBGRAPH_INVALID_RESPONSE"},
		{"null entities without errors", status(200, `{"data":{"_entities":null}}`), "SUBGRAPH_INVALID_RESPONSE"},
		{"too few entities", status(200, `{"data":{"_entities":[]}}`), "SUBGRAPH_INVALID_RESPONSE"},
		{"errors of a strange form", status(200, `{"errors":[1]}`), "SUBGRAPH_INVALID_RESPONSE"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newGraph(t, library)
			g.answers("books", `{"data":{"books":[{"title":"x","id":"1"}]}}`)
			g.serve["stock"] = c.serve
			got, _ := g.run(t.Context(), `{ books { title copies } }`, "", execute.Input{})
			if c.code == "" {
				if want := `{"data":{"books":[{"title":"x","copies":1}]}}`; got != want {
					t.Errorf("answer %s, want %s", got, want)
				}
				return
			}
			if !strings.HasPrefix(got, `{"data":{"books":[{"title":"x","copies":null}]},"errors":[{"message":"`) ||
				!strings.HasSuffix(got, `,"path":["books"],"extensions":{"code":"`+c.code+`"}}]}`) {
				t.Errorf("answer %s, want the error %s", got, c.code)
			}
		})
	}
}

func TestErrorsOfSubgraphs(t *testing.T) {
	t.Parallel()
	books := `{"data":{"list":[{"id":"1","b":{"id":"a"}},{"id":"2","b":{"id":"a"}}]}}`
	query := `{ list: books { b: author { n: name } copies } }`
	cases := []struct {
		name, people string
		in           execute.Input
		want         string // the errors
	}{
		{"at every object of the entity", `{"data":{"_entities":[null]},"errors":[{"message":"secret","path":["_entities",0,"name"],"extensions":{"code":"GONE","errorId":"e1","other":1}}]}`,
			execute.Input{}, `[{"message":"An error occurred","path":["list",0,"b","n"],"extensions":{"code":"GONE","errorId":"e1"}},{"message":"An error occurred","path":["list",1,"b","n"],"extensions":{"code":"GONE","errorId":"e1"}}]`},
		{"below the entity", `{"data":{"_entities":[{"n":"x"}]},"errors":[{"message":"secret","path":["_entities",0]}]}`,
			execute.Input{}, `[{"message":"An error occurred","path":["list",0,"b"]},{"message":"An error occurred","path":["list",1,"b"]}]`},
		{"without an index", `{"data":null,"errors":[{"message":"a","path":["_entities"]},{"message":"b"}]}`,
			execute.Input{Unmasked: true}, `[{"message":"a","path":["list"],"extensions":{"subgraph":"people"}}]`},
		{"with a message for clients", `{"data":{"_entities":[{"n":"x"}]},"errors":[{"message":"Too many.","extensions":{"code":"LIMIT"}}]}`,
			execute.Input{SafeCodes: map[string]bool{"LIMIT": true}}, `[{"message":"Too many.","path":["list"],"extensions":{"code":"LIMIT"}}]`},
		{"with an index that does not exist", `{"data":{"_entities":[{"n":"x"}]},"errors":[{"message":"a","path":["_entities",7]}]}`,
			execute.Input{}, `[{"message":"An error occurred","path":["list"]}]`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newGraph(t, library)
			g.answers("books", books)
			g.answers("people", strings.ReplaceAll(c.people, `"name"`, `"n"`))
			g.answers("stock", `{"data":{"_entities":[{"copies":1},{"copies":2}]}}`)
			got, result := g.run(t.Context(), query, "", c.in)
			_, errs, _ := strings.Cut(strings.TrimSuffix(got, "}"), `,"errors":`)
			if errs != c.want {
				t.Errorf("errors\n%s, want\n%s", errs, c.want)
			}
			for _, e := range result.Errors {
				if e.Cause == nil || !strings.Contains(e.Cause.Error(), "people") {
					t.Errorf("cause %v does not name the subgraph", e.Cause)
				}
			}
		})
	}
}

func TestErrorsOfRootFields(t *testing.T) {
	t.Parallel()
	g := newGraph(t, library)
	g.answers("books", `{"data":{"a":null,"b":{"title":"x"}},"errors":[{"message":"gone","path":["a","title"]},{"message":"all","path":null}]}`)
	got, _ := g.run(t.Context(), `{ a: book(id: 1) { title } b: book(id: 2) { title } }`, "", execute.Input{Unmasked: true})
	want := `{"data":{"a":null,"b":{"title":"x"}},"errors":[{"message":"gone","path":["a","title"],"extensions":{"subgraph":"books"}},` +
		`{"message":"all","path":["a"],"extensions":{"subgraph":"books"}},{"message":"all","path":["b"],"extensions":{"subgraph":"books"}}]}`
	if got != want {
		t.Errorf("answer\n%s, want\n%s", got, want)
	}
}

// A type that not every subgraph knows is asked for of none: its fields are null, and that is nobody's mistake.
func TestTypeThatIsNotReachable(t *testing.T) {
	t.Parallel()
	g := newGraph(t, map[string]string{
		"left":  `type Query { things: [Thing] @shareable } union Thing = Cup | Book type Cup { size: Int @shareable } type Book { pages: Int! title: String }`,
		"right": `type Query { things: [Thing] @shareable } union Thing = Cup type Cup { size: Int @shareable }`,
	})
	for subgraph := range g.model.Graphs {
		g.answers(g.model.Graphs[subgraph].Name, `{"data":{"things":[{"__typename":"Cup","size":1},{"__typename":"Book"}]}}`)
	}
	got, _ := g.run(t.Context(), `{ things { __typename ... on Cup { size } ... on Book { title } } }`, "", execute.Input{})
	if want := `{"data":{"things":[{"__typename":"Cup","size":1},{"__typename":"Book","title":null}]}}`; got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
	got, _ = g.run(t.Context(), `{ things { ... on Cup { size } ... on Book { pages } } }`, "", execute.Input{})
	want := `{"data":{"things":[{"size":1},null]},"errors":[{"message":"Cannot return null for non-nullable field Book.pages.","path":["things",1,"pages"],"extensions":{"code":"TYPE_NOT_REACHABLE"}}]}`
	if got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
}

func TestTooManyErrors(t *testing.T) {
	t.Parallel()
	g := newGraph(t, library)
	var errs []string
	for i := range 70 {
		errs = append(errs, fmt.Sprintf(`{"message":"m","path":["books",%d,"title"]}`, i))
	}
	g.answers("books", `{"data":{"books":null},"errors":[`+strings.Join(errs, ",")+`]}`)
	got, result := g.run(t.Context(), `{ books { title } }`, "", execute.Input{})
	if len(result.Errors) != 50 || result.Dropped != 20 {
		t.Errorf("%d errors and %d dropped, want 50 and 20", len(result.Errors), result.Dropped)
	}
	if want := `"path":["books",49,"title"],"extensions":{"droppedErrors":20}}]}`; !strings.HasSuffix(got, want) {
		t.Errorf("answer %s, want it to end in %s", got, want)
	}
}
