package compose

import (
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// accepts tells whether a constant is a value of the input type, as far as the subgraph defines it: custom scalars take
// everything.
func (g *subgraph) accepts(t *ast.Type, v *ast.Value) bool {
	switch {
	case v.Kind == ast.Variable:
		return false
	case v.Kind == ast.NullValue:
		return !t.NonNull
	case t.Elem != nil && v.Kind == ast.ListValue:
		return !slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return !g.accepts(t.Elem, c.Value) })
	case t.Elem != nil:
		return g.accepts(t.Elem, v)
	}
	text := v.Kind == ast.StringValue || v.Kind == ast.BlockValue
	switch t.NamedType {
	case "Int":
		_, err := strconv.ParseInt(v.Raw, 10, 32)
		return v.Kind == ast.IntValue && err == nil
	case "Float":
		return v.Kind == ast.IntValue || v.Kind == ast.FloatValue
	case "String":
		return text
	case "ID":
		return text || v.Kind == ast.IntValue
	case "Boolean":
		return v.Kind == ast.BooleanValue
	}
	named := g.types[t.NamedType]
	switch {
	case named == nil || named.kind == ast.Scalar:
		return !hasVariable(v)
	case named.kind == ast.Enum:
		return v.Kind == ast.EnumValue && slices.ContainsFunc(named.values, func(e *ast.EnumValueDefinition) bool { return e.Name == v.Raw })
	}
	return g.acceptsObject(named, v)
}

func (g *subgraph) acceptsObject(t *subType, v *ast.Value) bool {
	if t.kind != ast.InputObject || v.Kind != ast.ObjectValue {
		return false
	}
	for _, c := range v.Children {
		if f := t.fields[c.Name]; f == nil || !g.accepts(f.typ, c.Value) {
			return false
		}
	}
	return !slices.ContainsFunc(t.order, func(f *subField) bool {
		return f.typ.NonNull && f.value == nil && v.Children.ForName(f.name) == nil
	})
}

func hasVariable(v *ast.Value) bool {
	return v.Kind == ast.Variable || slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return hasVariable(c.Value) })
}
