// Package solve finds the cheapest way to have everything that an operation selects from the subgraphs.
package solve

import (
	"cmp"
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

const (
	maxDepth      = 64      // of the solver's recursion
	maxExtra      = 4       // views opened at one place beyond those that must be
	maxOverBudget = 100_000 // combinations tried beyond the budget, until nothing more is tried at all
)

// entry is a view that is open at a place, and how many fetches in a row it takes to have it.
type entry struct {
	view  *View
	stage int
}

// Solution tells how everything that one selection asks for at one place is supplied. It never changes after it is made.
type Solution struct {
	Selection *operation.Selection
	Steps     []Step   // the views opened here, in opening order; sources are the views open before, then the steps
	Outs      []Out    // one for each common field
	Per       []Branch // one for each bucket that is not dropped
	Dropped   []*supergraph.Type

	cost cost
}

// Step opens a view: an entity fetch, or one for root fields if the view is of the query type.
type Step struct {
	View      *View
	Sources   int       // it uses the first so many sources
	Condition *Solution // supplies the inputs: the key and the requirements, if it has any; nil for root fields
	Key       *supergraph.FieldSet
	At        int  // for root fields: the source that tells whether there is an object at all
	Decides   bool // the place is virtual, and this says whether there is an object

	stage int
}

// Out tells who supplies one field.
type Out struct {
	Field *operation.Field // nil for Existence
	How   How
	From  []int     // sources: one for a leaf, all that have it for a composite
	Child *Solution // of a composite
	Step  *Step     // opened for this field alone, because it has requirements
	Per   []Branch  // the field is solved for each object type by itself
}

// How tells which way a field is supplied.
type How uint8

// The ways.
const (
	Constant  How = iota // __typename of an object type, and introspection
	Direct               // from open views
	Required             // by a step with requirements
	Exploded             // for each object type by itself
	Existence            // nothing is asked for: only whether there is an object, and of what type
)

// Branch solves the part of an abstract place that is of one object type.
type Branch struct {
	Type  *supergraph.Type
	From  []int // sources
	Child *Solution
}

// mode says for whom a selection is solved.
type mode struct {
	internal bool // for a key or requirement, not for the client
	closed   bool // no further view may be opened here
}

// Solver finds the cheapest solution for one operation. It is used once.
type Solver struct {
	Views      *Views
	Selections *Selections

	model   *supergraph.Model
	memo    map[memoKey]*Solution
	reached map[reachKey][]*View
	calling []call    // the index is the depth
	guard   []guarded // the requirements that are being solved
	place   int       // which objects the requirements are of
	places  int       // how many there were
	lowest  int       // the least depth that a refusal was due to since it was set
	budget  int       // how many combinations may still be tried; below 0 the first feasible one is taken
	calls   int
	all     bool   // tests: try all combinations
	text    []byte // room for keys
	numbers []int  // 0, 1, 2 …: room for lists of one source
}

// Options bound the work. The zero value means the defaults.
type Options struct {
	Budget int             // combinations that are compared before the first feasible one is taken; 20,000 by default
	Labels map[string]bool // of @override: those that hold
}

const defaultBudget = 20_000

// New returns a solver for one operation on the model.
func New(m *supergraph.Model, opt Options) *Solver {
	return &Solver{Views: newViews(m, opt.Labels), Selections: newSelections(m), model: m,
		memo: map[memoKey]*Solution{}, reached: map[reachKey][]*View{}, lowest: noRefusal, budget: cmp.Or(opt.Budget, defaultBudget)}
}

// Calls returns how many places were solved so far.
func (s *Solver) Calls() int { return s.calls }

// OverBudget tells whether the budget was used up, so that there may be better solutions than those found.
func (s *Solver) OverBudget() bool { return s.budget < 0 }

// reach returns the views by which objects of type t can be seen when the given ones are at hand.
func (s *Solver) reach(t *supergraph.Type, from []*View) []*View {
	s.text = appendViews(s.text[:0], from)
	if r, ok := s.reached[reachKey{t, string(s.text)}]; ok {
		return r
	}
	k := reachKey{t, string(s.text)}
	outer := s.lowest
	s.lowest = noRefusal
	r := slices.Clone(from)
	open := make([]entry, len(from))
	for i, v := range from {
		open[i].view = v
	}
	for grown := true; grown; {
		grown = false
		for _, target := range s.Views.targets(t) {
			if isOpen(open, target) || !s.enterable(t, target, open) {
				continue
			}
			r = append(r, target)
			open = append(open, entry{view: target})
			grown = true
		}
	}
	if s.complete() {
		s.reached[k] = r
	}
	s.lowest = min(outer, s.lowest)
	return r
}

func (s *Solver) enterable(t *supergraph.Type, target *View, open []entry) bool {
	if s.isQuery(target) {
		return true
	}
	for _, key := range target.keys {
		if s.solve(s.Selections.fieldSet(t, key, nil), open, nil, mode{internal: true, closed: true}) != nil {
			return true
		}
	}
	return false
}

// isOpen tells whether the type is open in that subgraph, whatever is provided on top.
func isOpen(open []entry, v *View) bool {
	for _, e := range open {
		if e.view.Graph == v.Graph && e.view.Type == v.Type {
			return true
		}
	}
	return false
}

// open opens the views one after the other, always the one that is soonest and cheapest to have. It returns false if
// one of them cannot be opened.
func (s *Solver) open(sel *operation.Selection, entries []entry, wanted []*View) (sources []entry, steps []Step, total cost, ok bool) {
	if len(wanted) == 0 {
		return entries, nil, cost{}, true
	}
	sources = append(make([]entry, 0, len(entries)+len(wanted)), entries...)
	steps = make([]Step, 0, len(wanted))
	rest := slices.Clone(wanted)
	for len(rest) > 0 {
		var best Step
		var price cost
		at := -1
		for i, v := range rest {
			st, c, ok := s.cheapestKey(sel.Type, v, sources, nil, mode{internal: true, closed: true})
			if ok && (at < 0 || st.stage < best.stage || st.stage == best.stage && c.less(price)) {
				best, price, at = st, c, i
			}
		}
		if at < 0 {
			return nil, nil, cost{}, false
		}
		steps = append(steps, best)
		total = total.plus(price)
		sources = append(sources, entry{best.View, best.stage})
		rest = slices.Delete(rest, at, at+1)
	}
	return sources, steps, total, true
}

// cheapestKey finds the key that a view is entered by, together with the requirements.
func (s *Solver) cheapestKey(t *supergraph.Type, v *View, sources []entry, req *supergraph.FieldSet, m mode) (Step, cost, bool) {
	if s.isQuery(v) {
		st := rootStep(v, sources)
		return st, cost{fetches: 1, depth: st.stage}, true
	}
	var best Step
	var price cost
	found := false
	for _, key := range v.keys {
		condition := s.solve(s.Selections.fieldSet(t, key, req), sources, nil, m)
		if condition == nil {
			continue
		}
		c := condition.cost
		c.fetches++
		c.keys += leafCount(key)
		st := Step{View: v, stage: 1 + condition.cost.depth, Sources: len(sources), Condition: condition, Key: key}
		c.depth = st.stage
		if !found || c.less(price) {
			best, price, found = st, c, true
		}
	}
	return best, price, found
}

func (s *Solver) isQuery(v *View) bool { return v.Type == s.model.Query }

// rootStep asks for root fields of a subgraph below the root.
func rootStep(v *View, sources []entry) Step {
	st := Step{View: v, Sources: len(sources)}
	for i, e := range sources {
		if e.stage < sources[st.At].stage {
			st.At = i
		}
	}
	st.stage = 1 + sources[st.At].stage
	return st
}

func leafCount(set *supergraph.FieldSet) int {
	n := 0
	for _, f := range set.Fields {
		if f.Sub == nil {
			n++
		} else {
			n += leafCount(f.Sub)
		}
	}
	for _, o := range set.On {
		n += leafCount(o.Fields)
	}
	return n
}
