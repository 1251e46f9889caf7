package solve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// NoPlanError says that no combination of subgraphs can answer a field, though the schema for clients has it.
type NoPlanError struct {
	Path    []string // response keys down to the root field
	Reasons []string
}

// Code is the error's code for clients.
func (*NoPlanError) Code() string { return "OPERATION_NOT_PLANNABLE" }

func (e *NoPlanError) Error() string {
	return fmt.Sprintf("no subgraphs can answer %s: %s", strings.Join(e.Path, "."), strings.Join(e.Reasons, "; "))
}

// Root tells which subgraphs answer one root field.
type Root struct {
	Field *operation.Field
	Views []*View
	Child *Solution // nil for a leaf

	cost cost
}

// Roots chooses for each root field. Fields of a query share the subgraphs asked at the root.
func (s *Solver) Roots(op *operation.Op) ([]Root, error) {
	r := roots{solver: s, typ: op.Root.Type, mutation: op.Kind == ast.Mutation}
	for _, f := range op.Root.Common {
		if f.Def != nil {
			r.choices = append(r.choices, Root{Field: f})
			r.options = append(r.options, r.having(f))
		}
	}
	order := allIndexes(len(r.choices))
	if !r.mutation {
		slices.SortStableFunc(order, func(a, b int) int { return len(r.options[a]) - len(r.options[b]) })
	}
	for _, i := range order {
		if err := r.choose(i); err != nil {
			return nil, err
		}
	}
	for sweep := 0; sweep < 2 && !r.mutation && len(order) > 1; sweep++ {
		if !r.improve(order) {
			break
		}
	}
	return r.choices, nil
}

func allIndexes(n int) []int {
	r := make([]int, n)
	for i := range r {
		r[i] = i
	}
	return r
}

type roots struct {
	solver   *Solver
	typ      *supergraph.Type
	mutation bool
	choices  []Root
	options  [][]*View
}

// having lists the root views that have the field.
func (r *roots) having(f *operation.Field) []*View {
	var list []*View
	for i := range r.typ.Graphs {
		v := r.solver.Views.get(r.typ, r.typ.Graphs[i].Graph, nil)
		if r.solver.Views.supply(v, f.Name).direct() {
			list = append(list, v)
		}
	}
	return list
}

func (r *roots) choose(i int) error {
	best, ok := r.best(i)
	if !ok {
		return r.noPlan(i)
	}
	r.choices[i] = best
	return nil
}

// best finds the cheapest set of root views for a field while the choices for all others stay. Where small sets do not
// suffice it takes all, and leaves out what is of no use.
func (r *roots) best(i int) (Root, bool) {
	options := r.options[i]
	var best Root
	found := false
	better := func(chosen []*View) bool {
		r.solver.budget--
		if found && r.newRoots(i, chosen) > best.cost.fetches {
			return false
		}
		c, ok := r.with(i, chosen)
		if !ok || found && !c.cost.less(best.cost) {
			return false
		}
		best, found = c, true
		return true
	}
	most := min(len(options), maxExtra)
	if r.mutation {
		most = 1
	}
	for k := 1; k <= most; k++ {
		eachSubset(options, nil, k, func(chosen []*View) bool {
			better(chosen)
			return !found || r.solver.budget >= 0
		})
	}
	if found || r.mutation || most == len(options) {
		return best, found
	}
	better(options)
	for j := len(options) - 1; j >= 0 && found; j-- {
		if fewer := slices.Delete(slices.Clone(options), j, j+1); better(fewer) {
			options = fewer
		}
	}
	return best, found
}

// with solves a root field with exactly the chosen views.
func (r *roots) with(i int, chosen []*View) (Root, bool) {
	f := r.choices[i].Field
	c := Root{Field: f, Views: chosen, cost: cost{fetches: r.newRoots(i, chosen)}}
	if f.Sub != nil {
		c.Child = r.below(f, chosen, r.options[i])
		if c.Child == nil {
			return c, false
		}
		c.cost = c.cost.plus(c.Child.cost)
	}
	return c, true
}

// newRoots counts the chosen subgraphs that no other field of a query asks at the root.
func (r *roots) newRoots(i int, chosen []*View) int {
	n := 0
	for _, v := range chosen {
		shared := !r.mutation && slices.ContainsFunc(r.choices, func(c Root) bool {
			return c.Field != r.choices[i].Field && slices.Contains(c.Views, v)
		})
		if !shared {
			n++
		}
	}
	return n
}

func (r *roots) below(f *operation.Field, chosen, options []*View) *Solution {
	s := r.solver
	var entries []entry
	for _, v := range chosen {
		entries = append(entries, entry{view: s.Views.supply(v, f.Name).child})
	}
	if slices.ContainsFunc(entries, func(e entry) bool { return e.view == nil }) {
		return nil
	}
	if r.mutation {
		options = chosen
	}
	return s.below(s.selectionBelow(r.typ, f, entries), entries, s.viewsBelow(options, f.Name), mode{})
}

// improve chooses again for each field with the others as they are, and tells whether anything became cheaper.
func (r *roots) improve(order []int) bool {
	better := false
	for _, i := range order {
		old := r.choices[i]
		old.cost = cost{fetches: r.newRoots(i, old.Views)}
		if old.Child != nil {
			old.cost = old.cost.plus(old.Child.cost)
		}
		if c, ok := r.best(i); ok && c.cost.less(old.cost) {
			r.choices[i] = c
			better = true
		}
	}
	return better
}

func (r *roots) noPlan(i int) error {
	f := r.choices[i].Field
	err := &NoPlanError{Path: []string{f.Response}}
	if len(r.options[i]) == 0 {
		err.Reasons = append(err.Reasons, "no subgraph resolves "+r.typ.Name+"."+f.Name)
	}
	for _, v := range r.options[i] {
		err.Reasons = append(err.Reasons, fmt.Sprintf("what is selected below it cannot be had from subgraph %q and those that its keys lead to",
			r.solver.model.Graphs[v.Graph].Name))
	}
	return err
}
