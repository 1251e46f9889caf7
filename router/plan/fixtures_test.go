package plan_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
)

// federation returns the folder of the federation fixtures.
func federation(t *testing.T) string {
	t.Helper()
	shared, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "fixtures", "federation")
	if _, err := os.Stat(dir); err != nil {
		if set {
			t.Fatalf("no federation fixtures: %v", err)
		}
		t.Skip("the shared fixtures are not here")
	}
	return dir
}

func read[T any](t *testing.T, path string) T {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

// TestFixtures plans the queries of the federation fixtures with no more requests than the best known plan has.
func TestFixtures(t *testing.T) {
	t.Parallel()
	dir := federation(t)
	type test struct {
		Query    string
		Expected struct{ Data any }
	}
	for suite, best := range read[map[string][]int](t, filepath.Join(dir, "fetches.json")) {
		t.Run(suite, func(t *testing.T) {
			t.Parallel()
			sdl, err := os.ReadFile(filepath.Join(dir, suite, "supergraph.graphql"))
			if err != nil {
				t.Fatal(err)
			}
			m, err := supergraph.Read(string(sdl))
			if err != nil {
				t.Fatal(err)
			}
			for i, test := range read[[]test](t, filepath.Join(dir, suite, "tests.json")) {
				d, errs := operation.Parse(m, test.Query, "", operation.Limits{})
				if len(errs) > 0 {
					continue
				}
				values, errs := d.Coerce(nil)
				if len(errs) > 0 {
					continue
				}
				p, err := plan.New(m, d.Specialise(values.Conditions), plan.Options{})
				if err != nil {
					t.Errorf("test %d: %v\n%s", i, err, test.Query)
					continue
				}
				if n := p.Stats().Requests; n > best[i] {
					t.Errorf("test %d: %d requests, best known %d\n%s\n%s", i, n, best[i], test.Query, p.Text())
				}
			}
		})
	}
}
