package compose

import (
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// checkCost checks what the field says of the work it makes.
func (v *checker) checkCost(f *subField) {
	if d := f.applied.ForName("cost"); d != nil && f.parent.kind == ast.Interface && !f.parent.interfaceObject {
		v.add("COST_APPLIED_TO_INTERFACE_FIELD", []Node{v.at(d, f.coordinate())}, "[%s] @cost cannot be applied to interface %q.", v.g.name, f.coordinate())
	}
	d := f.applied.ForName("listSize")
	if d == nil {
		return
	}
	refuse := func(code, format string, args ...any) {
		v.add(code, []Node{v.at(d, f.coordinate())}, "[%s] "+format, append([]any{v.g.name}, args...)...)
	}
	sized := d.Arguments.ForName("sizedFields")
	if f.typ.Elem == nil && (sized == nil || len(sized.Value.Children) == 0) {
		refuse("LIST_SIZE_APPLIED_TO_NON_LIST", "%q is not a list.", f.coordinate())
	}
	if size := d.Arguments.ForName("assumedSize"); size != nil && number(size.Value) < 0 {
		refuse("LIST_SIZE_INVALID_ASSUMED_SIZE", "Assumed size of %q cannot be negative.", f.coordinate())
	}
	for _, name := range texts(d, "slicingArguments") {
		i := slices.IndexFunc(f.args, func(a *ast.ArgumentDefinition) bool { return a.Name == name })
		if i < 0 {
			refuse("LIST_SIZE_INVALID_SLICING_ARGUMENT", "Slicing argument %q is not an argument of %q.", name, f.coordinate())
		} else if f.args[i].Type.NamedType != "Int" {
			refuse("LIST_SIZE_INVALID_SLICING_ARGUMENT", "Slicing argument \"%s(%s:)\" must be Int or Int!.", f.coordinate(), name)
		}
	}
	for _, name := range texts(d, "sizedFields") {
		base := f.base()
		if base == nil || !base.composite() {
			refuse("LIST_SIZE_INVALID_SIZED_FIELD", "Sized fields cannot be used because %q is not a composite type.", f.typ)
			return
		}
		if field := base.fields[name]; field == nil {
			refuse("LIST_SIZE_INVALID_SIZED_FIELD", "Sized field %q is not a field on type %q.", name, base.name)
		} else if field.typ.Elem == nil {
			refuse("LIST_SIZE_APPLIED_TO_NON_LIST", "Sized field %q is not a list.", field.coordinate())
		}
	}
}

func number(v *ast.Value) int {
	n, _ := strconv.Atoi(v.Raw) // The schema is valid, so it is a number or null.
	return n
}

// texts returns the members of an argument that is a list of strings.
func texts(d *ast.Directive, argument string) []string {
	a := d.Arguments.ForName(argument)
	if a == nil {
		return nil
	}
	var list []string
	for _, child := range a.Value.Children {
		list = append(list, child.Value.Raw)
	}
	return list
}

// mostWork combines what subgraphs say of the work that an element makes: the greatest number, all members of lists, and
// true only where nobody says false.
func mostWork(applied ast.DirectiveList) *ast.Directive {
	out := &ast.Directive{Name: applied[0].Name}
	for _, d := range applied {
		for _, a := range d.Arguments {
			have := out.Arguments.ForName(a.Name)
			if have == nil {
				value := *a.Value
				out.Arguments = append(out.Arguments, &ast.Argument{Name: a.Name, Value: &value})
				continue
			}
			switch {
			case have.Value.Kind == ast.NullValue || have.Value.Kind == ast.IntValue && number(a.Value) > number(have.Value) || a.Value.Raw == "false":
				value := *a.Value
				have.Value = &value
			case have.Value.Kind == ast.ListValue:
				for _, child := range a.Value.Children {
					if !slices.Contains(texts(out, a.Name), child.Value.Raw) {
						have.Value.Children = append(slices.Clone(have.Value.Children), child)
					}
				}
			}
		}
	}
	return out
}
