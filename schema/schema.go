// Package schema holds the contract of the graph: what the world may ask.
package schema

import "embed"

//go:embed *.graphql
var files embed.FS

// Subgraphs lists the services of the shop in the order in which they start.
var Subgraphs = []string{"product", "cart", "checkout", "customer"}

// SDL returns the schema of a subgraph as it is written here: the shared part and its own.
func SDL(subgraph string) string { return read("shared") + "\n" + read(subgraph) }

// Supergraph returns the composed graph of all subgraphs.
func Supergraph() string { return read("supergraph") }

func read(name string) string {
	b, err := files.ReadFile(name + ".graphql")
	if err != nil {
		panic(err) // The files are part of the program.
	}
	return string(b)
}
