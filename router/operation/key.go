package operation

import (
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/router/operation/validate"
	"github.com/vektah/gqlparser/v2/ast"
)

// keyOf prints the operation without the client's name for it, so that equal texts mean equal plans.
func keyOf(op *Op) string {
	var b strings.Builder
	b.WriteString(string(op.Kind))
	b.WriteByte('(')
	for _, v := range op.Vars {
		b.WriteString("$" + v.Name + ":" + v.Type.String() + " ")
	}
	b.WriteByte(')')
	writeSelection(&b, op.Root)
	return b.String()
}

func writeSelection(b *strings.Builder, s *Selection) {
	b.WriteByte('{')
	writeFields(b, s.Common)
	for _, bucket := range s.Per {
		b.WriteString("..." + bucket.Type.Name + "{")
		writeFields(b, bucket.Fields)
		b.WriteByte('}')
	}
	b.WriteByte('}')
}

func writeFields(b *strings.Builder, fields []*Field) {
	for _, f := range fields {
		b.WriteString(strconv.Itoa(f.Order) + " ")
		if f.Response != f.Name {
			b.WriteString(f.Response + ":")
		}
		if isMeta(f.Name) {
			writeIntrospection(b, f.AST)
			continue
		}
		b.WriteString(f.Name)
		if len(f.Args) > 0 {
			b.WriteByte('(')
			for _, a := range f.Args {
				b.WriteString(a.Name + ":" + a.Text + " ")
			}
			b.WriteByte(')')
		}
		if f.Sub != nil {
			writeSelection(b, f.Sub)
		}
		b.WriteByte(' ')
	}
}

// writeIntrospection prints a field of the schema's own types, its arguments included as they stand.
func writeIntrospection(b *strings.Builder, f *ast.Field) {
	if f.Alias != f.Name {
		b.WriteString(f.Alias + ":")
	}
	b.WriteString(f.Name)
	if len(f.Arguments) > 0 {
		parts := make([]string, len(f.Arguments))
		for i, a := range f.Arguments {
			parts[i] = a.Name + ":" + validate.Canonical(a.Value)
		}
		slices.Sort(parts)
		b.WriteString("(" + strings.Join(parts, " ") + ")")
	}
	if len(f.SelectionSet) > 0 {
		b.WriteByte('{')
		for _, s := range f.SelectionSet {
			writeIntrospection(b, s.(*ast.Field))
		}
		b.WriteByte('}')
	}
	b.WriteByte(' ')
}
