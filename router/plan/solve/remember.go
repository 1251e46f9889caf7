package solve

import (
	"encoding/binary"
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

// memoKey is what a call of solve is asked.
type memoKey struct {
	sel  *operation.Selection
	text string // of the entries and candidates
	mode mode
}

// reachKey is what a call of reach is asked.
type reachKey struct {
	typ  *supergraph.Type
	text string // of the views
}

// call is a call of solve that has not returned. At what stages its entries are does not matter.
type call struct {
	sel        *operation.Selection
	entries    []entry
	candidates []*View
	mode       mode
}

// guarded is a field that has requirements of the objects at one place, while these are solved.
type guarded struct {
	place int
	view  *View
	field string
	depth int // of the call that solves them
}

// noRefusal is the lowest depth as long as nothing was refused.
const noRefusal = maxDepth

// solve returns the cheapest solution for the selection at a place where entries are open, or nil if there is none.
// Candidates are the views by which any plan could be at this place; nil means that they do not matter. What is being
// solved is no part of its own solution. A solution that lacks something for that reason is remembered only if the call
// that was in the way has begun within this one: the other might find more at another time.
func (s *Solver) solve(sel *operation.Selection, entries []entry, candidates []*View, m mode) *Solution {
	text := s.entriesText(entries, candidates)
	if found, ok := s.memo[memoKey{sel, string(text), m}]; ok {
		return found
	}
	k := memoKey{sel, string(text), m}
	if depth := s.running(sel, entries, candidates, m); depth >= 0 {
		s.refuse(depth)
		return nil
	}
	if len(s.calling) >= maxDepth || s.budget < -maxOverBudget {
		s.refuse(-1)
		return nil
	}
	outer := s.lowest
	s.lowest = noRefusal
	s.calling = append(s.calling, call{sel, entries, candidates, m})
	s.calls++
	var best *Solution
	if sel.Type.Abstract() {
		best = s.solveAbstract(sel, entries, candidates, m)
	} else {
		best = s.solveObject(sel, entries, candidates, m)
	}
	s.calling = s.calling[:len(s.calling)-1]
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
	if s.lowest < len(s.calling) {
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

// running returns the depth of the call that solves the same, or -1.
func (s *Solver) running(sel *operation.Selection, entries []entry, candidates []*View, m mode) int {
	return slices.IndexFunc(s.calling, func(c call) bool {
		return c.sel == sel && c.mode == m && (c.candidates == nil) == (candidates == nil) && slices.Equal(c.candidates, candidates) &&
			slices.EqualFunc(c.entries, entries, func(a, b entry) bool { return a.view == b.view })
	})
}

// entriesText writes entries and candidates so that others have other texts. The next call writes over it.
func (s *Solver) entriesText(entries []entry, candidates []*View) []byte {
	b := binary.AppendUvarint(s.text[:0], uint64(len(entries)))
	for _, e := range entries {
		b = binary.AppendUvarint(b, uint64(e.view.id))
		b = binary.AppendUvarint(b, uint64(e.stage))
	}
	if candidates != nil {
		b = append(b, '+')
	}
	s.text = appendViews(b, candidates)
	return s.text
}

func appendViews(b []byte, list []*View) []byte {
	for _, v := range list {
		b = binary.AppendUvarint(b, uint64(v.id))
	}
	return b
}
