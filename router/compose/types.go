package compose

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// subtype tells whether every value of a is a value of b.
func (m *merger) subtype(a, b *ast.Type) bool {
	if b.NonNull && !a.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return m.subtype(a.Elem, b.Elem)
	}
	return a.NamedType == b.NamedType || m.belongs(a.NamedType, b.NamedType, nil)
}

// belongs tells whether a type is a member of the union or implements the interface, if only through another.
func (m *merger) belongs(name, super string, seen []string) bool {
	if slices.Contains(seen, name) {
		return false
	}
	return slices.ContainsFunc(m.supers[name], func(s string) bool {
		return s == super || m.belongs(s, super, append(seen, name))
	})
}

// mergeOutputType returns the one type that all others are subtypes of. Without one it reports that and returns nil.
func (m *merger) mergeOutputType(coordinate string, fields []*subField) *ast.Type {
	types, names := typesOf(fields)
	merged := pick(fields, func(candidate, other *subField) bool { return m.subtype(other.typ, candidate.typ) })
	if merged == nil {
		m.add("FIELD_TYPE_MISMATCH", fieldNodes(fields), "Type of field %q is incompatible across subgraphs: it has %s.", coordinate, versions("type", types, names))
		return nil
	}
	if slices.ContainsFunc(types, func(t string) bool { return t != types[0] }) {
		m.hint("INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE", "Type of field %q is inconsistent but compatible across subgraphs: it has %s.", coordinate, versions("type", types, names))
	}
	return merged.typ
}

// pick returns the first field that stands in the relation to all of them.
func pick(fields []*subField, relation func(candidate, other *subField) bool) *subField {
	for _, candidate := range fields {
		if !slices.ContainsFunc(fields, func(other *subField) bool { return !relation(candidate, other) }) {
			return candidate
		}
	}
	return nil
}

// typesOf returns the types of the fields, quoted, and the names of their subgraphs.
func typesOf(fields []*subField) (types, names []string) {
	for _, f := range fields {
		types = append(types, `"`+f.typ.String()+`"`)
	}
	return types, graphsOf(fields)
}

// input is one subgraph's view of an argument or input field.
type input struct {
	graph *subgraph
	typ   *ast.Type
	value *ast.Value // nil: no default
	node  Node
}

// required tells whether a caller must give a value.
func (in input) required() bool { return in.typ.NonNull && in.value == nil }

// inputCodes are the codes by which arguments and input fields differ.
type inputCodes struct{ kind, mismatch, defaults string }

var (
	argumentCodes   = inputCodes{"argument", "FIELD_ARGUMENT_TYPE_MISMATCH", "FIELD_ARGUMENT_DEFAULT_MISMATCH"}
	inputFieldCodes = inputCodes{"input field", "FIELD_TYPE_MISMATCH", "INPUT_FIELD_DEFAULT_MISMATCH"}
)

// mergeInputs returns the narrowest type and the default that all subgraphs agree on; the type is nil on an error.
func (m *merger) mergeInputs(coordinate string, inputs []input, codes inputCodes) (*ast.Type, *ast.Value) {
	var types, defaults, names []string
	var nodes []Node
	partial := false
	for _, in := range inputs {
		types, names, nodes = append(types, `"`+in.typ.String()+`"`), append(names, in.graph.name), append(nodes, in.node)
		defaults = append(defaults, canonicalOrNone(in.value))
		partial = partial || in.value == nil
	}
	i := slices.IndexFunc(inputs, func(candidate input) bool {
		return !slices.ContainsFunc(inputs, func(other input) bool { return !m.subtype(candidate.typ, other.typ) })
	})
	if i < 0 {
		m.add(codes.mismatch, nodes, "Type of %s %q is incompatible across subgraphs: it has %s.", codes.kind, coordinate, versions("type", types, names))
		return nil, nil
	}
	var value *ast.Value
	for _, in := range inputs {
		if in.value == nil {
			continue
		}
		if value != nil && canonical(value) != canonical(in.value) {
			m.add(codes.defaults, nodes, "The %s %q has incompatible default values across subgraphs: it has %s.", codes.kind, coordinate, versions("default value", defaults, names))
			return inputs[i].typ, nil
		}
		value = in.value
	}
	if value != nil && partial {
		m.hint("INCONSISTENT_DEFAULT_VALUE_PRESENCE", "The %s %q has a default value in only some subgraphs, which is ignored: it has %s.", codes.kind, coordinate, versions("default value", defaults, names))
		value = nil
	}
	return inputs[i].typ, value
}

// canonical returns a text that is equal for equal values: the order of an object's fields does not count.
func canonical(v *ast.Value) string {
	if v == nil {
		return ""
	}
	var parts []string
	switch v.Kind {
	case ast.ListValue:
		for _, child := range v.Children {
			parts = append(parts, canonical(child.Value))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case ast.ObjectValue:
		for _, child := range v.Children {
			parts = append(parts, child.Name+": "+canonical(child.Value))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case ast.BlockValue:
		return (&ast.Value{Kind: ast.StringValue, Raw: v.Raw}).String()
	}
	return v.String()
}

func canonicalOrNone(v *ast.Value) string {
	if v == nil {
		return "none"
	}
	return canonical(v)
}
