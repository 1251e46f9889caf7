package operation_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

// TestFixtures normalises the queries of the federation fixtures.
func TestFixtures(t *testing.T) {
	t.Parallel()
	shared, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(shared, "fixtures", "federation", "*", "tests.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if set {
			t.Fatalf("no federation fixtures below %s", shared)
		}
		t.Skip("the shared fixtures are not here")
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			sdl, err := os.ReadFile(filepath.Join(dir, "supergraph.graphql"))
			if err != nil {
				t.Fatal(err)
			}
			m, err := supergraph.Read(string(sdl))
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var tests []struct {
				Query    string
				Expected struct{ Data, Errors any }
			}
			if err := json.Unmarshal(text, &tests); err != nil {
				t.Fatal(err)
			}
			for i, test := range tests {
				d, errs := operation.Parse(m, test.Query, "", operation.Limits{})
				if len(errs) > 0 {
					if test.Expected.Data != nil {
						t.Errorf("test %d: %v", i, errs)
					}
					continue
				}
				values, errs := d.Coerce(nil)
				if len(errs) > 0 {
					t.Errorf("test %d: %v", i, errs)
				}
				if op := d.Specialise(values.Conditions); op.Key == "" {
					t.Errorf("test %d has no key", i)
				}
			}
		})
	}
}
