package operation

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/soukhq/souk/router/operation/input"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Values are the variables of one request: checked, with defaults, and together with the literals of the document.
type Values struct {
	// ByName holds the JSON of every variable that has a value. A variable without one is not in it. It is read only.
	ByName map[string]json.RawMessage
	// Conditions are the bits for Specialise.
	Conditions Bits
}

// variable is what Coerce knows of a variable of the client.
type variable struct {
	Name     string
	declared *ast.Type // as subgraphs are told it: non-null where the variable stands at such a place
	input    *input.Type
	fallback []byte // the JSON of the default; nil: none
	required bool
	nullable bool
}

// compileVariables prepares the client's variables for Coerce.
func (d *Doc) compileVariables(strict map[string]bool, lim Limits) []variable {
	types := input.NewTypes(d.model.API(), lim.ListLength)
	vars := make([]variable, 0, len(d.op.VariableDefinitions))
	for _, def := range d.op.VariableDefinitions {
		v := variable{Name: def.Variable, declared: def.Type, input: types.Of(def.Type)}
		if def.DefaultValue != nil {
			v.fallback = input.AppendLiteral(nil, d.model.API(), def.DefaultValue, def.Type)
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
// Variables that the operation does not have are not looked at.
func (d *Doc) Coerce(variables json.RawMessage) (Values, gqlerror.List) {
	if len(d.inputs) == 0 {
		return Values{ByName: d.constants}, nil
	}
	given, ok := input.Members(variables)
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
	maps.Copy(values.ByName, d.constants)
	return values, nil
}

// coerce returns the variable's value, nil where it has none.
func (v *variable) coerce(raw []byte, given bool, nesting int) ([]byte, *input.Invalid) {
	switch {
	case !given && v.required:
		return nil, &input.Invalid{Want: fmt.Sprintf("a value of type %q is required.", v.input)}
	case !given:
		return v.fallback, nil
	case string(raw) == "null" && !v.nullable:
		return nil, &input.Invalid{Want: "it must not be null."}
	}
	return v.input.Append(nil, raw, nesting)
}
