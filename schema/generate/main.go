// Command generate writes the Go code of the four subgraphs with gqlgen and composes their schemas into the supergraph.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/schema"
)

func main() {
	log.SetOutput(io.Discard) // gqlgen tells of every entity that it makes a resolver for it.
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run() error {
	template, err := os.ReadFile("gqlgen.yml")
	if err != nil {
		return err
	}
	for _, subgraph := range schema.Subgraphs {
		if err := generate(string(template), subgraph); err != nil {
			return fmt.Errorf("%s: %w", subgraph, err)
		}
	}
	return composeSupergraph()
}

// composeSupergraph writes the graph that the four make together.
func composeSupergraph() error {
	var sources []compose.Source
	for _, subgraph := range schema.Subgraphs {
		sources = append(sources, compose.Source{Name: subgraph, SDL: schema.SDL(subgraph)})
	}
	composed, problems := compose.Compose(context.Background(), sources)
	if len(problems) > 0 {
		return fmt.Errorf("compose: %w", problems)
	}
	return os.WriteFile("schema/supergraph.graphql", []byte(composed.SDL), 0o644)
}

// generate fills the one configuration in for a subgraph and runs gqlgen.
func generate(template, subgraph string) error {
	var unknown error
	text := os.Expand(template, func(name string) string {
		if name != "subgraph" {
			unknown = fmt.Errorf("gqlgen.yml: unknown ${%s}", name)
		}
		return subgraph
	})
	if unknown != nil {
		return unknown
	}
	cfg, err := config.ReadConfig(strings.NewReader(text))
	if err != nil {
		return err
	}
	return api.Generate(cfg)
}
