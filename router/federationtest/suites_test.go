package federationtest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/federationtest"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
)

// spare is how many more requests all suites may need where requests are not shared as well as they can be: 295 instead
// of the 290 that the best of four gateways needed for each test.
const spare = 5

// TestSuites runs every fixture against the router with the supergraph that the fixture gives.
func TestSuites(t *testing.T) {
	t.Parallel()
	for _, s := range federationtest.Suites(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			runSuite(t, s, read(t, s))
		})
	}
}

func read(t *testing.T, s *federationtest.Suite) *supergraph.Model {
	t.Helper()
	m, err := supergraph.Read(s.Supergraph)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestNestedRequirements asks for a field with requirements below itself, for other objects.
func TestNestedRequirements(t *testing.T) {
	t.Parallel()
	suites := federationtest.Suites(t)
	s := suites[slices.IndexFunc(suites, func(s *federationtest.Suite) bool { return s.Name == "abstract-types" })]
	subgraphs, err := s.Subgraphs(resolversOf(s.Data[0]))
	if err != nil {
		t.Fatal(err)
	}
	h := federationtest.NewHarness(t, read(t, s), subgraphs, federationtest.Way{})
	answer, err := h.Ask(`{"query":"{ magazines { reviewsOfSimilar { product { ... on Magazine { hidden reviewsCount reviewsOfSimilar { __typename } } } } } }"}`)
	if err != nil || strings.Contains(string(answer), "OPERATION_NOT_PLANNABLE") || !strings.Contains(string(answer), "reviewsOfSimilar") {
		t.Errorf("%s %v", answer, err)
	}
}

// TestRequests counts the subgraph requests of one run of all suites.
func TestRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		batch plan.Batch
		spare int
	}{{"by level", plan.BatchLevel, 0}, {"by dependencies", plan.BatchDeps, spare}, {"off", plan.BatchOff, spare}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			total, fewest, tests := 0, 0, 0
			for _, s := range federationtest.Suites(t) {
				resolvers := newShop().resolvers()
				if len(s.Data) > 0 {
					resolvers = resolversOf(s.Data[0])
				}
				for _, n := range runTests(t, s, read(t, s), resolvers, federationtest.Way{Plan: plan.Options{Batch: c.batch}}) {
					total += n
				}
				for _, n := range s.Fewest {
					fewest += n
				}
				tests += len(s.Tests)
			}
			t.Logf("%d subgraph requests for %d tests", total, tests)
			if total > fewest+c.spare {
				t.Errorf("%d subgraph requests, want at most %d", total, fewest+c.spare)
			}
		})
	}
}

// TestComposedSuites runs every fixture with the supergraph that we compose of its subgraphs.
func TestComposedSuites(t *testing.T) {
	t.Parallel()
	for _, s := range federationtest.Suites(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			runSuite(t, s, composed(t, s))
		})
	}
}

func composed(t *testing.T, s *federationtest.Suite) *supergraph.Model {
	t.Helper()
	var sources []compose.Source
	for name, sdl := range s.SDL {
		sources = append(sources, compose.Source{Name: name, SDL: sdl})
	}
	result, errs := compose.Compose(t.Context(), sources)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return result.Model
}

// runSuite runs the suite over HTTP and in this process, with each set of its data.
func runSuite(t *testing.T, s *federationtest.Suite, m *supergraph.Model) {
	t.Helper()
	for _, overHTTP := range []bool{false, true} {
		way := map[bool]string{false: "local", true: "network"}[overHTTP]
		if s.Name == "mutations" {
			t.Run(way, func(t *testing.T) {
				t.Parallel()
				atMost(t, s, runTests(t, s, m, newShop().resolvers(), federationtest.Way{HTTP: overHTTP}))
			})
		}
		for i, data := range s.Data {
			t.Run(fmt.Sprintf("%s/data %d", way, i), func(t *testing.T) {
				t.Parallel()
				atMost(t, s, runTests(t, s, m, resolversOf(data), federationtest.Way{HTTP: overHTTP}))
			})
		}
	}
}

func resolversOf(data map[string]*federationtest.Data) map[string]federationtest.Resolver {
	resolvers := map[string]federationtest.Resolver{}
	for name, d := range data {
		resolvers[name] = d
	}
	return resolvers
}

// atMost demands that no test needs more subgraph requests than the best known plan.
func atMost(t *testing.T, s *federationtest.Suite, requests []int) {
	t.Helper()
	for i, n := range requests {
		if n > s.Fewest[i] {
			t.Errorf("test %d needs %d subgraph requests, %d are enough\n%s", i, n, s.Fewest[i], s.Tests[i].Query)
		}
	}
}

// runTests runs the tests of a suite, and returns how many subgraph requests each needed.
func runTests(t *testing.T, s *federationtest.Suite, m *supergraph.Model, resolvers map[string]federationtest.Resolver, way federationtest.Way) []int {
	t.Helper()
	subgraphs, err := s.Subgraphs(resolvers)
	if err != nil {
		t.Fatal(err)
	}
	h := federationtest.NewHarness(t, m, subgraphs, way)
	requests := make([]int, len(s.Tests))
	for i, test := range s.Tests {
		// What changes data does so once for each request id.
		query := strings.ReplaceAll(test.Query, "request-1", fmt.Sprintf("request-%d", i))
		want, err := json.Marshal(test.Expected.Data)
		if err != nil {
			t.Fatal(err)
		}
		want = []byte(strings.ReplaceAll(string(want), "request-1", fmt.Sprintf("request-%d", i)))
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		before := h.Calls()
		answer, err := h.Ask(string(body))
		if err != nil {
			t.Fatal(err)
		}
		compare(t, fmt.Sprintf("test %d\n%s", i, query), want, answer, test.Expected.Errors)
		requests[i] = h.Calls() - before
	}
	return requests
}

// compare demands equal data, and errors where they are expected.
func compare(t *testing.T, what string, want, answer []byte, errors bool) {
	t.Helper()
	var got struct {
		Data   any
		Errors []any
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatalf("%s: the answer is no JSON: %v\n%s", what, err, answer)
	}
	var data any
	if err := json.Unmarshal(want, &data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(data, got.Data); diff != "" {
		t.Errorf("%s\ndata (-want +got)\n%s%v", what, diff, got.Errors)
	}
	if errors && len(got.Errors) == 0 {
		t.Errorf("%s: an error is expected", what)
	}
}
