package plan_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

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

// TestFixtures plans the queries of the federation fixtures six times, always the same.
func TestFixtures(t *testing.T) {
	t.Parallel()
	type test struct {
		Query    string
		Expected struct{ Data any }
	}
	dir := federation(t)
	suites, err := filepath.Glob(filepath.Join(dir, "*", "tests.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range suites {
		suite := filepath.Dir(file)
		t.Run(filepath.Base(suite), func(t *testing.T) {
			t.Parallel()
			sdl, err := os.ReadFile(filepath.Join(suite, "supergraph.graphql"))
			if err != nil {
				t.Fatal(err)
			}
			for i, test := range read[[]test](t, file) {
				var first string
				var m *supergraph.Model
				for n := range 6 {
					if n%3 == 0 {
						if m, err = supergraph.Read(string(sdl)); err != nil {
							t.Fatal(err)
						}
					}
					got, _ := text(m, test.Query, "{}")
					if n == 0 {
						first = got
					} else if got != first {
						t.Fatalf("test %d: two plans for\n%s\n%s\n%s", i, test.Query, first, got)
					}
				}
			}
		})
	}
}
