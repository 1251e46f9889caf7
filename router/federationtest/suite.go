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
	Calls      []Recorded // what a gateway once asked; the copies that come with the code have none
	Fewest     []int      // subgraph requests of the best known plan, by test
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

// copies is the folder of the suites that come with the code.
const copies = "testdata"

// Suites loads the suites of SOUK_SHARED, or of the folder shared beside the repository, or else the dozen that comes
// with the code.
func Suites(t testing.TB) []*Suite {
	t.Helper()
	root := Shared(t)
	if root == "" {
		root = copies
	}
	suites, err := loadSuites(root)
	if err != nil {
		t.Fatal(err)
	}
	return suites
}

// Shared returns the folder of the shared fixtures, or "" where it is absent and nobody says that it must be there.
func Shared(t testing.TB) string {
	t.Helper()
	shared, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	root := filepath.Join(shared, "fixtures", "federation")
	if _, err := os.Stat(root); err == nil {
		return root
	} else if set {
		t.Fatalf("no federation fixtures: %v", err)
	}
	return ""
}

func loadSuites(root string) ([]*Suite, error) {
	files, err := filepath.Glob(filepath.Join(root, "*", "tests.json"))
	if err != nil {
		return nil, err
	}
	var fewest map[string][]int
	if err := readJSON(filepath.Join(root, "fetches.json"), &fewest); err != nil {
		return nil, err
	}
	suites := make([]*Suite, len(files))
	for i, file := range files {
		s, err := loadSuite(filepath.Dir(file))
		if err != nil {
			return nil, err
		}
		if s.Fewest = fewest[s.Name]; len(s.Fewest) != len(s.Tests) {
			return nil, fmt.Errorf("suite %s has %d tests, and fetches.json counts %d", s.Name, len(s.Tests), len(s.Fewest))
		}
		suites[i] = s
	}
	return suites, nil
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
	if err := readJSON(filepath.Join(dir, "recordings.json"), &recordings); err != nil && !os.IsNotExist(err) {
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
