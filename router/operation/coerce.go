package operation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Values are the variables of one request: checked, with defaults, and together with the literals of the document.
type Values struct {
	// ByName holds the JSON of every variable that has a value. A variable without one is not in it.
	ByName map[string]json.RawMessage
	// Conditions are the bits for Specialise.
	Conditions Bits
}

// variable is what Coerce knows of a variable of the client.
type variable struct {
	Name     string
	declared *ast.Type // as subgraphs are told it: non-null where the variable stands at such a place
	input    *input
	fallback []byte // the JSON of the default; nil: none
	required bool
	nullable bool
}

// compileVariables prepares the client's variables for Coerce.
func (d *Doc) compileVariables(strict map[string]bool, lim Limits) []variable {
	c := &compiler{schema: d.model.API(), lim: lim, types: map[string]*named{}}
	vars := make([]variable, 0, len(d.op.VariableDefinitions))
	for _, def := range d.op.VariableDefinitions {
		v := variable{Name: def.Variable, declared: def.Type, input: c.input(def.Type)}
		if def.DefaultValue != nil {
			v.fallback = appendLiteral(nil, c.schema, def.DefaultValue, def.Type)
		}
		if strict[v.Name] && !def.Type.NonNull {
			t := *def.Type
			t.NonNull = true
			v.declared = &t
		}
		_, condition := d.conditions[v.Name]
		v.nullable = !v.declared.NonNull && !condition
		v.required = (def.Type.NonNull || condition) && v.fallback == nil
		vars = append(vars, v)
	}
	return vars
}

// Coerce checks the variables of a request, a JSON object or null, against their types. Errors carry BAD_USER_INPUT.
func (d *Doc) Coerce(variables json.RawMessage) (Values, gqlerror.List) {
	given, ok := givenVariables(variables)
	if !ok {
		return Values{}, gqlerror.List{fault(codeInput, nil, "Variables must be a JSON object.")}
	}
	values := Values{ByName: make(map[string]json.RawMessage, len(d.inputs)+len(d.literals))}
	var errs gqlerror.List
	for i := range d.inputs {
		v := &d.inputs[i]
		raw, ok := given[v.Name]
		value, fail := v.coerce(raw, ok, d.nesting)
		if fail != nil {
			errs = append(errs, fault(codeInput, d.op.VariableDefinitions[i].Position, "Variable \"$%s\" %s", v.Name, fail))
			continue
		}
		if value == nil {
			continue
		}
		values.ByName[v.Name] = value
		if bit, ok := d.conditions[v.Name]; ok && string(value) == "true" {
			values.Conditions |= 1 << bit
		}
	}
	if len(errs) > 0 {
		return Values{}, errs
	}
	for _, l := range d.literals {
		values.ByName[l.Name] = l.Constant
	}
	return values, nil
}

// coerce returns the variable's value, nil where it has none.
func (v *variable) coerce(raw []byte, given bool, nesting int) ([]byte, *invalid) {
	switch {
	case !given && v.required:
		return nil, &invalid{want: fmt.Sprintf("a value of type %q is required.", v.input.name)}
	case !given:
		return v.fallback, nil
	case string(raw) == "null" && !v.nullable:
		return nil, &invalid{want: "it must not be null."}
	}
	return v.input.append(nil, raw, nesting)
}

// givenVariables splits the client's variables. It reports false where they are no JSON object.
func givenVariables(variables json.RawMessage) (map[string][]byte, bool) {
	trimmed := bytes.TrimSpace(variables)
	if len(trimmed) == 0 || string(trimmed) == "null" {
		return nil, true
	}
	if !json.Valid(trimmed) || trimmed[0] != '{' {
		return nil, false
	}
	given := map[string][]byte{}
	eachMember(trimmed, func(name string, value []byte) bool {
		given[name] = value
		return true
	})
	return given, true
}

// invalid says what is wrong at a place in a variable.
type invalid struct {
	path []string // from the inside to the outside
	want string
}

func (e *invalid) String() string {
	if len(e.path) == 0 {
		return "got an invalid value: " + e.want
	}
	slices.Reverse(e.path)
	return fmt.Sprintf("got an invalid value at %q: %s", strings.TrimPrefix(strings.Join(e.path, ""), "."), e.want)
}

func (e *invalid) in(step string) *invalid {
	e.path = append(e.path, step)
	return e
}
