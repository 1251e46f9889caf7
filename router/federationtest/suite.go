package federationtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Suite is a folder of the federation fixtures.
type Suite struct {
	Name       string
	Supergraph string            // its SDL
	SDL        map[string]string // of each subgraph, as its author wrote it
	Exec       map[string]string // the executable schema of each subgraph
	Data       []map[string]*Data
	Tests      []Test
	Calls      []Recorded
	Fewest     []int // subgraph requests of the best known plan, by test
}

// Test is a query with its answer.
type Test struct {
	Query    string
	Expected struct {
		Data   any
		Errors bool
	}
}

// Recorded is a request to a subgraph with its answer.
type Recorded struct {
	Subgraph string
	Request  json.RawMessage
	Response struct{ Data, Errors any }
}

// Suites loads all suites. It skips the test where the fixtures are absent and nobody says that they must be there.
func Suites(t testing.TB) []*Suite {
	t.Helper()
	shared, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	root := filepath.Join(shared, "fixtures", "federation")
	dirs, err := filepath.Glob(filepath.Join(root, "*", "tests.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) == 0 {
		if set {
			t.Fatalf("no federation fixtures below %s", shared)
		}
		t.Skip("the shared fixtures are not here")
	}
	var fewest map[string][]int
	if err := readJSON(filepath.Join(root, "fetches.json"), &fewest); err != nil {
		t.Fatal(err)
	}
	suites := make([]*Suite, len(dirs))
	for i, file := range dirs {
		s, err := loadSuite(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		s.Fewest = fewest[s.Name]
		suites[i] = s
	}
	return suites
}

func loadSuite(dir string) (*Suite, error) {
	s := &Suite{Name: filepath.Base(dir), SDL: map[string]string{}, Exec: map[string]string{}}
	text, err := os.ReadFile(filepath.Join(dir, "supergraph.graphql"))
	if err != nil {
		return nil, err
	}
	s.Supergraph = string(text)
	files, err := filepath.Glob(filepath.Join(dir, "subgraphs", "*.graphql"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(file), ".graphql")
		if exec, ok := strings.CutSuffix(name, ".exec"); ok {
			s.Exec[exec] = string(text)
		} else {
			s.SDL[name] = string(text)
		}
	}
	if err := readJSON(filepath.Join(dir, "tests.json"), &s.Tests); err != nil {
		return nil, err
	}
	var recordings []struct{ Calls []Recorded }
	if err := readJSON(filepath.Join(dir, "recordings.json"), &recordings); err != nil {
		return nil, err
	}
	for _, r := range recordings {
		s.Calls = append(s.Calls, r.Calls...)
	}
	for _, name := range []string{"data.json", "data.punish.json"} {
		var data struct{ Subgraphs map[string]*Data }
		err := readJSON(filepath.Join(dir, name), &data)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.Data = append(s.Data, data.Subgraphs)
	}
	return s, nil
}

func readJSON(file string, v any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}

// Subgraphs makes the suite's subgraphs with the resolvers by name.
func (s *Suite) Subgraphs(resolvers map[string]Resolver) (map[string]*Subgraph, error) {
	subgraphs := make(map[string]*Subgraph, len(s.Exec))
	for name, schema := range s.Exec {
		r := resolvers[name]
		if r == nil {
			return nil, fmt.Errorf("suite %s: no data for the subgraph %s", s.Name, name)
		}
		subgraph, err := NewSubgraph(name, schema, r)
		if err != nil {
			return nil, fmt.Errorf("suite %s: schema of %s: %w", s.Name, name, err)
		}
		subgraphs[name] = subgraph
	}
	return subgraphs, nil
}
