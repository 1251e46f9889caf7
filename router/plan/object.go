package plan

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

func (s *solver) solveObject(sel *operation.Selection, entries []entry, candidates []*view, m mode) *solution {
	var reachable []*view
	if candidates != nil {
		reachable = s.reach(sel.Type, candidates)
	}
	if m.closed {
		return s.tryObject(sel, entries, nil, reachable, m)
	}
	targets, must := s.relevant(sel, entries)
	var best *solution
	for k := len(must); k <= min(len(targets), len(must)+maxExtra); k++ {
		if best != nil && (k > best.cost.fetches || s.budget < 0) {
			break
		}
		eachSubset(targets, must, k, func(wanted []*view) {
			if best != nil && s.budget < 0 {
				return
			}
			s.budget--
			if p := s.tryObject(sel, entries, wanted, reachable, m); p != nil && (best == nil || p.cost.less(best.cost)) {
				best = p
			}
		})
	}
	return best
}

// tryObject solves an object place with exactly the wanted views opened.
func (s *solver) tryObject(sel *operation.Selection, entries []entry, wanted, reachable []*view, m mode) *solution {
	sources, steps, total := s.open(sel, entries, wanted)
	if sources == nil {
		return nil
	}
	p := &solution{sel: sel, entries: entries, steps: steps, cost: total}
	for _, f := range sel.Common {
		o, c, ok := s.supplyField(sel.Type, f, sources, reachable, m)
		if !ok {
			return nil
		}
		p.outs = append(p.outs, o)
		p.cost = p.cost.plus(c)
	}
	return p
}

func (s *solver) supplyField(t *supergraph.Type, f *operation.Field, sources []entry, reachable []*view, m mode) (out, cost, bool) {
	if f.Name == typenameField {
		return out{field: f, how: constant}, cost{}, true
	}
	if o, c, ok := s.supplyDirect(t, f, sources, reachable, m); ok {
		return o, c, true
	}
	if m.closed {
		return out{}, cost{}, false
	}
	return s.supplyRequired(t, f, sources, m)
}

// supplyDirect takes the field from the sources that have it: a leaf from the earliest, a composite from all of them.
func (s *solver) supplyDirect(t *supergraph.Type, f *operation.Field, sources []entry, reachable []*view, m mode) (out, cost, bool) {
	o := out{field: f, how: direct}
	var children []entry
	for i, e := range sources {
		has := s.views.supply(e.view, f.Name)
		if !has.direct() {
			continue
		}
		o.from = append(o.from, i)
		if has.child != nil {
			children = append(children, entry{has.child, e.stage})
		}
	}
	if len(o.from) == 0 {
		return o, cost{}, false
	}
	if f.Sub == nil {
		first := slices.MinFunc(o.from, func(a, b int) int { return sources[a].stage - sources[b].stage })
		o.from = []int{first}
		return o, cost{depth: sources[first].stage, leaves: sources[first].stage}, true
	}
	if len(children) != len(o.from) {
		return o, cost{}, false
	}
	var below []*view
	if reachable != nil {
		below = s.below(reachable, f.Name)
	}
	o.child = s.solve(s.selectionBelow(t, f, children), children, below, m.open())
	if o.child == nil {
		return o, cost{}, false
	}
	return o, o.child.cost, true
}

// below returns the views that the field leads to from the given ones.
func (s *solver) below(from []*view, field string) []*view {
	r := []*view{}
	for _, v := range from {
		if has := s.views.supply(v, field); has.ok && has.child != nil && !slices.Contains(r, has.child) {
			r = append(r, has.child)
		}
	}
	return r
}

// selectionBelow returns the selection below a field for the type that the sources give to its value: subgraphs may declare a
// narrower type than the supergraph.
func (s *solver) selectionBelow(t *supergraph.Type, f *operation.Field, children []entry) *operation.Selection {
	typ := children[0].view.typ
	for _, c := range children {
		if c.view.typ != typ {
			typ = t.Fields[f.Name].Base
			break
		}
	}
	return s.selections.narrow(f.Sub, typ)
}

// open returns the mode for the places below: what may not be opened here may be opened there.
func (m mode) open() mode { return mode{internal: m.internal} }

// supplyRequired enters a view once more to get a field that has requirements.
func (s *solver) supplyRequired(t *supergraph.Type, f *operation.Field, sources []entry, m mode) (out, cost, bool) {
	var best out
	var price cost
	found := false
	for _, v := range s.views.holders(t) {
		has := s.views.supply(v, f.Name)
		if !has.ok || has.requires == nil {
			continue
		}
		g := guardKey{v, f.Name}
		if s.guard[g] {
			s.blocked++
			continue
		}
		s.guard[g] = true
		st, c, ok := s.cheapestKey(t, v, sources, has.requires, mode{internal: true})
		if ok {
			o := out{field: f, how: required, step: &st}
			if has.child != nil && f.Sub != nil {
				children := []entry{{has.child, st.stage}}
				o.child = s.solve(s.selectionBelow(t, f, children), children, []*view{has.child}, m.open())
				ok = o.child != nil
				if ok {
					c = c.plus(o.child.cost)
				}
			} else {
				c.leaves += st.stage
			}
			if ok && (!found || c.less(price)) {
				best, price, found = o, c, true
			}
		}
		delete(s.guard, g)
	}
	return best, price, found
}

// relevant returns the views whose opening can help at this place, and those without which there is no solution.
func (s *solver) relevant(sel *operation.Selection, entries []entry) (targets, must []*view) {
	t := sel.Type
	var possible []*view
	for _, v := range s.views.targets(t) {
		if !s.openAsIs(entries, v) {
			possible = append(possible, v)
		}
	}
	if len(possible) == 0 || s.all {
		return possible, nil
	}
	wanted := map[string]bool{}
	for _, f := range sel.Common {
		s.want(wanted, t, f, entries)
	}
	for grown := true; grown; {
		grown = false
		for _, v := range possible {
			if slices.Contains(targets, v) || !s.helps(v, wanted) {
				continue
			}
			targets = append(targets, v)
			grown = true
			for _, key := range v.keys() {
				s.wantSet(wanted, t, key, entries)
			}
		}
	}
	slices.SortFunc(targets, func(a, b *view) int { return slices.Index(possible, a) - slices.Index(possible, b) })
	for _, f := range sel.Common {
		if only := s.onlySupplier(t, f, entries, targets); only != nil && !slices.Contains(must, only) {
			must = append(must, only)
		}
	}
	return targets, must
}

// openAsIs tells whether the very view is among the entries; one with provided fields on top may be entered anew.
func (s *solver) openAsIs(entries []entry, v *view) bool {
	for _, e := range entries {
		if e.view == v {
			return true
		}
	}
	return false
}

// want notes the names of fields that could be taken from an opened view.
func (s *solver) want(wanted map[string]bool, t *supergraph.Type, f *operation.Field, entries []entry) {
	if f.Name == typenameField || f.Sub == nil && s.suppliedBy(entries, f.Name) {
		return
	}
	wanted[f.Name] = true
	for _, v := range s.views.holders(t) {
		if has := s.views.supply(v, f.Name); has.ok && has.requires != nil {
			s.wantSet(wanted, t, has.requires, entries)
			for _, key := range v.keys() {
				s.wantSet(wanted, t, key, entries)
			}
		}
	}
}

func (s *solver) wantSet(wanted map[string]bool, t *supergraph.Type, set *supergraph.FieldSet, entries []entry) {
	for _, f := range set.Fields {
		if f.Sub != nil || !s.suppliedBy(entries, f.Name) {
			wanted[f.Name] = true
		}
	}
	for _, o := range set.On {
		s.wantSet(wanted, t, o.Fields, entries)
	}
}

func (s *solver) suppliedBy(entries []entry, field string) bool {
	return slices.ContainsFunc(entries, func(e entry) bool { return s.views.supply(e.view, field).direct() })
}

func (s *solver) helps(v *view, wanted map[string]bool) bool {
	for name := range wanted {
		if s.views.supply(v, name).direct() {
			return true
		}
	}
	return false
}

// onlySupplier returns the view without which the field cannot be had, or nil.
func (s *solver) onlySupplier(t *supergraph.Type, f *operation.Field, entries []entry, targets []*view) *view {
	if f.Name == typenameField || s.suppliedBy(entries, f.Name) {
		return nil
	}
	for _, v := range s.views.holders(t) {
		if has := s.views.supply(v, f.Name); has.ok && has.requires != nil {
			return nil
		}
	}
	var only *view
	for _, v := range targets {
		if s.views.supply(v, f.Name).direct() {
			if only != nil {
				return nil
			}
			only = v
		}
	}
	return only
}

// eachSubset calls yield with every set of size k that holds must, in the order of the list.
func eachSubset(list, must []*view, k int, yield func([]*view)) {
	var free []*view
	for _, v := range list {
		if !slices.Contains(must, v) {
			free = append(free, v)
		}
	}
	var choose func(start int, chosen []*view)
	choose = func(start int, chosen []*view) {
		if len(chosen) == k {
			yield(chosen)
			return
		}
		for i := start; i < len(free); i++ {
			choose(i+1, append(chosen[:len(chosen):len(chosen)], free[i]))
		}
	}
	choose(0, must)
}
