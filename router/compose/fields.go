package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// mergeField merges a field of an object or interface, or returns nil where that is not possible.
func (m *merger) mergeField(parent, name string, types []*subType) *ast.FieldDefinition {
	coordinate := parent + "." + name
	m.checkSubscription(parent, name, types)
	var all, owners, typed []*subField // the fields that the supergraph mentions; that resolve it; that have a say in its type
	for _, t := range types {
		f := t.fields[name]
		if f == nil {
			continue
		}
		if !f.external {
			typed = append(typed, f)
		}
		if f.gone() {
			continue
		}
		all = append(all, f)
		if !f.external && !f.overridden {
			owners = append(owners, f)
		}
	}
	if len(owners) == 0 {
		if len(all) > 0 {
			m.add("EXTERNAL_MISSING_ON_BASE", fieldNodes(all),
				"Field %q is marked @external on all the subgraphs in which it is listed (%s).", coordinate, subgraphNames(graphsOf(all)))
		}
		return nil
	}
	m.checkSharing(coordinate, append(slices.Clone(all), m.throughInterfaces(parent, name)...))
	out := &ast.FieldDefinition{Name: name, Position: owners[0].pos}
	out.Type = m.mergeOutputType(coordinate, typed)
	if out.Type == nil {
		return nil
	}
	out.Arguments = m.mergeArguments(coordinate, owners)
	m.checkExternals(out, coordinate, all)
	var texts []string
	var applied []ast.DirectiveList
	for _, f := range all {
		if !f.external {
			texts = append(texts, f.description)
			applied = append(applied, f.applied)
		}
	}
	out.Description = m.description(coordinate, texts)
	out.Directives = append(joinFields(out.Type, all, len(types)), m.mergeApplied(coordinate, applied)...)
	return out
}

func graphsOf(fields []*subField) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.parent.graph.name
	}
	return names
}

// joinFields says which subgraphs have the field and in what way. It says nothing where all that have the type have
// the field, and in the same way.
func joinFields(merged *ast.Type, fields []*subField, typeCount int) ast.DirectiveList {
	differ := slices.ContainsFunc(fields, func(f *subField) bool { return f.typ.String() != merged.String() })
	needed := differ || len(fields) != typeCount || slices.ContainsFunc(fields, (*subField).special)
	var list ast.DirectiveList
	for _, f := range fields {
		args := []any{"graph", enum(f.parent.graph.enum)}
		if f.requires != nil {
			args = append(args, "requires", text(f.requires.set.String()))
		}
		if f.provides != nil {
			args = append(args, "provides", text(f.provides.set.String()))
		}
		if f.external {
			args = append(args, "external", truth(true))
		}
		if f.override != nil {
			args = append(args, "override", text(f.override.from))
		}
		if f.overridden {
			args = append(args, "usedOverridden", truth(true))
		}
		if label := f.overrideLabel(); label != "" {
			args = append(args, "overrideLabel", text(label))
		}
		if differ {
			args = append(args, "type", text(f.typ.String()))
		}
		list = append(list, join("field", args...))
	}
	if !needed {
		return nil
	}
	return list
}

// checkSubscription refuses to share a subscription: several sources of the same events are not one.
func (m *merger) checkSubscription(parent, name string, types []*subType) {
	if parent != "Subscription" {
		return
	}
	for _, t := range types {
		if f := t.fields[name]; f != nil && f.shareable {
			m.add("INVALID_FIELD_SHARING", []Node{f.node()}, "[%s] Fields on root level subscription object cannot be marked as shareable: %q.", t.graph.name, f.coordinate())
		}
	}
}

// checkSharing refuses fields that several subgraphs answer without all of them saying that this is meant.
func (m *merger) checkSharing(coordinate string, fields []*subField) {
	var resolving, alone []*subField
	for _, f := range fields {
		if f.parent.abstract() || !f.resolves() || f.label != "" {
			continue
		}
		resolving = append(resolving, f)
		if !f.shareable && !f.inKey && !f.external {
			alone = append(alone, f)
		}
	}
	if len(resolving) < 2 || len(alone) == 0 {
		return
	}
	where := subgraphNames(graphsOf(alone))
	if len(alone) == len(resolving) {
		where = "all of them"
	}
	m.add("INVALID_FIELD_SHARING", fieldNodes(alone),
		"Non-shareable field %q is resolved from multiple subgraphs: it is resolved from %s and defined as non-shareable in %s.",
		coordinate, subgraphNames(graphsOf(resolving)), where)
}

// throughInterfaces returns the fields by which interface objects answer a field of an object type.
func (m *merger) throughInterfaces(parent, name string) []*subField {
	var found []*subField
	for _, super := range slices.Compact(slices.Sorted(slices.Values(m.supers[parent]))) {
		for _, t := range m.sources[super] {
			if f := t.fields[name]; t.interfaceObject && f != nil {
				found = append(found, f)
			}
		}
	}
	return found
}

// checkExternals compares what subgraphs believe of a field that others own with what it is.
func (m *merger) checkExternals(merged *ast.FieldDefinition, coordinate string, fields []*subField) {
	for _, f := range fields {
		if !f.external {
			continue
		}
		nodes, graph := []Node{f.node()}, f.parent.graph.name
		if merged.Type.String() != f.typ.String() {
			m.add("EXTERNAL_TYPE_MISMATCH", nodes, "Type of field %q is incompatible across subgraphs (where marked @external): it has type %q but type %q in subgraph %q.", coordinate, merged.Type, f.typ, graph)
		}
		for _, a := range merged.Arguments {
			i := slices.IndexFunc(f.args, func(own *ast.ArgumentDefinition) bool { return own.Name == a.Name })
			if i < 0 {
				m.add("EXTERNAL_ARGUMENT_MISSING", nodes, "Field %q is missing argument %q in subgraph %q where it is marked @external.", coordinate, a.Name, graph)
				continue
			}
			own := f.args[i]
			if !m.subtype(a.Type, own.Type) {
				m.add("EXTERNAL_ARGUMENT_TYPE_MISMATCH", nodes, "Type of argument \"%s(%s:)\" is incompatible across subgraphs (where %q is marked @external): it has type %q but type %q in subgraph %q.", coordinate, a.Name, coordinate, a.Type, own.Type, graph)
			}
			if canonical(a.DefaultValue) != canonical(own.DefaultValue) {
				m.add("EXTERNAL_ARGUMENT_DEFAULT_MISMATCH", nodes, "Argument \"%s(%s:)\" has incompatible defaults across subgraphs (where %q is marked @external): it has %s but %s in subgraph %q.", coordinate, a.Name, coordinate, canonicalOrNone(a.DefaultValue), canonicalOrNone(own.DefaultValue), graph)
			}
		}
	}
}
