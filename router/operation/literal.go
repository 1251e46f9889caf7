package operation

import (
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/router/operation/input"
	"github.com/vektah/gqlparser/v2/ast"
)

// extractLiterals turns the literals in the arguments of all reachable fields into variables, so that operations that
// differ in them only have one shape. It returns the client's variables that stand at a place which takes no null.
func (d *Doc) extractLiterals() map[string]bool {
	x := &extractor{
		schema: d.model.API(),
		prefix: freePrefix(d.op.VariableDefinitions),
		names:  map[string]string{},
		strict: map[string]bool{},
	}
	meta := d.introspectionFields()
	d.eachSelection(func(s ast.Selection) {
		f, ok := s.(*ast.Field)
		if !ok || len(f.Arguments) == 0 {
			return
		}
		if meta[f] {
			d.args[f] = namedArgs(f)
			return
		}
		args := make([]Arg, 0, len(f.Arguments))
		for _, a := range f.Arguments {
			def := f.Definition.Arguments.ForName(a.Name)
			x.vars = nil
			x.at(a.Value, def.Type, def.DefaultValue != nil)
			text := x.text(a.Value, def.Type, f.Name+"."+a.Name)
			args = append(args, Arg{Name: a.Name, Text: text, Vars: x.vars})
		}
		slices.SortFunc(args, func(a, b Arg) int { return strings.Compare(a.Name, b.Name) })
		d.args[f] = args
	})
	d.literals = x.literals
	return x.strict
}

// introspectionFields returns __schema, __type and all fields below them: they are answered by the router itself and
// keep their literals.
func (d *Doc) introspectionFields() map[*ast.Field]bool {
	meta := map[*ast.Field]bool{}
	if !d.introspect {
		return meta
	}
	d.eachSelection(func(s ast.Selection) {
		if f, ok := s.(*ast.Field); ok && (isMeta(f.Name) || strings.HasPrefix(f.ObjectDefinition.Name, "__")) {
			meta[f] = true
		}
	})
	return meta
}

// namedArgs takes the arguments of an introspection field as they are.
func namedArgs(f *ast.Field) []Arg {
	args := make([]Arg, 0, len(f.Arguments))
	for _, a := range f.Arguments {
		arg := Arg{Name: a.Name, Text: a.Value.String()}
		if a.Value.Kind == ast.Variable {
			arg.Vars = []string{a.Value.Raw}
		}
		args = append(args, arg)
	}
	return args
}

// freePrefix returns underscores that, followed by digits, are the name of no variable of the client.
func freePrefix(vars ast.VariableDefinitionList) string {
	prefix := "_"
	for slices.ContainsFunc(vars, func(v *ast.VariableDefinition) bool {
		rest, ok := strings.CutPrefix(v.Variable, prefix)
		_, err := strconv.ParseUint(rest, 10, 64)
		return ok && err == nil
	}) {
		prefix += "_"
	}
	return prefix
}

type extractor struct {
	schema   *ast.Schema
	prefix   string
	literals []Var
	names    map[string]string // variable by coordinate, type and value
	strict   map[string]bool
	vars     []string // used by the argument at hand
}

// at notes whether the value is a variable at a place that takes no null.
func (x *extractor) at(v *ast.Value, t *ast.Type, hasDefault bool) {
	if v.Kind == ast.Variable && t.NonNull && !hasDefault {
		x.strict[v.Raw] = true
	}
}

// text returns the value in GraphQL with variables for its literals. The coordinate names the place in the schema.
// One literal at one coordinate gets one variable, so that equal fields stay equal.
func (x *extractor) text(v *ast.Value, t *ast.Type, coordinate string) string {
	if v.Kind == ast.Variable {
		return x.use(v.Raw)
	}
	if input.Expressible(x.schema, v, t) {
		return x.use(x.variable(v, t, coordinate))
	}
	var parts []string
	def := x.schema.Types[t.Name()]
	for _, c := range v.Children {
		switch {
		case v.Kind == ast.ListValue:
			element := input.ElementOf(t)
			x.at(c.Value, element, false)
			parts = append(parts, x.text(c.Value, element, coordinate))
		case def.Kind == ast.InputObject:
			field := def.Fields.ForName(c.Name)
			x.at(c.Value, field.Type, field.DefaultValue != nil)
			parts = append(parts, c.Name+": "+x.text(c.Value, field.Type, def.Name+"."+c.Name))
		default:
			parts = append(parts, c.Name+": "+x.text(c.Value, t, coordinate+"."+c.Name))
		}
	}
	switch v.Kind {
	case ast.ListValue:
		return "[" + strings.Join(parts, ", ") + "]"
	case ast.ObjectValue:
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return v.String() // a bare word under a custom scalar
}

func (x *extractor) use(name string) string {
	if !slices.Contains(x.vars, name) {
		x.vars = append(x.vars, name)
	}
	return "$" + name
}

// variable returns the name of the variable that stands for the literal.
func (x *extractor) variable(v *ast.Value, t *ast.Type, coordinate string) string {
	constant := input.AppendLiteral(nil, x.schema, v, t)
	id := coordinate + "\x00" + t.String() + "\x00" + string(constant)
	name, ok := x.names[id]
	if !ok {
		name = x.prefix + strconv.Itoa(len(x.literals))
		x.names[id] = name
		x.literals = append(x.literals, Var{Name: name, Type: t, Constant: constant})
	}
	return name
}
