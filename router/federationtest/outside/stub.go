// Command outside prints the schema of the subgraph that stands in for the owners which are missing among NAME=FILE
// arguments, or nothing where none is missed.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/soukhq/souk/router/compose"
)

func main() {
	var sources []compose.Source
	for _, arg := range os.Args[1:] {
		name, file, _ := strings.Cut(arg, "=")
		sdl, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, "stub:", err)
			os.Exit(1)
		}
		sources = append(sources, compose.Source{Name: name, SDL: string(sdl)})
	}
	for _, s := range compose.Stubs(sources) {
		fmt.Print(s.SDL)
	}
}
