package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// schemaText asks for the schema as text, unless it is still the one with the tag.
func (s *shop) schemaText(tag string) (status int, text, newTag string) {
	t := s.t
	t.Helper()
	w, body := exchange(t, http.MethodGet, strings.TrimSuffix(s.graph, "/graphql")+"/schema.graphql", "", "If-None-Match", tag)
	return w.StatusCode, string(body), w.Header.Get("ETag")
}

// TestSchemaOfARouterAlone serves a supergraph of a file, changes it, and asks for its schema as code generators do.
func TestSchemaOfARouterAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(sdl string) string {
		source, composed := filepath.Join(dir, "film.graphql"), filepath.Join(dir, "supergraph.graphql")
		if err := os.WriteFile(source, []byte(link+sdl), 0o600); err != nil {
			t.Fatal(err)
		}
		if text, code := once(t, nil, "compose", "film="+source, "-o", composed+".new"); code != 0 {
			t.Fatal(text)
		}
		if err := os.Rename(composed+".new", composed); err != nil {
			t.Fatal(err)
		}
		return composed
	}
	file := write(`type Query { film: String }`)
	serve := func(args ...string) (*shop, *process) {
		p := start(t, nil, append([]string{"router", "--supergraph", file, "--listen", "127.0.0.1:0", "--subgraph", "film=http://127.0.0.1:1/graphql"}, args...)...)
		return &shop{t: t, graph: p.waitFor(`router answers at (http://\S+/graphql)`)}, p
	}
	open, process := serve("--introspection", "on")
	closed, _ := serve("--introspection", "off")
	status, text, tag := open.schemaText("")
	if want := "type Query {\n  film: String\n}\n"; status != http.StatusOK || text != want {
		t.Errorf("answered %d %q, want %q", status, text, want)
	}
	if again, _, _ := open.schemaText(tag); again != http.StatusNotModified {
		t.Errorf("asked again: %d", again)
	}
	if status, _, _ := closed.schemaText(""); status != http.StatusNotFound {
		t.Errorf("without introspection: %d", status)
	}
	write(`type Query { film: String  year: Int }`)
	process.waitFor(`new graph serves`)
	if status, text, _ := open.schemaText(tag); status != http.StatusOK || !strings.Contains(text, "year: Int") {
		t.Errorf("after a new graph: %d %q", status, text)
	}
}
