package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// workload is one query of the benchmark.
type workload struct {
	name  string
	body  []byte // of the request
	reply []byte // that it must be given
}

// fixtures is what the benchmark is played with.
type fixtures struct {
	supergraph string
	workloads  []workload // the main one first
}

// readFixtures reads the folder gateway-bench of the shared fixtures, which SOUK_SHARED names.
func readFixtures() (*fixtures, error) {
	shared, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		shared = filepath.Join("..", "shared")
	}
	return readFixturesFrom(shared)
}

func readFixturesFrom(shared string) (*fixtures, error) {
	dir := filepath.Join(shared, "fixtures", "gateway-bench")
	text := map[string][]byte{}
	for _, name := range []string{"supergraph.graphql", "query.graphql", "body-medium.json", "body-small.json", "reference.json", "reference-medium.json", "reference-small.json"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("the benchmark's fixtures are not there (set SOUK_SHARED to the folder that holds fixtures/gateway-bench): %w", err)
		}
		text[name] = content
	}
	body, err := json.Marshal(map[string]string{"query": string(text["query.graphql"])})
	if err != nil {
		return nil, err
	}
	return &fixtures{supergraph: string(text["supergraph.graphql"]), workloads: []workload{
		{"full", body, text["reference.json"]},
		{"medium", text["body-medium.json"], text["reference-medium.json"]},
		{"small", text["body-small.json"], text["reference-small.json"]},
	}}, nil
}

// workload returns a workload by name.
func (f *fixtures) workload(name string) (workload, error) {
	for _, w := range f.workloads {
		if w.name == name {
			return w, nil
		}
	}
	return workload{}, fmt.Errorf("there is no query %q: use full, medium or small", name)
}

// mocksAddress is where the supergraph of the fixtures expects the subgraphs.
const mocksAddress = "127.0.0.1:4200"

// writeSupergraph writes the supergraph to a file, with the subgraphs at another address.
func (f *fixtures) writeSupergraph(file, address string) error {
	return os.WriteFile(file, []byte(strings.ReplaceAll(f.supergraph, mocksAddress, address)), 0o600)
}
