package solve

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

// TestPruning compares the solver with one that leaves no combination out.
func TestPruning(t *testing.T) {
	t.Parallel()
	shared, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		shared = filepath.Join("..", "..", "..", "..", "shared")
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
			var tests []struct{ Query string }
			if err := json.Unmarshal(text, &tests); err != nil {
				t.Fatal(err)
			}
			for i, test := range tests {
				d, errs := operation.Parse(m, test.Query, "", operation.Limits{})
				if len(errs) > 0 {
					continue
				}
				values, errs := d.Coerce(nil)
				if len(errs) > 0 {
					continue
				}
				op := d.Specialise(values.Conditions)
				pruned, all := total(t, m, op, false), total(t, m, op, true)
				if pruned != all {
					t.Errorf("test %d: cost %+v, the best is %+v\n%s", i, pruned, all, test.Query)
				}
			}
		})
	}
}

func total(t *testing.T, m *supergraph.Model, op *operation.Op, all bool) cost {
	t.Helper()
	s := New(m, Options{})
	s.all = all
	choices, err := s.Roots(op)
	if err != nil {
		t.Fatal(err)
	}
	if s.budget < 0 {
		t.Error("the budget was not enough")
	}
	var c cost
	for _, choice := range choices {
		c = c.plus(choice.cost)
	}
	return c
}
