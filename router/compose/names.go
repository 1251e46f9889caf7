package compose

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var notInEnum = regexp.MustCompile(`[^A-Za-z0-9]+`)

// nameGraphs gives every subgraph its value of join__Graph. Where several would have the same, all are numbered.
func nameGraphs(graphs []*subgraph) {
	counts := map[string]int{}
	for _, g := range graphs {
		g.enum = strings.ToUpper(notInEnum.ReplaceAllString(g.name, "_"))
		if g.enum[0] >= '0' && g.enum[0] <= '9' {
			g.enum = "_" + g.enum
		}
		counts[g.enum]++
	}
	taken := maps.Clone(counts)
	for _, g := range graphs {
		if counts[g.enum] == 1 {
			continue
		}
		base := g.enum
		for n := 1; taken[g.enum] > 0; n++ {
			g.enum = fmt.Sprintf("%s_%d", base, n)
		}
		taken[g.enum]++
	}
}

// checkNames refuses directives of one specification that subgraphs use under several names.
func (m *merger) checkNames() {
	for _, element := range slices.Sorted(maps.Keys(mergeable)) {
		var names, graphs []string
		var nodes []Node
		for _, g := range m.graphs {
			if d := g.spelled[element]; d != nil {
				names, graphs = append(names, fmt.Sprintf("%q", "@"+d.Name)), append(graphs, g.name)
				nodes = append(nodes, g.node(d.Position, "@"+d.Name))
			}
		}
		if len(slices.Compact(slices.Sorted(slices.Values(names)))) > 1 {
			m.add("LINK_IMPORT_NAME_MISMATCH", nodes, "The \"@%s\" directive is imported with mismatched name between subgraphs: it is imported as %s.", element, versions("", names, graphs))
		}
	}
}
