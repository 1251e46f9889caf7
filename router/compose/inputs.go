package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// mergeArguments keeps the arguments that all the fields have, as a client may only give what every subgraph takes.
func (m *merger) mergeArguments(coordinate string, fields []*subField) ast.ArgumentDefinitionList {
	lists := make([]ast.ArgumentDefinitionList, len(fields))
	graphs := make([]*subgraph, len(fields))
	for i, f := range fields {
		lists[i], graphs[i] = f.args, f.parent.graph
	}
	return m.intersectArguments(coordinate, lists, graphs)
}

// intersectArguments merges lists of arguments, one for each graph.
func (m *merger) intersectArguments(owner string, lists []ast.ArgumentDefinitionList, graphs []*subgraph) ast.ArgumentDefinitionList {
	var names []string
	for _, list := range lists {
		for _, a := range list {
			if !slices.Contains(names, a.Name) {
				names = append(names, a.Name)
			}
		}
	}
	var out ast.ArgumentDefinitionList
	for _, name := range names {
		coordinate := owner + "(" + name + ":)"
		var inputs []input
		var descriptions, missing []string
		var applied []ast.DirectiveList
		for i, list := range lists {
			a := list.ForName(name)
			if a == nil {
				missing = append(missing, graphs[i].name)
				continue
			}
			inputs = append(inputs, input{graphs[i], a.Type, a.DefaultValue, graphs[i].node(a.Position, coordinate)})
			descriptions = append(descriptions, a.Description)
			applied = append(applied, a.Directives)
		}
		if len(missing) > 0 {
			m.dropInput(coordinate, "argument", "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH", "INCONSISTENT_ARGUMENT_PRESENCE", inputs, missing)
			continue
		}
		typ, value := m.mergeInputs(coordinate, inputs, argumentCodes)
		if typ != nil {
			out = append(out, &ast.ArgumentDefinition{Name: name, Type: typ, DefaultValue: value,
				Description: m.description(coordinate, descriptions), Directives: m.mergeApplied(coordinate, applied)})
		}
	}
	return out
}

// dropInput leaves out what some subgraphs do not take, unless others cannot do without.
func (m *merger) dropInput(coordinate, kind, code, hint string, inputs []input, missing []string) {
	var required []string
	var nodes []Node
	for _, in := range inputs {
		if in.required() {
			required, nodes = append(required, in.graph.name), append(nodes, in.node)
		}
	}
	if len(required) > 0 {
		m.add(code, nodes, "The %s %q is required in some subgraphs but does not appear in all subgraphs: it is required in %s but does not appear in %s.",
			kind, coordinate, subgraphNames(required), subgraphNames(missing))
		return
	}
	m.hint(hint, "Optional %s %q will not be included in the supergraph as it does not appear in %s.", kind, coordinate, subgraphNames(missing))
}

// mergeInput keeps the input fields that all the types have, and those that no client sees.
func (m *merger) mergeInput(def *ast.Definition, types []*subType) {
	common := 0
	for _, name := range fieldNames(types) {
		coordinate := def.Name + "." + name
		var fields []*subField
		var inputs []input
		var descriptions, missing []string
		var applied []ast.DirectiveList
		hidden := false
		for _, t := range types {
			f := t.fields[name]
			if f == nil {
				missing = append(missing, t.graph.name)
				continue
			}
			fields = append(fields, f)
			inputs = append(inputs, input{t.graph, f.typ, f.value, f.node()})
			descriptions = append(descriptions, f.description)
			applied = append(applied, f.applied)
			hidden = hidden || f.applied.ForName("inaccessible") != nil
		}
		if len(missing) > 0 && !hidden {
			m.dropInput(coordinate, "input object field", "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH", "INCONSISTENT_INPUT_OBJECT_FIELD", inputs, missing)
			continue
		}
		common++
		typ, value := m.mergeInputs(coordinate, inputs, inputFieldCodes)
		if typ != nil {
			def.Fields = append(def.Fields, &ast.FieldDefinition{Name: name, Type: typ, DefaultValue: value, Position: fields[0].pos,
				Description: m.description(coordinate, descriptions),
				Directives:  append(joinFields(typ, fields, len(types)), m.mergeApplied(coordinate, applied)...)})
		}
	}
	if common == 0 {
		m.add("EMPTY_MERGED_INPUT_TYPE", typeNodes(types), "None of the fields of input object type %q are consistently defined in all the subgraphs defining that type. As only fields common to all subgraphs are merged, this would result in an empty type.", def.Name)
	}
}
