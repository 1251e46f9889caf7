// Package operation turns a client's document into the operation that the planner takes.
package operation

import (
	"encoding/json"

	"github.com/soukhq/souk/router/operation/validate"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// Doc is a valid document together with the operation chosen from it. It never changes after it is made and is safe
// for concurrent readers.
type Doc struct {
	model *supergraph.Model
	op    *ast.OperationDefinition

	args       map[*ast.Field][]Arg       // of the fields that are reachable from the operation
	literals   []Var                      // the variables made of literals
	constants  map[string]json.RawMessage // their values
	inputs     []variable                 // the client's variables
	conditions map[string]int             // the bit of each variable that @skip and @include look at
	arguments  []argument                 // of directives on the operation
	introspect bool
	nesting    int // how many levels variables may nest

	whole *Op // the operation where no condition varies it, else nil
}

// Bits holds the values of the variables that @skip and @include look at.
type Bits uint64

// maxConditions is the number of variables that fit into Bits.
const maxConditions = 64

// Parse reads a document, checks it against the limits and against the schema that clients see, and chooses the
// operation of that name; an empty name stands for the only operation. The errors carry a code in their extensions.
func Parse(m *supergraph.Model, query, operationName string, lim Limits) (*Doc, gqlerror.List) {
	lim = lim.orDefault()
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, lim.Tokens)
	if err != nil {
		return nil, gqlerror.List{syntaxError(err)}
	}
	op, fail := choose(document, operationName)
	if fail != nil {
		return nil, gqlerror.List{fail}
	}
	if fail := checkLimits(document, op, lim); fail != nil {
		return nil, gqlerror.List{fail}
	}
	if errs := validate.Document(m.API(), document); len(errs) > 0 {
		return nil, errs
	}

	d := &Doc{model: m, op: op, args: map[*ast.Field][]Arg{}, conditions: map[string]int{}, nesting: lim.Nesting}
	if fail := d.readConditions(); fail != nil {
		return nil, gqlerror.List{fail}
	}
	strict := d.extractLiterals()
	d.readDirectives(strict)
	d.constants = make(map[string]json.RawMessage, len(d.literals))
	for _, l := range d.literals {
		d.constants[l.Name] = l.Constant
	}
	d.inputs = d.compileVariables(strict, lim)

	// With every condition met the operation is as large as it can become, so this is the moment to refuse it.
	n := normaliser{doc: d, every: true, budget: lim.Selections * typesPerSelection}
	largest := n.operation()
	if n.budget < 0 {
		return nil, gqlerror.List{fault(codeSelections, op.Position, "The operation selects too many fields of too many types.")}
	}
	if len(d.conditions) == 0 {
		d.whole = largest
	}
	return d, nil
}

// Kind tells what the operation does: query, mutation or subscription.
func (d *Doc) Kind() ast.Operation { return d.op.Operation }

// Name returns the client's name for the operation, or "".
func (d *Doc) Name() string { return d.op.Name }

// Introspects tells whether the operation asks for the schema itself.
func (d *Doc) Introspects() bool { return d.introspect }

// Specialise returns the operation as it is when the conditions have the given values.
func (d *Doc) Specialise(b Bits) *Op {
	if d.whole != nil {
		return d.whole
	}
	n := normaliser{doc: d, bits: b}
	return n.operation()
}

// choose finds the operation of that name, or the only one.
func choose(document *ast.QueryDocument, name string) (*ast.OperationDefinition, *gqlerror.Error) {
	switch {
	case len(document.Operations) == 0:
		return nil, fault(codeResolution, document.Position, "The document has no operation.")
	case name == "" && len(document.Operations) > 1:
		return nil, fault(codeResolution, document.Operations[1].Position, "The document has several operations: operationName is needed.")
	case name == "":
		return document.Operations[0], nil
	}
	for _, op := range document.Operations {
		if op.Name == name {
			return op, nil
		}
	}
	return nil, fault(codeResolution, document.Position, "The document has no operation of the name that was asked for.")
}
