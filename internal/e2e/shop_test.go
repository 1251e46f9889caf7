package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var services = []string{"product", "cart", "checkout", "customer"}

// shop is a running shop, in one process or in five.
type shop struct {
	t         *testing.T
	state     string
	graph     string            // the address of the router's graph
	subgraphs map[string]string // the addresses of the services' graphs, where they listen
	processes map[string]*process
	env       map[string][]string // of each process, to start it again
}

// startOne starts the whole shop in one process.
func startOne(t *testing.T, env ...string) *shop {
	t.Helper()
	s := &shop{t: t, state: stateDir(t), processes: map[string]*process{}, env: map[string][]string{"souk": env}}
	s.startAgain()
	return s
}

// startAgain starts the whole shop in one process on its old data.
func (s *shop) startAgain() {
	s.t.Helper()
	p := start(s.t, s.env["souk"], "--state-dir", s.state, "--listen", "127.0.0.1:0")
	s.graph = p.waitFor(`graph +(http://\S+/graphql)`)
	s.processes["souk"] = p
}

// startFive starts the servers, and each service and the router in a process of its own.
func startFive(t *testing.T, names ...string) *shop {
	t.Helper()
	if len(names) == 0 {
		names = append(services[:len(services):len(services)], "router")
	}
	s := startServers(t)
	addresses := map[string]string{}
	for _, name := range names {
		addresses[name] = freeAddress(t)
		s.subgraphs[name] = "http://" + addresses[name] + "/graphql"
	}
	s.graph = s.subgraphs["router"]
	delete(s.subgraphs, "router")
	for _, name := range names {
		s.env[name] = append(s.variables(name), "SOUK_SUBGRAPHS="+s.others(name), listenVariable(name)+"="+addresses[name])
		s.startService(name)
	}
	for _, name := range names {
		s.processes[name].waitFor(`answers at`)
	}
	return s
}

func listenVariable(name string) string {
	if name == "router" {
		return "SOUK_LISTEN"
	}
	return "SOUK_" + strings.ToUpper(name) + "_LISTEN"
}

func (s *shop) startService(name string) {
	s.t.Helper()
	s.processes[name] = start(s.t, s.env[name], name, "--state-dir", s.state)
}

// others lists the addresses of the other services.
func (s *shop) others(name string) string {
	var list []string
	for _, other := range services {
		if address, there := s.subgraphs[other]; there && other != name {
			list = append(list, other+"="+address)
		}
	}
	return strings.Join(list, ",")
}

// variables reads the file that `souk servers` wrote for a service.
func (s *shop) variables(name string) []string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.state, "env", name+".env"))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

// answer is what a graph answers.
type answer struct {
	Data       map[string]any
	Errors     []graphError
	Extensions struct {
		Souk struct {
			Fetches    map[string]int
			Statements int
		}
	}
}

type graphError struct {
	Message    string
	Path       []any
	Extensions map[string]any
}

// ask sends an operation to the router.
func (s *shop) ask(token, query string, variables map[string]any) answer {
	s.t.Helper()
	return ask(s.t, s.graph, token, query, variables)
}

// must is ask for operations that may not have errors.
func (s *shop) must(token, query string, variables map[string]any) answer {
	s.t.Helper()
	a := s.ask(token, query, variables)
	if len(a.Errors) > 0 {
		s.t.Fatalf("%s\nhas errors: %+v", query, a.Errors)
	}
	return a
}

func ask(t *testing.T, address, token, query string, variables map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close() //nolint:errcheck // Nothing is lost when a body that was read cannot be closed.
	var a answer
	if err := json.NewDecoder(w.Body).Decode(&a); err != nil {
		t.Fatalf("%s answered %s: %v", address, w.Status, err)
	}
	return a
}

// get reads a value of an answer by its path of keys and indexes.
func get[T any](t *testing.T, data any, path ...any) T {
	t.Helper()
	at := data
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := at.(map[string]any)
			if !ok {
				t.Fatalf("%v: %q of %v", path, step, at)
			}
			at = m[step]
		case int:
			l, ok := at.([]any)
			if !ok || step >= len(l) {
				t.Fatalf("%v: %d of %v", path, step, at)
			}
			at = l[step]
		}
	}
	v, ok := at.(T)
	if !ok {
		t.Fatalf("%v is %v (%T)", path, at, at)
	}
	return v
}

// data returns the path of a file with real data, or skips the test where there is none.
func data(t *testing.T, name string) string {
	t.Helper()
	dir, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	path, err := filepath.Abs(filepath.Join(dir, "data", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		if set {
			t.Fatal(err)
		}
		t.Skip("no SOUK_SHARED: the real catalogue exports are not here")
	}
	return path
}

// load imports a file into the shop as a user would.
func (s *shop) load(file string, args ...string) string {
	s.t.Helper()
	file, err := filepath.Abs(file)
	if err != nil {
		s.t.Fatal(err)
	}
	text, code := once(s.t, nil, append([]string{"import", "--format", "shopify", "--state-dir", s.state, file}, args...)...)
	if code != 0 {
		s.t.Fatalf("import of %s ended with %d:\n%s", filepath.Base(file), code, text)
	}
	return text
}

// signUp opens an account and returns a token.
func (s *shop) signUp(email, firstName string) string {
	s.t.Helper()
	const password = "correct horse battery"
	s.must("", `mutation($i: CustomerCreateInput!) { customerCreate(input: $i) { customer { id } customerUserErrors { code message } } }`,
		map[string]any{"i": map[string]any{"email": email, "firstName": firstName, "password": password}})
	a := s.must("", `mutation($i: CustomerAccessTokenCreateInput!) { customerAccessTokenCreate(input: $i) { customerAccessToken { accessToken } } }`,
		map[string]any{"i": map[string]any{"email": email, "password": password}})
	return get[string](s.t, a.Data, "customerAccessTokenCreate", "customerAccessToken", "accessToken")
}

// variantIDs returns the ids of n variants that can be bought.
func (s *shop) variantIDs(n int) []string {
	s.t.Helper()
	a := s.must("", `{ products(first: 250) { nodes { variants(first: 250) { nodes { id availableForSale } } } } }`, nil)
	var ids []string
	for _, p := range get[[]any](s.t, a.Data, "products", "nodes") {
		for _, v := range get[[]any](s.t, p, "variants", "nodes") {
			if get[bool](s.t, v, "availableForSale") && len(ids) < n {
				ids = append(ids, get[string](s.t, v, "id"))
			}
		}
	}
	if len(ids) < n {
		s.t.Fatalf("only %d variants can be bought, want %d", len(ids), n)
	}
	return ids
}

// lines makes the input of cart lines: one piece of each variant.
func lines(variants []string) []map[string]any {
	var l []map[string]any
	for _, id := range variants {
		l = append(l, map[string]any{"merchandiseId": id, "quantity": 1})
	}
	return l
}

// startServers starts the servers alone.
func startServers(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, state: stateDir(t), subgraphs: map[string]string{}, processes: map[string]*process{}, env: map[string][]string{}}
	s.processes["servers"] = start(t, nil, "servers", "--state-dir", s.state)
	s.processes["servers"].waitFor(`Ctrl-C`)
	return s
}

// startSome starts some services and the router in one process, on servers that are there.
func (s *shop) startSome(t *testing.T, names []string) *shop {
	t.Helper()
	some := &shop{t: t, state: s.state, processes: map[string]*process{}}
	names = append(names[:len(names):len(names)], "router")
	var env []string
	for _, name := range names {
		env = append(env, without(s.variables(name), "SOUK_SUBGRAPHS")...)
		env = append(env, listenVariable(name)+"=127.0.0.1:0")
	}
	p := start(t, env, append(names, "--state-dir", s.state)...)
	some.graph = p.waitFor(`router answers at (http://\S+/graphql)`)
	some.processes["router"] = p
	return some
}

// fetchPicture reads what an address of ours serves.
func fetchPicture(t *testing.T, address string) []byte {
	t.Helper()
	w, b := exchange(t, http.MethodGet, address, "")
	if media := w.Header.Get("Content-Type"); w.StatusCode != http.StatusOK || media != "image/png" {
		t.Fatalf("%s answered %s, %s", address, w.Status, media)
	}
	return b
}
