package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// use says where the merged schema uses a type, by example; empty where it does not.
type use struct{ input, output string }

// mergeEnums merges every enum by its use: clients may send only what all subgraphs know, and get what any knows.
func (m *merger) mergeEnums() {
	uses := m.uses()
	for _, name := range m.names {
		if types := m.sources[name]; types[0].kind == ast.Enum {
			def := m.mergeType(name)
			m.mergeValues(def, types, uses[name])
			m.types[name] = def
		}
	}
}

// uses returns the places where types are used.
func (m *merger) uses() map[string]use {
	uses := map[string]use{}
	note := func(t *ast.Type, in, out string) {
		u := uses[t.Name()]
		if u.input == "" {
			u.input = in
		}
		if u.output == "" {
			u.output = out
		}
		uses[t.Name()] = u
	}
	for _, name := range m.names {
		def := m.types[name]
		if def == nil {
			continue
		}
		for _, f := range def.Fields {
			coordinate := name + "." + f.Name
			if def.Kind == ast.InputObject {
				note(f.Type, coordinate, "")
				continue
			}
			note(f.Type, "", coordinate)
			for _, a := range f.Arguments {
				note(a.Type, coordinate+"("+a.Name+":)", "")
			}
		}
	}
	for _, d := range m.directives {
		for _, a := range d.Arguments {
			note(a.Type, "@"+d.Name+"("+a.Name+":)", "")
		}
	}
	return uses
}

func (m *merger) mergeValues(def *ast.Definition, types []*subType, u use) {
	if u.input == "" && u.output == "" {
		m.hint("UNUSED_ENUM_TYPE", "Enum type %q is defined but unused.", def.Name)
	}
	var names []string
	for _, t := range types {
		for _, v := range t.values {
			if !slices.Contains(names, v.Name) {
				names = append(names, v.Name)
			}
		}
	}
	for _, name := range names {
		if v := m.mergeValue(def.Name, name, types, u); v != nil {
			def.EnumValues = append(def.EnumValues, v)
		}
	}
	if len(def.EnumValues) == 0 {
		m.add("EMPTY_MERGED_ENUM_TYPE", typeNodes(types), "None of the values of enum type %q are defined consistently in all the subgraphs defining that type. As only values common to all subgraphs are merged, this would result in an empty type.", def.Name)
	}
}

// mergeValue returns nil where the value does not reach the supergraph.
func (m *merger) mergeValue(enumName, name string, types []*subType, u use) *ast.EnumValueDefinition {
	coordinate := enumName + "." + name
	var with, without, descriptions []string
	var nodes []Node
	var applied []ast.DirectiveList
	out := &ast.EnumValueDefinition{Name: name}
	hidden := false
	for _, t := range types {
		i := slices.IndexFunc(t.values, func(v *ast.EnumValueDefinition) bool { return v.Name == name })
		if i < 0 {
			without = append(without, t.graph.name)
			continue
		}
		v := t.values[i]
		with = append(with, t.graph.name)
		nodes = append(nodes, t.graph.node(v.Position, coordinate))
		descriptions = append(descriptions, v.Description)
		applied = append(applied, v.Directives)
		hidden = hidden || v.Directives.ForName("inaccessible") != nil
		out.Directives = append(out.Directives, join("enumValue", "graph", enum(t.graph.enum)))
	}
	switch {
	case len(without) == 0 || hidden:
	case u.input != "" && u.output != "":
		m.add("ENUM_VALUE_MISMATCH", nodes, "Enum type %q is used as both input type (for example, as type of %q) and output type (for example, as type of %q), but value %q is not defined in all the subgraphs defining %q: it is defined in %s but not in %s.",
			enumName, u.input, u.output, name, enumName, subgraphNames(with), subgraphNames(without))
	case u.input != "":
		m.hint("INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM", "Value %q of enum type %q will not be part of the supergraph as it is not defined in %s.", name, enumName, subgraphNames(without))
		return nil
	default:
		m.hint("INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM", "Value %q of enum type %q has been added to the supergraph but is not defined in %s.", name, enumName, subgraphNames(without))
	}
	out.Description = m.description(coordinate, descriptions)
	out.Directives = append(out.Directives, m.mergeApplied(coordinate, applied)...)
	return out
}
