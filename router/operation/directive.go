package operation

import (
	"encoding/json"

	"github.com/soukhq/souk/router/operation/input"
	"github.com/vektah/gqlparser/v2/ast"
)

// argument is what stands in an argument of a directive on the operation.
type argument struct {
	directive, name string
	constant        json.RawMessage // of a literal, else of the default
	variable        string          // "" where there is none
}

// readDirectives keeps the arguments of the operation's directives. They are no part of an Op.
func (d *Doc) readDirectives(strict map[string]bool) {
	api := d.model.API()
	for _, applied := range d.op.Directives {
		for _, def := range applied.Definition.Arguments {
			a := argument{directive: applied.Name, name: def.Name}
			value := def.DefaultValue
			if given := applied.Arguments.ForName(def.Name); given != nil {
				value = given.Value
			}
			switch {
			case value == nil:
				continue
			case value.Kind == ast.Variable:
				a.variable = value.Raw
				strict[a.variable] = strict[a.variable] || def.Type.NonNull && def.DefaultValue == nil
				value = def.DefaultValue
			}
			if value != nil && input.Expressible(api, value, def.Type) {
				a.constant = input.AppendLiteral(nil, api, value, def.Type)
			}
			d.arguments = append(d.arguments, a)
		}
	}
}

// Argument returns the JSON that an argument of a directive on the operation has in a request. It reports false where
// the argument has no value.
func (d *Doc) Argument(directive, name string, v Values) (json.RawMessage, bool) {
	for i := range d.arguments {
		a := &d.arguments[i]
		if a.directive != directive || a.name != name {
			continue
		}
		if value, ok := v.ByName[a.variable]; ok && a.variable != "" {
			return value, true
		}
		return a.constant, a.constant != nil
	}
	return nil, false
}
