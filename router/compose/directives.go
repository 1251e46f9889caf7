package compose

import (
	"cmp"
	"maps"
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// strategy is what becomes of a directive that several subgraphs apply to the same element.
type strategy int

const (
	once       strategy = iota // it has no arguments
	union                      // it can be repeated
	mostCommon                 // the arguments that most subgraphs give
	most                       // what makes the most work
	allOf                      // lists of alternatives, each a list of conditions: those of every subgraph must hold
)

// merged is a directive that reaches the supergraph.
type merged struct {
	strategy   strategy
	definition string
	link       string // the specification that defines it there; empty for those of GraphQL itself
}

const (
	builtIn  = "built in"
	costLink = `@link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@listSize"])`
)

var mergeable = map[string]merged{
	"deprecated":    {mostCommon, builtIn, ""},
	"specifiedBy":   {mostCommon, builtIn, ""},
	"oneOf":         {once, builtIn, ""},
	"tag":           {union, "directive @tag(name: String!) repeatable" + anywhere + " | SCHEMA", `@link(url: "https://specs.apollo.dev/tag/v0.3")`},
	"inaccessible":  {once, "directive @inaccessible" + anywhere, `@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)`},
	"cost":          {most, "directive @cost" + elements["cost"].shape, costLink},
	"listSize":      {most, "directive @listSize" + elements["listSize"].shape, costLink},
	"authenticated": {once, "directive @authenticated" + guarded, `@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)`},
	"requiresScopes": {allOf, "directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!)" + guarded + "\n\nscalar requiresScopes__Scope",
		`@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)`},
	"policy": {allOf, "directive @policy(policies: [[policy__Policy!]!]!)" + guarded + "\n\nscalar policy__Policy",
		`@link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)`},
}

// mergeApplied merges what the subgraphs apply to one element.
func (m *merger) mergeApplied(coordinate string, lists []ast.DirectiveList) ast.DirectiveList {
	by := map[string]ast.DirectiveList{}
	for _, list := range lists {
		for _, d := range list {
			by[d.Name] = append(by[d.Name], d)
		}
	}
	var out ast.DirectiveList
	for _, name := range slices.Sorted(maps.Keys(by)) {
		applied := by[name]
		strategy := mergeable[name].strategy
		if c := m.custom[name]; c != nil && c.definition.IsRepeatable {
			strategy = union
		} else if c != nil {
			strategy = mostCommon
		}
		switch strategy {
		case once:
			out = append(out, applied[0])
		case union:
			out = append(out, distinct(applied)...)
		case mostCommon:
			out = append(out, m.mostCommon(coordinate, applied))
		case most:
			out = append(out, mostWork(applied))
		case allOf:
			out = append(out, allHold(applied))
		}
	}
	return out
}

func argumentsText(d *ast.Directive) string {
	object := &ast.Value{Kind: ast.ObjectValue}
	for _, a := range d.Arguments {
		object.Children = append(object.Children, &ast.ChildValue{Name: a.Name, Value: a.Value})
	}
	return canonical(object)
}

// distinct returns the applications without repetitions, sorted by their arguments.
func distinct(applied ast.DirectiveList) ast.DirectiveList {
	sorted := slices.SortedStableFunc(slices.Values(applied), func(x, y *ast.Directive) int { return cmp.Compare(argumentsText(x), argumentsText(y)) })
	return slices.CompactFunc(sorted, func(x, y *ast.Directive) bool { return argumentsText(x) == argumentsText(y) })
}

func (m *merger) mostCommon(coordinate string, applied ast.DirectiveList) *ast.Directive {
	counts := map[string]int{}
	for _, d := range applied {
		counts[argumentsText(d)]++
	}
	best := applied[0]
	for _, d := range applied {
		if counts[argumentsText(d)] > counts[argumentsText(best)] {
			best = d
		}
	}
	if len(counts) > 1 {
		m.hint("MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", "Directive @%s is applied to %q in multiple subgraphs with different arguments: the supergraph uses %s.", best.Name, coordinate, argumentsText(best))
	}
	return best
}

// allHold combines alternatives so that one alternative of every subgraph holds, and leaves out what another implies.
func allHold(applied ast.DirectiveList) *ast.Directive {
	var combined [][]string
	for i, d := range applied {
		alternatives := readAlternatives(d)
		if i == 0 {
			combined = alternatives
			continue
		}
		var next [][]string
		for _, have := range combined {
			for _, more := range alternatives {
				all := slices.Concat(have, more)
				slices.Sort(all)
				next = append(next, slices.Compact(all))
			}
		}
		combined = next
	}
	slices.SortFunc(combined, func(x, y []string) int { return cmp.Or(cmp.Compare(len(x), len(y)), slices.Compare(x, y)) })
	var kept [][]string
	for _, c := range combined {
		implied := slices.ContainsFunc(kept, func(k []string) bool {
			return !slices.ContainsFunc(k, func(condition string) bool { return !slices.Contains(c, condition) })
		})
		if !implied {
			kept = append(kept, c)
		}
	}
	list := &ast.Value{Kind: ast.ListValue}
	for _, c := range kept {
		inner := &ast.Value{Kind: ast.ListValue}
		for _, condition := range c {
			inner.Children = append(inner.Children, &ast.ChildValue{Value: text(condition)})
		}
		list.Children = append(list.Children, &ast.ChildValue{Value: inner})
	}
	return &ast.Directive{Name: applied[0].Name, Arguments: ast.ArgumentList{{Name: applied[0].Arguments[0].Name, Value: list}}}
}

func readAlternatives(d *ast.Directive) [][]string {
	var out [][]string
	for _, alternative := range d.Arguments[0].Value.Children {
		var conditions []string
		for _, c := range alternative.Value.Children {
			conditions = append(conditions, c.Value.Raw)
		}
		slices.Sort(conditions)
		out = append(out, slices.Compact(conditions))
	}
	return out
}

// mergeDirectives keeps the directives for clients that every subgraph has.
func (m *merger) mergeDirectives() {
	var names []string
	for _, g := range m.graphs {
		for _, d := range g.directives {
			names = append(names, d.Name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		var defs ast.DirectiveDefinitionList
		var missing []string
		for _, g := range m.graphs {
			if d := g.directive(name); d != nil {
				defs = append(defs, d)
			} else {
				missing = append(missing, g.name)
			}
		}
		if len(missing) > 0 {
			m.hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE", "Executable directive @%s will not be part of the supergraph as it does not appear in %s.", name, subgraphNames(missing))
		} else if d := m.mergeDirective(name, defs); d != nil {
			m.directives = append(m.directives, d)
		}
	}
}

// mergeDirective keeps of a directive the places that all subgraphs allow and the arguments that all take. It returns
// nil where no place remains.
func (m *merger) mergeDirective(name string, defs ast.DirectiveDefinitionList) *ast.DirectiveDefinition {
	out := &ast.DirectiveDefinition{Name: name, IsRepeatable: true, Position: defs[0].Position}
	for _, location := range defs[0].Locations {
		everywhere := !slices.ContainsFunc(defs, func(d *ast.DirectiveDefinition) bool { return !slices.Contains(d.Locations, location) })
		if everywhere && supergraph.Executable(location) {
			out.Locations = append(out.Locations, location)
		}
	}
	if len(out.Locations) == 0 {
		m.hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS", "Executable directive @%s will not be part of the supergraph as the subgraphs have no location for it in common.", name)
		return nil
	}
	slices.Sort(out.Locations)
	var descriptions []string
	var lists []ast.ArgumentDefinitionList
	for _, d := range defs {
		out.IsRepeatable = out.IsRepeatable && d.IsRepeatable
		descriptions = append(descriptions, d.Description)
		lists = append(lists, d.Arguments)
	}
	out.Description = m.description("@"+name, descriptions)
	out.Arguments = m.intersectArguments("@"+name, lists, m.graphs)
	return out
}
