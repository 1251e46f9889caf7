package solve

import (
	"strconv"
	"strings"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

type memoKey struct {
	sel        *operation.Selection
	typ        *supergraph.Type
	entries    string
	candidates string
	mode       mode
}

// runningKey is what a call of solve solves, at whatever stage.
type runningKey struct {
	sel        *operation.Selection
	views      string
	candidates string
	mode       mode
}

// guardKey is a field that has requirements of the objects at one place.
type guardKey struct {
	place int
	view  *View
	field string
}

// noRefusal is the lowest depth as long as nothing was refused.
const noRefusal = maxDepth

// solve returns the cheapest solution for the selection at a place where entries are open, or nil if there is none.
// Candidates are the views by which any plan could be at this place; nil means that they do not matter. What is being
// solved is no part of its own solution. A solution that lacks something for that reason is remembered only if the call
// that was in the way has begun within this one: the other might find more at another time.
func (s *Solver) solve(sel *operation.Selection, entries []entry, candidates []*View, m mode) *Solution {
	k := memoKey{sel, nil, entryKey(entries), viewKeys(candidates), m}
	if found, ok := s.memo[k]; ok {
		return found
	}
	run := runningKey{sel, entryViewKeys(entries), k.candidates, m}
	if depth, ok := s.running[run]; ok {
		s.refuse(depth)
		return nil
	}
	if s.depth >= maxDepth || s.budget < -maxOverBudget {
		s.refuse(-1)
		return nil
	}
	outer := s.lowest
	s.lowest = noRefusal
	s.running[run] = s.depth
	s.depth++
	s.calls++
	var best *Solution
	if sel.Type.Abstract() {
		best = s.solveAbstract(sel, entries, candidates, m)
	} else {
		best = s.solveObject(sel, entries, candidates, m)
	}
	s.depth--
	delete(s.running, run)
	if s.complete() {
		s.memo[k] = best
	}
	s.lowest = min(outer, s.lowest)
	return best
}

// refuse notes that something was not tried because of the call of that depth.
func (s *Solver) refuse(depth int) { s.lowest = min(s.lowest, depth) }

// complete tells whether nothing was refused because of a call that is still running. What it was said of is forgotten.
func (s *Solver) complete() bool {
	if s.lowest < s.depth {
		return false
	}
	s.lowest = noRefusal
	return true
}

// below solves a selection of other objects than those whose fields are being solved.
func (s *Solver) below(sel *operation.Selection, entries []entry, candidates []*View, m mode) *Solution {
	outer := s.place
	s.places++
	s.place = s.places
	p := s.solve(sel, entries, candidates, m)
	s.place = outer
	return p
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

func entryViewKeys(entries []entry) string {
	var b strings.Builder
	for _, e := range entries {
		b.WriteString(strconv.Itoa(e.view.id))
		b.WriteByte(' ')
	}
	return b.String()
}

func viewKeys(list []*View) string {
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
