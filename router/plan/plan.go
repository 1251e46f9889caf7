// Package plan decides which subgraphs are asked for what, and in which order, to answer an operation.
package plan

import (
	"fmt"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan/solve"
	"github.com/soukhq/souk/router/rawjson"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// Plan tells how one operation is carried out. It never changes after it is made and is safe for concurrent use.
type Plan struct {
	Kind   ast.Operation
	Groups []*Group // in an order in which they can be carried out one after the other
	Places []Place  // the index is what paths and shapes count by; 0 is the root
	Output *Output  // how the answer is written
	Graphs int      // number of subgraphs of the supergraph

	typeNames []string // by the number that guards and objects have
	stats     Stats
}

// Group is one request to a subgraph.
type Group struct {
	ID         int
	Graph      supergraph.GraphID
	Subgraph   string
	Deps       []int // groups that must be done before
	Dependants []int
	Mutation   bool // it changes something: neither to be repeated nor to be cancelled

	Operation string // query or mutation, and the name: `query souk_01234567_0`
	Prefix    string // of the body: up to the variables
	Suffix    string // of the body: what follows the variables where all aliases but spares are used
	Used      []int  // in Vars: what those need
	Root      *Root  // nil for entities
	Aliases   []*Alias
	Vars      []Var // every variable that some part of the request uses
	// Answer reads the response: DataSlot and ErrorsSlot. Data holds the root fields, or a slot per alias.
	Answer *rawjson.Key
}

// Slots of a response.
const (
	DataSlot = iota
	ErrorsSlot
)

// Var is a variable of a request.
type Var struct {
	Name string // in the operation and in the request
	Decl string // `$name:Type`
}

// Root is a request for root fields.
type Root struct {
	Path  []Step // to the objects that they belong to; empty for the root itself
	Place int
	Text  string // the selection, escaped for a JSON string
	Vars  []int  // in Group.Vars
	Shape *rawjson.Shape
}

// Alias is one `_entities` field of a request: entities of one type, by one key, for one selection.
type Alias struct {
	Name     string // response key: `_entities`, or `_0` where there are several
	Variable string // that holds the representations
	RepType  string
	Text     string // the field, escaped for a JSON string
	Vars     []int  // in Group.Vars
	Members  []*Member
	Spare    bool // of use only where other aliases cannot be; they all come last

	Open  string // how the variable begins in a body: `"representations":[`
	Start string // how each representation begins: `{"__typename":"Book"`
}

// Member is one path whose objects take part in an alias.
type Member struct {
	Path  []Step
	Rep   []RepField
	Shape *rawjson.Shape
	Place int
	// Decides says that an entity confirms its objects: without one there are none, which is no error.
	Decides bool
	// Spares take the objects that some input is missing of: each needs less and asks for less.
	Spares []Spare
}

// Spare is a member of another alias of the same group.
type Spare struct{ Alias, Member int }

// Step goes from an object into a slot, through all lists there, to the objects of the type Guard; 0 means all.
type Step struct {
	Slot  int
	Guard uint16
}

// RepField is one field of a representation.
type RepField struct {
	Name     string
	Text     string // `,"name":`
	Slot     int
	When     uint16 // only for objects of that type; 0 means all
	Key      bool   // without it there is no representation
	Typename bool   // the objects below say their type
	Sub      []RepField
}

// Place is a position of the response whose values have fields.
type Place struct {
	Slots []Slot
}

// Slot is what the objects of a place hold under one number.
type Slot struct {
	Response string // the client's key; "" if the client did not ask for it
	Name     string // of the field
	Place    int    // of composite values, else -1
	Shared   bool   // several fetches write below it, so each parent needs objects of its own
}

// Stats describes the work of planning and its result.
type Stats struct {
	Fetches    int  // questions; several may travel in one request
	Requests   int  // groups
	Depth      int  // requests in a row
	Calls      int  // of the solver
	OverBudget bool // the plan may not be the best one
}

// Mutates tells whether carrying out the plan changes something.
func (p *Plan) Mutates() bool { return p.Kind == ast.Mutation }

// TypeName returns the name of an object's type, "" if it is not known.
func (p *Plan) TypeName(id uint16) string {
	if int(id) < len(p.typeNames) {
		return p.typeNames[id]
	}
	return ""
}

// Stats returns what planning has cost, and how large the plan is.
func (p *Plan) Stats() Stats { return p.stats }

// NoPlanError says that no combination of subgraphs can answer a field.
type NoPlanError = solve.NoPlanError

// TooLargeError says that a plan would need more fetches than allowed.
type TooLargeError struct{ Fetches, Max int }

// Code is the error's code for clients.
func (*TooLargeError) Code() string { return "PLAN_TOO_LARGE" }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the operation needs %d fetches, more than the allowed %d", e.Fetches, e.Max)
}

// New plans an operation. It is a pure function: equal operations give equal plans. The error is a *NoPlanError or a
// *TooLargeError.
func New(m *supergraph.Model, op *operation.Op, opt Options) (*Plan, error) {
	s := solve.New(m, solve.Options{Budget: opt.Budget, Labels: opt.Labels})
	choices, err := s.Roots(op)
	if err != nil {
		return nil, err
	}
	pl, words := &places{}, &texts{}
	top := pl.add(0)
	project := projector{places: pl, selections: s.Selections, texts: words}
	p := &Plan{Kind: op.Kind, Output: project.output(op.Root, top), Graphs: len(m.Graphs), typeNames: typeNames(m)}

	b := builder{views: s.Views, selections: s.Selections, places: pl, texts: words}
	b.roots(op, choices, top)
	project.finish()
	if n := len(b.fetches); n > maxUnfused*opt.maxFetches() {
		return nil, &TooLargeError{n, opt.maxFetches()}
	}
	fetches := optimise(b.fetches)
	if len(fetches) > opt.maxFetches() {
		return nil, &TooLargeError{len(fetches), opt.maxFetches()}
	}
	level := levels(fetches)
	g := grouper{model: m, op: op, plan: p, batch: opt.Batch}
	g.group(fetches, level)
	p.Places = pl.finish(fetches)
	p.stats = Stats{Fetches: len(fetches), Requests: len(p.Groups), Depth: depthOf(level), Calls: s.Calls(), OverBudget: s.OverBudget()}
	return p, nil
}

func typeNames(m *supergraph.Model) []string {
	r := make([]string, len(m.Types)+1)
	for _, t := range m.Types {
		r[typeID(t)] = t.Name
	}
	return r
}
