package solve

import (
	"slices"

	"github.com/soukhq/souk/router/supergraph"
)

// search finds the set of targets whose opening is cheapest. It holds all of must. Small sets are tried first, as every
// opened view costs a fetch at least.
func (s *Solver) search(t *supergraph.Type, entries []entry, targets, must []*View, try func([]*View) *Solution) *Solution {
	var best *Solution
	better := func(wanted []*View) bool {
		s.budget--
		p := try(wanted)
		if p == nil || best != nil && !p.cost.less(best.cost) {
			return false
		}
		best = p
		return true
	}
	most := min(len(targets), len(must)+maxExtra)
	for k := len(must); k <= most && s.budget >= 0; k++ {
		if best != nil && k > best.cost.fetches {
			return best
		}
		eachSubset(targets, must, k, func(wanted []*View) bool {
			better(wanted)
			return s.budget >= 0
		})
	}
	if best != nil || most == len(targets) && s.budget >= 0 {
		return best
	}
	// None of the small sets will do, or there are too many of them: open all that can be, and leave out what is of no
	// use.
	wanted := s.openable(t, entries, targets)
	better(wanted)
	for i := len(wanted) - 1; i >= 0 && best != nil; i-- {
		if fewer := slices.Delete(slices.Clone(wanted), i, i+1); better(fewer) {
			wanted = fewer
		}
	}
	return best
}

// openable returns those of the targets that can be opened at all.
func (s *Solver) openable(t *supergraph.Type, entries []entry, targets []*View) []*View {
	open := slices.Clone(entries)
	var r []*View
	for grown := true; grown; {
		grown = false
		for _, v := range targets {
			if !slices.Contains(r, v) && s.enterable(t, v, open) {
				r = append(r, v)
				open = append(open, entry{view: v})
				grown = true
			}
		}
	}
	return r
}

// eachSubset calls yield with every set of size k that holds must, in the order of the list, until yield returns false.
func eachSubset(list, must []*View, k int, yield func([]*View) bool) {
	if k == len(must) {
		yield(must)
		return
	}
	var free []*View
	for _, v := range list {
		if !slices.Contains(must, v) {
			free = append(free, v)
		}
	}
	var choose func(start int, chosen []*View) bool
	choose = func(start int, chosen []*View) bool {
		if len(chosen) == k {
			return yield(chosen)
		}
		for i := start; i < len(free); i++ {
			if !choose(i+1, append(chosen[:len(chosen):len(chosen)], free[i])) {
				return false
			}
		}
		return true
	}
	choose(0, must)
}
