package federationtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/federationtest"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
)

const (
	worlds          = 2_000
	queriesPerWorld = 5
	patience        = time.Minute
)

// TestWorlds compares the router's answers over random subgraphs with those of one service that knows all. Worlds that
// do not compose do not count. Set SOUK_WORLDS to look at more, however long it takes, and SOUK_SEED to begin elsewhere
// than with today's date.
func TestWorlds(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	n, seed := setting(t, "SOUK_WORLDS", worlds), setting(t, "SOUK_SEED", today())
	hurry := os.Getenv("SOUK_WORLDS") == ""
	looked, composed := 0, 0
	for composed < n && !t.Failed() && !(hurry && time.Since(begin) > patience) {
		if tryWorld(t, seed, looked) {
			composed++
		}
		looked++
		if looked >= 200 && composed*10 < looked*3 {
			t.Errorf("seed %d: only %d of %d worlds compose: the generator is too careless", seed, composed, looked)
		}
	}
	t.Logf("seed %d: %d of %d worlds compose, and each was asked %d operations; %d were left out for want of time",
		seed, composed, looked, queriesPerWorld, n-composed)
}

// today returns the date as a number: the seed that is new each day.
func today() int {
	year, month, day := time.Now().UTC().Date()
	return year*10_000 + int(month)*100 + day
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

// tryWorld makes a world and asks it, if it composes.
func tryWorld(t *testing.T, seed, i int) bool {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(seed), uint64(i)))
	w := federationtest.NewWorld(r)
	sources := sourcesOf(w)
	result, errs := compose.Compose(t.Context(), sources)
	for _, err := range errs {
		if err.Code != "SATISFIABILITY_ERROR" {
			t.Errorf("seed %d, world %d: %v\n%s", seed, i, errs, texts(sources))
			return false
		}
	}
	if len(errs) > 0 {
		return false
	}
	asked := make([]string, queriesPerWorld)
	for j := range asked {
		query, variables := w.Operation(r)
		body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		asked[j] = string(body)
	}
	ways := []federationtest.Way{{}}
	switch i % 10 {
	case 0:
		ways = append(ways, federationtest.Way{HTTP: true})
	case 2, 4, 6:
		ways = append(ways, federationtest.Way{Plan: plan.Options{Batch: plan.BatchOff}})
	case 8:
		ways = append(ways, federationtest.Way{Plan: plan.Options{Batch: plan.BatchDeps}})
	}
	for _, way := range ways {
		p := newPair(t, w, result, way)
		for _, body := range asked {
			if problem := p.ask(t, body); problem != "" {
				t.Errorf("seed %d, world %d, %+v\n%s\n%s", seed, i, way, body, problem)
				t.Logf("in short:\n%s", shrink(t, w, way, body))
				return true
			}
		}
	}
	return true
}

// sourcesOf returns the schemas of the world's subgraphs that are not empty.
func sourcesOf(w *federationtest.World) []compose.Source {
	var sources []compose.Source
	for g := range w.Graphs() {
		if sdl := w.SDL(g); strings.Contains(sdl, "type ") {
			sources = append(sources, compose.Source{Name: federationtest.GraphName(g), SDL: sdl})
		}
	}
	return sources
}

func texts(sources []compose.Source) string {
	var b strings.Builder
	for _, s := range sources {
		b.WriteString("-- subgraph " + s.Name + " --\n" + s.SDL)
	}
	return b.String()
}

// pair is a router over a world's subgraphs, and the monolith.
type pair struct {
	result *compose.Result
	way    federationtest.Way
	router *federationtest.Harness
	whole  *federationtest.Subgraph

	abstract bool // there are interfaces or unions
}

func newPair(t testing.TB, w *federationtest.World, result *compose.Result, way federationtest.Way) *pair {
	t.Helper()
	subgraphs := map[string]*federationtest.Subgraph{}
	for g, resolver := range w.Resolvers() {
		name := federationtest.GraphName(g)
		s, err := federationtest.NewSubgraph(name, w.Exec(g), resolver)
		if err != nil {
			t.Fatalf("%v\n%s", err, w.Exec(g))
		}
		subgraphs[name] = s
	}
	whole, err := federationtest.NewSubgraph("monolith", w.Monolith(), w.Whole())
	if err != nil {
		t.Fatalf("%v\n%s", err, w.Monolith())
	}
	return &pair{result, way, federationtest.NewHarness(t, result.Model, subgraphs, way), whole, w.Abstract()}
}

// response is what is compared of an answer. The members of the data stand in the order of the query.
type response struct {
	Data   json.RawMessage
	Errors []struct {
		Message string
		Path    []any
	}
}

// nulls lists the places of the data that are null because of errors, each once. How many errors tell why a place is
// null is up to the server: it may stop at the first.
func (r response) nulls() ([]string, error) {
	var data any
	if err := json.Unmarshal(r.Data, &data); err != nil {
		return nil, err
	}
	var places []string
	for _, e := range r.Errors {
		at, n := data, 0
		for ; n < len(e.Path) && at != nil; n++ {
			switch step := e.Path[n].(type) {
			case string:
				object, ok := at.(map[string]any)
				if !ok {
					return nil, fmt.Errorf("the data have no %v", e.Path)
				}
				at = object[step]
			case float64:
				list, ok := at.([]any)
				if !ok || int(step) >= len(list) {
					return nil, fmt.Errorf("the data have no %v", e.Path)
				}
				at = list[int(step)]
			}
		}
		if at != nil {
			return nil, fmt.Errorf("there is an error at %v, but also data", e.Path)
		}
		places = append(places, fmt.Sprint(e.Path[:n]))
	}
	slices.Sort(places)
	return slices.Compact(places), nil
}

// complete tells whether the data have all that was asked for, so that every request of a plan without conditions on
// types was of use.
func complete(data []byte) bool {
	return !bytes.Contains(data, []byte("null")) && !bytes.Contains(data, []byte("[]"))
}

// notGood begins the description of a query that is not valid.
const notGood = "the query is not good: "

// ask asks both, and describes how their answers differ.
func (p *pair) ask(t testing.TB, body string) string {
	t.Helper()
	rec := httptest.NewRecorder()
	p.whole.ServeHTTP(rec, httptest.NewRequest("POST", "/", strings.NewReader(body)))
	var want, got response
	if err := json.Unmarshal(rec.Body.Bytes(), &want); err != nil {
		t.Fatal(err)
	}
	if want.Data == nil {
		return fmt.Sprint(notGood, want.Errors)
	}
	before := p.router.Calls()
	answer, err := p.router.Ask(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatalf("%v\n%s", err, answer)
	}
	if diff := cmp.Diff(string(want.Data), string(got.Data)); diff != "" {
		return fmt.Sprintf("data (-want +got)\n%serrors %v, want %v", diff, got.Errors, want.Errors)
	}
	because, err := want.nulls()
	if err != nil {
		t.Fatal(err)
	}
	blamed, err := got.nulls()
	if diff := cmp.Diff(because, blamed); diff != "" || err != nil {
		return fmt.Sprintf("nulls with errors (-want +got)\n%serrors %v, want %v, %v", diff, got.Errors, want.Errors, err)
	}
	calls, planned := p.router.Calls()-before, p.planned(t, body)
	if calls > planned || calls < planned && !p.abstract && complete(want.Data) {
		return fmt.Sprintf("%d subgraph requests, though the plan has %d", calls, planned)
	}
	return ""
}

// planned returns how many requests the plan for the operation has.
func (p *pair) planned(t testing.TB, body string) int {
	t.Helper()
	var asked struct {
		Query     string
		Variables json.RawMessage
	}
	if err := json.Unmarshal([]byte(body), &asked); err != nil {
		t.Fatal(err)
	}
	doc, errs := operation.Parse(p.result.Model, asked.Query, "", federationtest.Generous)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	values, errs := doc.Coerce(asked.Variables)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	made, err := plan.New(p.result.Model, doc.Specialise(values.Conditions), p.way.Plan)
	if err != nil {
		t.Fatal(err)
	}
	return made.Stats().Requests
}
