package router_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// schemaOf asks for the schema as text; headers are pairs.
func schemaOf(r *router.Router, method string, headers ...string) *httptest.ResponseRecorder {
	q := httptest.NewRequest(method, "/schema.graphql", nil)
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.Schema().ServeHTTP(w, q)
	return w
}

func TestSchemaAsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{Introspection: true}, nil)
	got := schemaOf(w.Router, http.MethodGet)
	if got.Code != 200 || got.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Fatalf("answered %d %v", got.Code, got.Header())
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: got.Body.String()})
	if err != nil {
		t.Fatalf("%v\n%s", err, got.Body)
	}
	if schema.Types["Person"] == nil || strings.Contains(got.Body.String(), "join__") {
		t.Errorf("the schema is\n%s", got.Body)
	}
	tag := got.Header().Get("Etag")
	if again := schemaOf(w.Router, http.MethodGet, "If-None-Match", `"other", `+tag); tag == "" || again.Code != 304 || again.Body.Len() > 0 {
		t.Errorf("asked for another text than %s: %d, %d bytes", tag, again.Code, again.Body.Len())
	}
	if head := schemaOf(w.Router, http.MethodHead); head.Code != 200 || head.Body.Len() > 0 || head.Header().Get("Etag") != tag {
		t.Errorf("HEAD answered %d %v, %d bytes", head.Code, head.Header(), head.Body.Len())
	}
	if post := schemaOf(w.Router, http.MethodPost); post.Code != 405 || post.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST answered %d %v", post.Code, post.Header())
	}
	if off := schemaOf(newWorld(t, router.Options{}, nil).Router, http.MethodGet, "If-None-Match", tag); off.Code != 404 {
		t.Errorf("without introspection: %d %s", off.Code, off.Body)
	}
}

// TestSchemaFollowsTheGraph swaps another graph in, larger than answers that are not compressed.
func TestSchemaFollowsTheGraph(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{Dev: true}, nil)
	before := schemaOf(w.Router, http.MethodGet)
	long := strings.Repeat("A very long description. ", 100)
	text := strings.Replace(model(t).SDL(), "type Person\n", `"""`+long+`"""`+"\ntype Person\n", 1)
	next, err := supergraph.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Swap(next, make([]fetch.Transport, len(next.Graphs))); err != nil {
		t.Fatal(err)
	}
	after := schemaOf(w.Router, http.MethodGet, "If-None-Match", before.Header().Get("Etag"))
	if after.Code != 200 || !strings.Contains(after.Body.String(), strings.TrimSpace(long)) {
		t.Errorf("after the swap: %d %s", after.Code, after.Body)
	}
	packed := schemaOf(w.Router, http.MethodGet, "Accept-Encoding", "zstd, gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= after.Body.Len() || !strings.Contains(strings.Join(packed.Header()["Vary"], ","), "Accept-Encoding") {
		t.Errorf("compressed: %v, %d of %d bytes", packed.Header(), packed.Body.Len(), after.Body.Len())
	}
}
