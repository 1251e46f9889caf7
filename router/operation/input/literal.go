package input

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Expressible tells whether the literal can be written as JSON: it holds no variable, and no bare word but those that
// are values of an enum.
func Expressible(schema *ast.Schema, v *ast.Value, t *ast.Type) bool {
	switch v.Kind {
	case ast.Variable:
		return false
	case ast.EnumValue:
		def := schema.Types[t.Name()]
		return def != nil && def.Kind == ast.Enum
	}
	for _, c := range v.Children {
		if !Expressible(schema, c.Value, typeBelow(schema, v, t, c)) {
			return false
		}
	}
	return true
}

// typeBelow returns the type of a list's element or an input object's field.
func typeBelow(schema *ast.Schema, v *ast.Value, t *ast.Type, child *ast.ChildValue) *ast.Type {
	if v.Kind == ast.ListValue {
		return ElementOf(t)
	}
	if def := schema.Types[t.Name()]; def != nil && def.Kind == ast.InputObject {
		if field := def.Fields.ForName(child.Name); field != nil {
			return field.Type
		}
	}
	return t
}

// AppendLiteral writes a literal as JSON, as coerced to its type: single values become lists where the type is one,
// numbers become strings where it is ID, and input fields stand in the order of the schema.
func AppendLiteral(dst []byte, schema *ast.Schema, v *ast.Value, t *ast.Type) []byte {
	if v.Kind == ast.NullValue {
		return append(dst, "null"...)
	}
	if t.Elem != nil && v.Kind != ast.ListValue {
		dst = append(dst, '[')
		dst = AppendLiteral(dst, schema, v, t.Elem)
		return append(dst, ']')
	}
	switch v.Kind {
	case ast.IntValue:
		if t.NamedType == "ID" {
			return appendString(dst, v.Raw)
		}
		return append(dst, v.Raw...)
	case ast.StringValue, ast.BlockValue, ast.EnumValue:
		return appendString(dst, v.Raw)
	case ast.ListValue, ast.ObjectValue:
		return appendComposite(dst, schema, v, t)
	}
	return append(dst, v.Raw...)
}

func appendComposite(dst []byte, schema *ast.Schema, v *ast.Value, t *ast.Type) []byte {
	children, open, end := v.Children, byte('['), byte(']')
	if v.Kind == ast.ObjectValue {
		open, end = '{', '}'
		if def := schema.Types[t.Name()]; def != nil && def.Kind == ast.InputObject {
			position := func(c *ast.ChildValue) int {
				return slices.IndexFunc(def.Fields, func(f *ast.FieldDefinition) bool { return f.Name == c.Name })
			}
			children = slices.Clone(children)
			slices.SortStableFunc(children, func(a, b *ast.ChildValue) int { return position(a) - position(b) })
		}
	}
	dst = append(dst, open)
	for i, c := range children {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.Kind == ast.ObjectValue {
			dst = append(appendString(dst, c.Name), ':')
		}
		dst = AppendLiteral(dst, schema, c.Value, typeBelow(schema, v, t, c))
	}
	return append(dst, end)
}

// appendString writes a JSON string; invalid UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a string always has a JSON form
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// ElementOf returns the type of a list's elements; a custom scalar holds lists of itself.
func ElementOf(t *ast.Type) *ast.Type {
	if t.Elem != nil {
		return t.Elem
	}
	return t
}
