// Command outside hands to other people's programs what only ours can make.
package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/federationtest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) > 0 && args[0] == "stub":
		return printStub(args[1:])
	case len(args) == 3 && args[0] == "worlds":
		return printWorlds(args[1], args[2])
	}
	return fmt.Errorf("usage: outside stub NAME=FILE ... | outside worlds SEED COUNT")
}

// printStub prints the schema of the subgraph that stands in for the owners which are missing among the files, or nothing
// where none is missed.
func printStub(files []string) error {
	var sources []compose.Source
	for _, arg := range files {
		name, file, _ := strings.Cut(arg, "=")
		sdl, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		sources = append(sources, compose.Source{Name: name, SDL: string(sdl)})
	}
	for _, s := range compose.Stubs(sources) {
		fmt.Print(s.SDL)
	}
	return nil
}

// printWorlds prints the subgraphs of random graphs, one graph a line. Not all of them compose.
func printWorlds(seedText, countText string) error {
	seed, err := strconv.ParseUint(seedText, 10, 64)
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	type source struct {
		Name string `json:"name"`
		SDL  string `json:"sdl"`
	}
	out := json.NewEncoder(os.Stdout)
	for i := range count {
		w := federationtest.NewWorld(rand.New(rand.NewPCG(seed, uint64(i))))
		var sources []source
		for g := range w.Graphs() {
			if sdl := w.SDL(g); strings.Contains(sdl, "type ") {
				sources = append(sources, source{federationtest.GraphName(g), sdl})
			}
		}
		if err := out.Encode(sources); err != nil {
			return err
		}
	}
	return nil
}
