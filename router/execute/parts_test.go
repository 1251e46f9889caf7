package execute_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/execute"
	"github.com/soukhq/souk/router/fetch"
)

// stocked returns a graph with a list of books, so many of them different, of each of which the stock has as many copies
// as its number. It refuses requests for the book of the number that is refused.
func stocked(t *testing.T, books, different, refused int) *graph {
	t.Helper()
	g := newGraph(t, library)
	list := make([]string, books)
	for i := range list {
		list[i] = fmt.Sprintf(`{"id":"%d"}`, i%different)
	}
	g.answers("books", `{"data":{"books":[`+strings.Join(list, ",")+`]}}`)
	g.serve["stock"] = func(_ context.Context, r *fetch.Request) (*fetch.Response, error) {
		var body struct {
			Variables map[string][]struct{ ID string }
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return nil, err
		}
		var aliases []string
		for _, entities := range body.Variables {
			copies := make([]string, len(entities))
			for i, e := range entities {
				if copies[i] = `{"copies":` + e.ID + `}`; e.ID == fmt.Sprint(refused) {
					return &fetch.Response{Status: http.StatusServiceUnavailable}, nil
				}
			}
			if len(entities) > 250 {
				t.Errorf("%d entities in one request", len(entities))
			}
			aliases = append(aliases, `"_entities":[`+strings.Join(copies, ",")+`]`)
		}
		return &fetch.Response{Status: 200, Body: []byte(`{"data":{` + strings.Join(aliases, ",") + `}}`)}, nil
	}
	return g
}

// TestManyEntities asks for more entities than one request may have, and for more than a fetch may.
func TestManyEntities(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                      string
		books, different, refused int
		requests                  int
		missing                   func(id int) bool
		code                      string
	}{
		{"one request", 1_000, 250, -1, 1, nil, ""},
		{"two requests", 1_000, 251, -1, 2, nil, ""},
		{"as many as may be", 1_500, 1_000, -1, 4, nil, ""},
		{"too many", 1_500, 1_001, -1, 4, func(id int) bool { return id == 1_000 }, "MAX_SUBGRAPH_REQUESTS_LIMIT"},
		{"far too many", 5_000, 5_000, -1, 4, func(id int) bool { return id >= 1_000 }, "MAX_SUBGRAPH_REQUESTS_LIMIT"},
		{"a part fails", 800, 800, 300, 4, func(id int) bool { return id >= 250 && id < 500 }, "SUBREQUEST_HTTP_ERROR"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := stocked(t, test.books, test.different, test.refused)
			got, result := g.run(t.Context(), `{ books { copies } }`, "", execute.Input{})
			want := make([]string, test.books)
			for i := range want {
				want[i] = fmt.Sprintf(`{"copies":%d}`, i%test.different)
				if test.missing != nil && test.missing(i%test.different) {
					want[i] = `{"copies":null}`
				}
			}
			if !strings.HasPrefix(got, `{"data":{"books":[`+strings.Join(want, ",")+`]}`) {
				t.Errorf("wrong data: %.300s", got)
			}
			var codes []string
			for _, e := range result.Errors {
				codes = append(codes, e.Code)
				if fmt.Sprint(e.Path) != "[books]" {
					t.Errorf("the path is %v", e.Path)
				}
			}
			if strings.Join(codes, " ") != test.code {
				t.Errorf("codes %q, want %q", codes, test.code)
			}
			if n := slices.Max(result.Fetches); n != test.requests || len(g.sent["stock"]) != n {
				t.Errorf("%d requests, %d counted, want %d", len(g.sent["stock"]), n, test.requests)
			}
		})
	}
}

// TestManyRequests has 25 subgraphs of which each is asked for as many books as may be, in four requests. With the one for
// the books themselves that is one too many.
func TestManyRequests(t *testing.T) {
	t.Parallel()
	sdl := map[string]string{"books": `type Query { books: [Book] } type Book @key(fields: "id") { id: ID }`}
	query := ""
	for i := range 25 {
		sdl[fmt.Sprint("more", i)] = fmt.Sprintf(`type Book @key(fields: "id") { id: ID f%d: Int }`, i)
		query += fmt.Sprint(" f", i)
	}
	g := newGraph(t, sdl)
	list := make([]string, 1_000)
	for i := range list {
		list[i] = fmt.Sprintf(`{"id":"%d"}`, i)
	}
	g.answers("books", `{"data":{"books":[`+strings.Join(list, ",")+`]}}`)
	for i := range 25 {
		entity := fmt.Sprintf(`{"f%d":1},`, i)
		g.answers(fmt.Sprint("more", i), `{"data":{"_entities":[`+strings.TrimSuffix(strings.Repeat(entity, 250), ",")+`]}}`)
	}
	got, result := g.run(t.Context(), `{ books {`+query+`} }`, "", execute.Input{})
	sent := 0
	for _, bodies := range g.sent {
		sent += len(bodies)
	}
	if sent != 100 || strings.Count(got, ":null") != 250 || strings.Count(got, ":1") != 24_750 {
		t.Errorf("%d requests, %d values missing, %d given, want 100, 250, 24,750", sent, strings.Count(got, ":null"), strings.Count(got, ":1"))
	}
	if len(result.Errors) != 1 || result.Errors[0].Code != "MAX_SUBGRAPH_REQUESTS_LIMIT" {
		t.Errorf("errors %v", result.Errors)
	}
}
