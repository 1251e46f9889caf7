package federationtest_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/federationtest"
)

// queriesPerWorld is how much each random world is asked.
const queriesPerWorld = 10

// TestWorlds compares the router's answers over random subgraphs with those of one service that knows all. Set
// SOUK_WORLDS to look at more worlds, and SOUK_SEED to begin elsewhere.
func TestWorlds(t *testing.T) {
	t.Parallel()
	worlds, seed := setting(t, "SOUK_WORLDS", 60), setting(t, "SOUK_SEED", 1)
	composed := 0
	for i := range worlds {
		r := rand.New(rand.NewPCG(uint64(seed), uint64(i)))
		w := federationtest.NewWorld(r)
		var sources []compose.Source
		for g := range w.Graphs() {
			if sdl := w.SDL(g); strings.Contains(sdl, "type ") {
				sources = append(sources, compose.Source{Name: federationtest.GraphName(g), SDL: sdl})
			}
		}
		result, errs := compose.Compose(t.Context(), sources)
		if len(errs) > 0 {
			for _, err := range errs {
				if err.Code != "SATISFIABILITY_ERROR" {
					t.Fatalf("seed %d, world %d: %v\n%s", seed, i, errs, texts(sources))
				}
			}
			continue
		}
		composed++
		askWorld(t, r, w, result, i)
		if t.Failed() {
			t.Fatalf("seed %d, world %d\n%s", seed, i, texts(sources))
		}
	}
	if composed*10 < worlds*3 {
		t.Errorf("only %d of %d worlds compose: the generator is too careless", composed, worlds)
	}
	t.Logf("%d of %d worlds compose", composed, worlds)
}

func setting(t *testing.T, name string, fallback int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func texts(sources []compose.Source) string {
	var b strings.Builder
	for _, s := range sources {
		b.WriteString("# " + s.Name + "\n" + s.SDL + "\n")
	}
	return b.String()
}

// askWorld asks random queries twice: the router, and the monolith.
func askWorld(t *testing.T, r *rand.Rand, w *federationtest.World, result *compose.Result, world int) {
	t.Helper()
	subgraphs := map[string]*federationtest.Subgraph{}
	for g := range w.Graphs() {
		s, err := federationtest.NewSubgraph(federationtest.GraphName(g), w.Exec(g), w.Resolver(g))
		if err != nil {
			t.Fatalf("world %d: %v\n%s", world, err, w.Exec(g))
		}
		subgraphs[federationtest.GraphName(g)] = s
	}
	whole, err := federationtest.NewSubgraph("monolith", w.Monolith(), w.Whole())
	if err != nil {
		t.Fatalf("world %d: %v\n%s", world, err, w.Monolith())
	}
	h := federationtest.NewHarness(t, result.Model, subgraphs, false)
	for range queriesPerWorld {
		query, variables := w.Query(r)
		body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		rec := httptest.NewRecorder()
		whole.ServeHTTP(rec, httptest.NewRequest("POST", "/", strings.NewReader(string(body))))
		var want, got struct {
			Data   json.RawMessage // its members stand in the order of the query
			Errors any
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if want.Data == nil {
			t.Fatalf("world %d: the query is not good: %v\n%s", world, want.Errors, query)
		}
		answer, err := h.Ask(string(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(answer, &got); err != nil {
			t.Fatalf("%v\n%s", err, answer)
		}
		if diff := cmp.Diff(string(want.Data), string(got.Data)); diff != "" || (got.Errors == nil) != (want.Errors == nil) {
			t.Errorf("world %d: %s %v\nerrors %v, want %v\ndata (-want +got)\n%s", world, query, variables, got.Errors, want.Errors, diff)
			return
		}
	}
}
