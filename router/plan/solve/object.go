package solve

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

func (s *Solver) solveObject(sel *operation.Selection, entries []entry, candidates []*View, m mode) *Solution {
	var reachable []*View
	if candidates != nil {
		reachable = s.reach(sel.Type, candidates)
	}
	if m.closed {
		return s.tryObject(sel, entries, nil, reachable, m)
	}
	targets, must := s.relevant(sel, entries)
	return s.search(sel.Type, entries, targets, must, func(wanted []*View) *Solution {
		return s.tryObject(sel, entries, wanted, reachable, m)
	})
}

// tryObject solves an object place with exactly the wanted views opened.
func (s *Solver) tryObject(sel *operation.Selection, entries []entry, wanted, reachable []*View, m mode) *Solution {
	sources, steps, total := s.open(sel, entries, wanted)
	if sources == nil {
		return nil
	}
	p := &Solution{Selection: sel, Steps: steps, cost: total}
	for _, f := range sel.Common {
		o, c, ok := s.supplyField(sel.Type, f, sources, reachable, m)
		if !ok {
			return nil
		}
		p.Outs = append(p.Outs, o)
		p.cost = p.cost.plus(c)
	}
	return p
}

func (s *Solver) supplyField(t *supergraph.Type, f *operation.Field, sources []entry, reachable []*View, m mode) (Out, cost, bool) {
	if f.Def == nil {
		return Out{Field: f, How: Constant}, cost{}, true
	}
	if o, c, ok := s.supplyDirect(t, f, sources, reachable, m); ok {
		return o, c, true
	}
	if m.closed {
		return Out{}, cost{}, false
	}
	return s.supplyRequired(t, f, sources, m)
}

// supplyDirect takes the field from the sources that have it: a leaf from the earliest, a composite from all of them.
func (s *Solver) supplyDirect(t *supergraph.Type, f *operation.Field, sources []entry, reachable []*View, m mode) (Out, cost, bool) {
	o := Out{Field: f, How: Direct}
	var children []entry
	for i, e := range sources {
		has := s.Views.supply(e.view, f.Name)
		if !has.direct() {
			continue
		}
		o.From = append(o.From, i)
		if has.child != nil {
			children = append(children, entry{has.child, e.stage})
		}
	}
	if len(o.From) == 0 {
		return o, cost{}, false
	}
	if f.Sub == nil {
		first := slices.MinFunc(o.From, func(a, b int) int { return sources[a].stage - sources[b].stage })
		o.From = []int{first}
		return o, cost{depth: sources[first].stage, leaves: sources[first].stage}, true
	}
	if len(children) != len(o.From) {
		return o, cost{}, false
	}
	var below []*View
	if reachable != nil {
		below = s.viewsBelow(reachable, f.Name)
	}
	o.Child = s.below(s.selectionBelow(t, f, children), children, below, m.open())
	if o.Child == nil {
		return o, cost{}, false
	}
	return o, o.Child.cost, true
}

// viewsBelow returns the views that the field leads to from the given ones.
func (s *Solver) viewsBelow(from []*View, field string) []*View {
	r := []*View{}
	for _, v := range from {
		if has := s.Views.supply(v, field); has.ok && has.child != nil && !slices.Contains(r, has.child) {
			r = append(r, has.child)
		}
	}
	return r
}

// selectionBelow returns the selection below a field for the type that the sources give to its value: subgraphs may declare a
// narrower type than the supergraph.
func (s *Solver) selectionBelow(t *supergraph.Type, f *operation.Field, children []entry) *operation.Selection {
	typ := children[0].view.Type
	for _, c := range children {
		if c.view.Type != typ {
			typ = t.Fields[f.Name].Base
			break
		}
	}
	return s.Selections.Narrow(f.Sub, typ)
}

// open returns the mode for the places below: what may not be opened here may be opened there.
func (m mode) open() mode { return mode{internal: m.internal} }

// supplyRequired enters a view once more to get a field that has requirements.
func (s *Solver) supplyRequired(t *supergraph.Type, f *operation.Field, sources []entry, m mode) (Out, cost, bool) {
	var best Out
	var price cost
	found := false
	for _, v := range s.Views.holders(t) {
		has := s.Views.supply(v, f.Name)
		if !has.ok || has.requires == nil {
			continue
		}
		g := guardKey{s.place, v, f.Name}
		if depth, ok := s.guard[g]; ok {
			s.refuse(depth)
			continue
		}
		s.guard[g] = s.depth - 1
		st, c, ok := s.cheapestKey(t, v, sources, has.requires, mode{internal: true})
		if ok {
			o := Out{Field: f, How: Required, Step: &st}
			if has.child != nil && f.Sub != nil {
				children := []entry{{has.child, st.stage}}
				o.Child = s.below(s.selectionBelow(t, f, children), children, []*View{has.child}, m.open())
				ok = o.Child != nil
				if ok {
					c = c.plus(o.Child.cost)
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
func (s *Solver) relevant(sel *operation.Selection, entries []entry) (targets, must []*View) {
	t := sel.Type
	var possible []*View
	for _, v := range s.Views.targets(t) {
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
	slices.SortFunc(targets, func(a, b *View) int { return slices.Index(possible, a) - slices.Index(possible, b) })
	for _, f := range sel.Common {
		if only := s.onlySupplier(t, f, entries, targets); only != nil && !slices.Contains(must, only) {
			must = append(must, only)
		}
	}
	return targets, must
}

// openAsIs tells whether the very view is among the entries; one with provided fields on top may be entered anew.
func (s *Solver) openAsIs(entries []entry, v *View) bool {
	for _, e := range entries {
		if e.view == v {
			return true
		}
	}
	return false
}

// want notes the names of fields that could be taken from an opened view.
func (s *Solver) want(wanted map[string]bool, t *supergraph.Type, f *operation.Field, entries []entry) {
	if f.Def == nil || f.Sub == nil && s.suppliedBy(entries, f.Name) {
		return
	}
	wanted[f.Name] = true
	for _, v := range s.Views.holders(t) {
		if has := s.Views.supply(v, f.Name); has.ok && has.requires != nil {
			s.wantSet(wanted, t, has.requires, entries)
			for _, key := range v.keys() {
				s.wantSet(wanted, t, key, entries)
			}
		}
	}
}

func (s *Solver) wantSet(wanted map[string]bool, t *supergraph.Type, set *supergraph.FieldSet, entries []entry) {
	for _, f := range set.Fields {
		if f.Sub != nil || !s.suppliedBy(entries, f.Name) {
			wanted[f.Name] = true
		}
	}
	for _, o := range set.On {
		s.wantSet(wanted, t, o.Fields, entries)
	}
}

func (s *Solver) suppliedBy(entries []entry, field string) bool {
	return slices.ContainsFunc(entries, func(e entry) bool { return s.Views.supply(e.view, field).direct() })
}

func (s *Solver) helps(v *View, wanted map[string]bool) bool {
	for name := range wanted {
		if s.Views.supply(v, name).direct() {
			return true
		}
	}
	return false
}

// onlySupplier returns the view without which the field cannot be had, or nil.
func (s *Solver) onlySupplier(t *supergraph.Type, f *operation.Field, entries []entry, targets []*View) *View {
	if f.Def == nil || s.suppliedBy(entries, f.Name) {
		return nil
	}
	for _, v := range s.Views.holders(t) {
		if has := s.Views.supply(v, f.Name); has.ok && has.requires != nil {
			return nil
		}
	}
	var only *View
	for _, v := range targets {
		if s.Views.supply(v, f.Name).direct() {
			if only != nil {
				return nil
			}
			only = v
		}
	}
	return only
}
