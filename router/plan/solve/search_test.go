package solve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/operation"
)

// hub is a type that many subgraphs have: field i is in the subgraphs i and i+1.
func hub(t *testing.T, graphs int) (*Solver, *operation.Op) {
	t.Helper()
	var sources []compose.Source
	var fields []string
	for g := range graphs {
		sdl := `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
			type Book @key(fields: "id") { id: ID! ` + fmt.Sprintf("f%d: Int @shareable f%d: Int @shareable }\n", g, (g+1)%graphs)
		if g == 0 {
			sdl += "type Query { book: Book }"
		}
		sources = append(sources, compose.Source{Name: fmt.Sprintf("g%02d", g), SDL: sdl})
		fields = append(fields, fmt.Sprintf("f%d", g))
	}
	result, errs := compose.Compose(t.Context(), sources)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	d, fails := operation.Parse(result.Model, "{ book { "+strings.Join(fields, " ")+" } }", "", operation.Limits{})
	if len(fails) > 0 {
		t.Fatal(fails)
	}
	return New(result.Model, Options{}), d.Specialise(0)
}

// A type that many subgraphs share has more combinations than can be tried. There is a plan all the same, and no
// subgraph in it is without use.
func TestHubs(t *testing.T) {
	t.Parallel()
	for _, graphs := range []int{6, 20, 40} {
		t.Run(fmt.Sprint(graphs), func(t *testing.T) {
			t.Parallel()
			s, op := hub(t, graphs)
			choices, err := s.Roots(op)
			if err != nil {
				t.Fatal(err)
			}
			if got, most := choices[0].cost.fetches, graphs/2+graphs/4; got > most {
				t.Errorf("%d fetches, want no more than %d", got, most)
			}
		})
	}
}

// A value that many subgraphs make up together is had from all of them.
func TestWideRoots(t *testing.T) {
	t.Parallel()
	const graphs = 9
	var sources []compose.Source
	var fields []string
	for g := range graphs {
		sources = append(sources, compose.Source{Name: fmt.Sprintf("g%02d", g), SDL: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@shareable"])
			type Query { site: Site @shareable } type Site { ` + fmt.Sprintf("f%d: Int }", g)})
		if g < graphs-1 {
			fields = append(fields, fmt.Sprintf("f%d", g))
		}
	}
	result, errs := compose.Compose(t.Context(), sources)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	d, fails := operation.Parse(result.Model, "{ site { "+strings.Join(fields, " ")+" } }", "", operation.Limits{})
	if len(fails) > 0 {
		t.Fatal(fails)
	}
	choices, err := New(result.Model, Options{}).Roots(d.Specialise(0))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(choices[0].Views); got != graphs-1 {
		t.Errorf("%d subgraphs are asked, want %d", got, graphs-1)
	}
}
