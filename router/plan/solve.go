package plan

import (
	"strconv"
	"strings"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

const (
	maxDepth = 64 // of the solver's recursion
	maxExtra = 4  // views opened at one place beyond those that must be
)

// entry is a view that is open at a place, and how many fetches in a row it takes to have it.
type entry struct {
	view  *view
	stage int
}

// solution tells how everything that one selection asks for at one place is supplied. It never changes after it is made.
type solution struct {
	cost    cost
	sel     *operation.Selection
	entries []entry
	steps   []step   // the views opened here, in opening order; sources are entries, then steps
	outs    []out    // one for each field of sel.Common
	per     []branch // one for each bucket that is not dropped
	dropped []*supergraph.Type
}

// step opens a view: an entity fetch.
type step struct {
	view         *view
	stage        int
	sources      int       // it uses the first so many sources
	condition    *solution // supplies the inputs
	key          *supergraph.FieldSet
	requirements *supergraph.FieldSet // nil unless a field asks for them
}

// out tells who supplies one field.
type out struct {
	field *operation.Field
	how   how
	from  []int     // sources: one for a leaf, all that have it for a composite
	child *solution // of a composite
	step  *step     // opened for this field alone, because it has requirements
	per   []branch  // the field is solved for each object type by itself
}

type how uint8

const (
	constant  how = iota // __typename of an object type
	direct               // from open views
	required             // by a step with requirements
	exploded             // for each object type by itself
	existence            // nothing is asked for: only whether there is an object, and of what type
)

// branch solves the part of an abstract place that is of one object type.
type branch struct {
	typ   *supergraph.Type
	from  []int // sources, in the order of the solution's entries
	child *solution
}

// mode says for whom a selection is solved.
type mode struct {
	internal bool // for a key or requirement, not for the client
	closed   bool // no further view may be opened here
}

// solver finds the cheapest solution for one operation. It is used once.
type solver struct {
	model      *supergraph.Model
	views      *views
	selections *selections

	memo    map[memoKey]*solution
	reached map[memoKey][]*view
	guard   map[guardKey]bool // requirements being solved
	blocked int               // how often the guard or the depth limit said no
	depth   int
	budget  int // how many combinations may still be tried; below 0 the first feasible one is taken
	calls   int
	all     bool // tests: try all combinations
}

type memoKey struct {
	sel        *operation.Selection
	typ        *supergraph.Type
	entries    string
	candidates string
	mode       mode
}

type guardKey struct {
	view  *view
	field string
}

func newSolver(m *supergraph.Model, opt Options) *solver {
	return &solver{model: m, views: newViews(m, opt.Labels), selections: newSelections(m),
		memo: map[memoKey]*solution{}, reached: map[memoKey][]*view{}, guard: map[guardKey]bool{},
		budget: opt.budget(), all: opt.exhaustive}
}

// solve returns the cheapest solution for the selection at a place where entries are open, or nil if there is none.
// Candidates are the views by which any plan could be at this place; nil means that they do not matter.
func (s *solver) solve(sel *operation.Selection, entries []entry, candidates []*view, m mode) *solution {
	k := memoKey{sel, nil, entryKey(entries), viewKeys(candidates), m}
	if found, ok := s.memo[k]; ok {
		return found
	}
	if s.depth >= maxDepth {
		s.blocked++
		return nil
	}
	s.depth++
	s.calls++
	before := s.blocked
	var best *solution
	if sel.Type.Abstract() {
		best = s.solveAbstract(sel, entries, candidates, m)
	} else {
		best = s.solveObject(sel, entries, candidates, m)
	}
	s.depth--
	if s.blocked == before {
		s.memo[k] = best
	}
	return best
}

func entryKey(entries []entry) string {
	var b strings.Builder
	for _, e := range entries {
		b.WriteString(strconv.Itoa(e.view.id))
		b.WriteByte('@')
		b.WriteString(strconv.Itoa(e.stage))
		b.WriteByte(' ')
	}
	return b.String()
}

func viewKeys(list []*view) string {
	if list == nil {
		return "-"
	}
	var b strings.Builder
	for _, v := range list {
		b.WriteString(strconv.Itoa(v.id))
		b.WriteByte(' ')
	}
	return b.String()
}

// reach returns the views by which objects of type t can be seen when the given ones are at hand.
func (s *solver) reach(t *supergraph.Type, from []*view) []*view {
	k := memoKey{typ: t, entries: viewKeys(from)}
	if r, ok := s.reached[k]; ok {
		return r
	}
	before := s.blocked
	r := make([]*view, 0, len(from))
	var open []entry
	for _, v := range from {
		r = append(r, v)
		open = append(open, entry{view: v})
	}
	for grown := true; grown; {
		grown = false
		for _, target := range s.views.targets(t) {
			if isOpen(open, target) || !s.enterable(t, target, open) {
				continue
			}
			r = append(r, target)
			open = append(open, entry{view: target})
			grown = true
		}
	}
	if s.blocked == before {
		s.reached[k] = r
	}
	return r
}

func (s *solver) enterable(t *supergraph.Type, target *view, open []entry) bool {
	for _, key := range target.keys() {
		if s.solve(s.selections.fieldSet(t, key, nil), open, nil, mode{internal: true, closed: true}) != nil {
			return true
		}
	}
	return false
}

// isOpen tells whether the type is open in that subgraph, whatever is provided on top.
func isOpen(open []entry, v *view) bool {
	for _, e := range open {
		if e.view.graph == v.graph && e.view.typ == v.typ {
			return true
		}
	}
	return false
}

// open opens the views one after the other, always the one that is soonest and cheapest to have. It returns nil
// sources if one of them cannot be opened.
func (s *solver) open(sel *operation.Selection, entries []entry, wanted []*view) ([]entry, []step, cost) {
	sources := append(make([]entry, 0, len(entries)+len(wanted)), entries...)
	var steps []step
	var total cost
	rest := append([]*view(nil), wanted...)
	for len(rest) > 0 {
		var best step
		var price cost
		at := -1
		for i, v := range rest {
			st, c, ok := s.cheapestKey(sel.Type, v, sources, nil, mode{internal: true, closed: true})
			if ok && (at < 0 || st.stage < best.stage || st.stage == best.stage && c.less(price)) {
				best, price, at = st, c, i
			}
		}
		if at < 0 {
			return nil, nil, cost{}
		}
		steps = append(steps, best)
		total = total.plus(price)
		sources = append(sources, entry{best.view, best.stage})
		rest = append(rest[:at:at], rest[at+1:]...)
	}
	return sources, steps, total
}

// cheapestKey finds the key that a view is entered by, together with the requirements.
func (s *solver) cheapestKey(t *supergraph.Type, v *view, sources []entry, req *supergraph.FieldSet, m mode) (step, cost, bool) {
	var best step
	var price cost
	found := false
	for _, key := range v.keys() {
		condition := s.solve(s.selections.fieldSet(t, key, req), sources, nil, m)
		if condition == nil {
			continue
		}
		c := condition.cost
		c.fetches++
		c.keys += leafCount(key)
		st := step{view: v, stage: 1 + condition.cost.depth, sources: len(sources), condition: condition, key: key, requirements: req}
		c.depth = st.stage
		if !found || c.less(price) {
			best, price, found = st, c, true
		}
	}
	return best, price, found
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
