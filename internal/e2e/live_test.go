package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// film is a foreign subgraph whose schema can change while it runs.
type film struct {
	mu  sync.Mutex
	sdl string
}

func (f *film) tell(sdl string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sdl = sdl
}

func (f *film) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	data := map[string]any{"film": "Metropolis", "year": 1927}
	if strings.Contains(string(body), "_service") {
		data = map[string]any{"_service": map[string]any{"sdl": f.sdl}}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])` + "\n"

// code asks and returns the code of the first error, or "".
func (s *shop) code(query string) string {
	if a := s.ask("", query, nil); len(a.Errors) > 0 {
		return get[string](s.t, a.Errors[0].Extensions, "code")
	}
	return ""
}

// TestGraphFollowsARunningSubgraph joins a foreign subgraph to the shop by its address and lets it change its schema, once
// so that it no longer fits.
func TestGraphFollowsARunningSubgraph(t *testing.T) {
	t.Parallel()
	f := &film{}
	f.tell(link + `type Query { film: String }`)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	s := &shop{t: t, state: stateDir(t), processes: map[string]*process{}}
	p := start(t, nil, "--state-dir", s.state, "--listen", "127.0.0.1:0", "--subgraph", "film="+server.URL+"/graphql")
	s.graph = p.waitFor(`graph +(http://\S+/graphql)`)
	if a := s.must("", `{ film products { totalCount { value } } }`, nil); a.Extensions.Souk.Fetches["film"] != 1 {
		t.Errorf("fetches %v, want 1 of film", a.Extensions.Souk.Fetches)
	}
	f.tell(link + `type Query { film: Int  products: String }`)
	p.waitFor(`new graph refused`)
	if code := s.code(`{ film }`); code != "" {
		t.Errorf("after a schema that does not fit: %s, want the old graph", code)
	}
	f.tell(link + `type Query { film: String  year: Int }`)
	p.waitFor(`new graph serves`)
	if code := s.code(`{ film year }`); code != "" {
		t.Errorf("after a schema that fits: %s", code)
	}
}

// TestSchemaOfAFile joins a foreign subgraph whose schema is in a file: it is not asked for it.
func TestSchemaOfAFile(t *testing.T) {
	t.Parallel()
	f := &film{} // Its answer to _service is empty.
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "film.graphql")
	if err := os.WriteFile(file, []byte(link+`type Query { film: String }`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t}
	p := start(t, nil, "--state-dir", stateDir(t), "--listen", "127.0.0.1:0", "--subgraph", "film="+server.URL+"/graphql", "--schema", "film="+file)
	s.graph = p.waitFor(`graph +(http://\S+/graphql)`)
	if a := s.must("", `{ film }`, nil); get[string](t, a.Data, "film") != "Metropolis" {
		t.Errorf("answered %v", a.Data)
	}
	if out, code := once(t, nil, "router", "--schema", "film="+file); code == 0 || !strings.Contains(out, "--subgraph") {
		t.Errorf("a schema without an address ended with %d and says:\n%s", code, out)
	}
}

// TestGraphFollowsAFile serves a supergraph of a file with no other service, changes it, and breaks it.
func TestGraphFollowsAFile(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&film{})
	t.Cleanup(server.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "supergraph.graphql")
	write := func(path, text string) {
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	composed := func(sdl string) string {
		source := filepath.Join(dir, "film.graphql")
		write(source, link+sdl)
		text, code := once(t, nil, "compose", "film="+source)
		if code != 0 {
			t.Fatal(text)
		}
		return text
	}
	write(file, composed(`type Query { film: String }`))
	s := &shop{t: t}
	p := start(t, nil, "router", "--supergraph", file, "--listen", "127.0.0.1:0", "--subgraph", "film="+server.URL+"/graphql")
	s.graph = p.waitFor(`router answers at (http://\S+/graphql)`)
	if a := s.must("", `{ film }`, nil); get[string](t, a.Data, "film") != "Metropolis" {
		t.Errorf("answered %v", a.Data)
	}
	if code := s.code(`{ film year }`); code != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("an unknown field: %q", code)
	}
	write(file, "type Query {")
	p.waitFor(`new graph refused`)
	if code := s.code(`{ film }`); code != "" {
		t.Errorf("after a broken file: %s, want the old graph", code)
	}
	write(file, composed(`type Query { film: String  year: Int }`))
	p.waitFor(`new graph serves`)
	if code := s.code(`{ film year }`); code != "" {
		t.Errorf("after a good file: %s", code)
	}
}

// TestComposeSaysWhy composes what does not fit and asks for a plan.
func TestComposeSaysWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, sdl := range map[string]string{"a": `type Query { x: Int }`, "b": `type Query { x: String y: Missing }`, "q": `{ products(first: 1) { nodes { title } } }`} {
		if name != "q" {
			sdl = link + sdl
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(sdl), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, code := once(t, nil, "compose", "a="+filepath.Join(dir, "a"), "b="+filepath.Join(dir, "b"))
	if code == 0 || !strings.Contains(out, "INVALID_GRAPHQL") || !strings.Contains(out, "Missing") {
		t.Errorf("ended with %d and says:\n%s", code, out)
	}
	if out, code := once(t, nil, "plan", filepath.Join(dir, "q")); code != 0 || !strings.Contains(out, "product") || !strings.Contains(out, "title") {
		t.Errorf("plan ended with %d and says:\n%s", code, out)
	}
}
