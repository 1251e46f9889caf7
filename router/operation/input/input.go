// Package input brings the values of arguments and variables into the JSON of their types.
package input

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// Type checks JSON values of one input type and writes them in one canonical form. It never changes after it is made.
type Type struct {
	name    string // as in the schema, for messages
	nonNull bool
	element *Type // of a list, else nil
	length  int   // how many elements a list may have
	named   *named
}

// named is the type below lists and non-nulls.
type named struct {
	kind   ast.DefinitionKind
	name   string
	values map[string]bool // of an enum
	fields []inputField    // of an input object, in the order of the schema
	index  map[string]int
	oneOf  bool
}

type inputField struct {
	name     string
	input    *Type
	required bool
}

// Types makes Types of a schema, each named type once since they may contain themselves. It is not safe for concurrent
// use; what it makes is.
type Types struct {
	schema *ast.Schema
	length int
	named  map[string]*named
}

// NewTypes returns the types of a schema, whose lists may have so many elements.
func NewTypes(schema *ast.Schema, length int) *Types {
	return &Types{schema: schema, length: length, named: map[string]*named{}}
}

// Of returns the Type for a type of the schema.
func (s *Types) Of(t *ast.Type) *Type {
	in := &Type{name: t.String(), nonNull: t.NonNull, length: s.length}
	if t.Elem != nil {
		in.element = s.Of(t.Elem)
		return in
	}
	in.named = s.of(t.NamedType)
	return in
}

func (s *Types) of(name string) *named {
	if n := s.named[name]; n != nil {
		return n
	}
	def := s.schema.Types[name]
	n := &named{kind: def.Kind, name: name}
	s.named[name] = n
	switch def.Kind {
	case ast.Enum:
		n.values = make(map[string]bool, len(def.EnumValues))
		for _, v := range def.EnumValues {
			n.values[v.Name] = true
		}
	case ast.InputObject:
		n.oneOf = def.Directives.ForName("oneOf") != nil
		n.index = make(map[string]int, len(def.Fields))
		for i, f := range def.Fields {
			n.index[f.Name] = i
			n.fields = append(n.fields, inputField{f.Name, s.Of(f.Type), f.Type.NonNull && f.DefaultValue == nil})
		}
	}
	return n
}

// String returns the type as GraphQL writes it.
func (in *Type) String() string { return in.name }

// tooDeep is what is wrong with a value that nests beyond the limit.
const tooDeep = "it nests too deep."

// Append checks valid JSON and adds its coerced form to dst. Below it, values may nest that many levels.
func (in *Type) Append(dst, raw []byte, levels int) ([]byte, *Invalid) {
	if levels < 0 {
		return nil, &Invalid{Want: tooDeep}
	}
	if string(raw) == "null" {
		if in.nonNull {
			return nil, &Invalid{Want: fmt.Sprintf("%q must not be null.", in.name)}
		}
		return append(dst, raw...), nil
	}
	if in.element != nil {
		return in.appendList(dst, raw, levels)
	}
	switch in.named.kind {
	case ast.InputObject:
		return in.named.appendObject(dst, raw, levels)
	case ast.Enum:
		s, ok := stringOf(raw)
		if !ok || !in.named.values[s] {
			return nil, &Invalid{Want: fmt.Sprintf("it is not a value of the enum %q.", in.named.name)}
		}
		return appendString(dst, s), nil
	}
	return in.named.appendScalar(dst, raw, levels)
}

// appendList writes a list; a single value stands for a list of one.
func (in *Type) appendList(dst, raw []byte, levels int) ([]byte, *Invalid) {
	dst = append(dst, '[')
	var fail *Invalid
	if raw[0] != '[' {
		if dst, fail = in.element.Append(dst, raw, levels-1); fail != nil {
			return nil, fail
		}
		return append(dst, ']'), nil
	}
	n := 0
	eachElement(raw, func(element []byte) bool {
		if n == in.length {
			fail = &Invalid{Want: fmt.Sprintf("lists may have %d elements.", in.length)}
			return false
		}
		if n > 0 {
			dst = append(dst, ',')
		}
		if dst, fail = in.element.Append(dst, element, levels-1); fail != nil {
			fail = fail.in("[" + strconv.Itoa(n) + "]")
			return false
		}
		n++
		return true
	})
	if fail != nil {
		return nil, fail
	}
	return append(dst, ']'), nil
}

func (n *named) appendObject(dst, raw []byte, levels int) ([]byte, *Invalid) {
	if raw[0] != '{' {
		return nil, &Invalid{Want: fmt.Sprintf("expected an object of type %q.", n.name)}
	}
	given := make([][]byte, len(n.fields))
	count := 0
	var fail *Invalid
	eachMember(raw, func(name string, value []byte) bool {
		i, ok := n.index[name]
		if !ok {
			fail = &Invalid{Want: fmt.Sprintf("type %q has no such field.", n.name)}
			fail = fail.in("." + name)
			return false
		}
		if given[i] == nil {
			count++
		}
		given[i] = value
		return true
	})
	if fail != nil {
		return nil, fail
	}
	if n.oneOf && count != 1 {
		return nil, &Invalid{Want: fmt.Sprintf("exactly one field of %q must be given.", n.name)}
	}
	dst = append(dst, '{')
	first := true
	for i, f := range n.fields {
		value := given[i]
		switch {
		case value == nil && f.required:
			return nil, (&Invalid{Want: fmt.Sprintf("a value of type %q is required.", f.input.name)}).in("." + f.name)
		case value == nil:
			continue
		case n.oneOf && string(value) == "null":
			return nil, (&Invalid{Want: "it must not be null."}).in("." + f.name)
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendString(dst, f.name), ':')
		if dst, fail = f.input.Append(dst, value, levels-1); fail != nil {
			return nil, fail.in("." + f.name)
		}
	}
	return append(dst, '}'), nil
}

func (n *named) appendScalar(dst, raw []byte, levels int) ([]byte, *Invalid) {
	number := raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9')
	switch n.name {
	case "Int":
		if i, ok := int32Of(raw); number && ok {
			return strconv.AppendInt(dst, i, 10), nil
		}
		return nil, &Invalid{Want: "expected an integer of 32 bits."}
	case "Float":
		if f, err := strconv.ParseFloat(string(raw), 64); number && err == nil && !math.IsInf(f, 0) {
			return append(dst, raw...), nil
		}
		return nil, &Invalid{Want: "expected a number."}
	case "String":
		if s, ok := stringOf(raw); ok {
			return appendString(dst, s), nil
		}
		return nil, &Invalid{Want: "expected a string."}
	case "ID":
		if s, ok := stringOf(raw); ok {
			return appendString(dst, s), nil
		}
		if number && isInteger(raw) {
			return appendString(dst, string(raw)), nil
		}
		return nil, &Invalid{Want: "expected a string or an integer."}
	case "Boolean":
		if s := string(raw); s == "true" || s == "false" {
			return append(dst, raw...), nil
		}
		return nil, &Invalid{Want: "expected true or false."}
	}
	if nestingOf(raw) > levels {
		return nil, &Invalid{Want: tooDeep}
	}
	return appendCompact(dst, raw), nil
}

// int32Of reads a number that is whole and fits into 32 bits, however it is written.
func int32Of(raw []byte) (int64, bool) {
	i, err := strconv.ParseInt(string(raw), 10, 32)
	if err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f != math.Trunc(f) || f < math.MinInt32 || f > math.MaxInt32 {
		return 0, false
	}
	return int64(f), true
}

func isInteger(raw []byte) bool {
	for i, c := range raw {
		if (c < '0' || c > '9') && (i > 0 || c != '-') {
			return false
		}
	}
	return true
}

func stringOf(raw []byte) (string, bool) {
	if raw[0] != '"' {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}
