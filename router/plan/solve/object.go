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
	targets, must := s.relevant(sel, entries, m)
	return s.search(sel.Type, entries, targets, must, func(wanted []*View) *Solution {
		return s.tryObject(sel, entries, wanted, reachable, m)
	})
}

// tryObject solves an object place with exactly the wanted views opened.
func (s *Solver) tryObject(sel *operation.Selection, entries []entry, wanted, reachable []*View, m mode) *Solution {
	sources, steps, total, ok := s.open(sel, entries, wanted)
	if !ok {
		return nil
	}
	if !m.internal && isVirtual(entries) && !decide(steps, entries[0].view) {
		return nil
	}
	p := &Solution{Selection: sel, Steps: steps, Outs: make([]Out, 0, len(sel.Common)), cost: total}
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
	if f.Sub == nil {
		return s.supplyLeaf(f, sources, m)
	}
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
	if len(o.From) == 0 || len(children) != len(o.From) {
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

func (s *Solver) supplyLeaf(f *operation.Field, sources []entry, m mode) (Out, cost, bool) {
	first := -1
	for i, e := range sources {
		if (first < 0 || e.stage < sources[first].stage) && s.given(e, f.Name, m) {
			first = i
		}
	}
	if first < 0 {
		return Out{}, cost{}, false
	}
	stage := sources[first].stage
	return Out{Field: f, How: Direct, From: s.only(first)}, cost{depth: stage, leaves: stage}, true
}

// only returns the list of one source. Such lists share memory.
func (s *Solver) only(source int) []int {
	for len(s.numbers) <= source {
		s.numbers = append(s.numbers, len(s.numbers))
	}
	return s.numbers[source : source+1 : source+1]
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
		if depth := s.guarding(v, f.Name); depth >= 0 {
			s.refuse(depth)
			continue
		}
		s.guard = append(s.guard, guarded{s.place, v, f.Name, len(s.calling) - 1})
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
		s.guard = s.guard[:len(s.guard)-1]
	}
	return best, price, found
}

// guarding returns the depth of the call that solves the requirements of the field at this place, or -1.
func (s *Solver) guarding(v *View, field string) int {
	for _, g := range s.guard {
		if g.place == s.place && g.view == v && g.field == field {
			return g.depth
		}
	}
	return -1
}

// relevant returns the views whose opening can help at this place, and those without which there is no solution.
func (s *Solver) relevant(sel *operation.Selection, entries []entry, m mode) (targets, must []*View) {
	t := sel.Type
	possible := slices.DeleteFunc(slices.Clone(s.Views.targets(t)), func(v *View) bool { return openAsIs(entries, v) })
	if len(possible) == 0 || s.all {
		return possible, nil
	}
	var wanted []string
	for _, f := range sel.Common {
		wanted = s.want(wanted, t, f, entries, m)
	}
	helpful := make([]bool, len(possible))
	if !m.internal && isVirtual(entries) {
		must = s.owners(possible, helpful, entries)
	} else if len(wanted) == 0 {
		return nil, nil
	}
	for grown := true; grown; {
		grown = false
		for i, v := range possible {
			if helpful[i] || !s.helps(v, wanted) {
				continue
			}
			helpful[i], grown = true, true
			for _, key := range v.keys {
				wanted = s.wantSet(wanted, key, entries)
			}
		}
	}
	for i, v := range possible {
		if helpful[i] {
			targets = append(targets, v)
		}
	}
	for _, f := range sel.Common {
		if only := s.onlySupplier(t, f, entries, targets, m); only != nil && !slices.Contains(must, only) {
			must = append(must, only)
		}
	}
	return targets, must
}

// openAsIs tells whether the very view is among the entries; one with provided fields on top may be entered anew.
func openAsIs(entries []entry, v *View) bool {
	for _, e := range entries {
		if e.view == v {
			return true
		}
	}
	return false
}

// want appends the names of fields that could be taken from an opened view.
func (s *Solver) want(wanted []string, t *supergraph.Type, f *operation.Field, entries []entry, m mode) []string {
	if f.Def == nil || f.Sub == nil && s.suppliedBy(entries, f.Name, m) {
		return wanted
	}
	wanted = append(wanted, f.Name)
	for _, v := range s.Views.holders(t) {
		if has := s.Views.supply(v, f.Name); has.ok && has.requires != nil {
			wanted = s.wantSet(wanted, has.requires, entries)
			for _, key := range v.keys {
				wanted = s.wantSet(wanted, key, entries)
			}
		}
	}
	return wanted
}

func (s *Solver) wantSet(wanted []string, set *supergraph.FieldSet, entries []entry) []string {
	for _, f := range set.Fields {
		if f.Sub != nil || !s.suppliedBy(entries, f.Name, mode{internal: true}) {
			wanted = append(wanted, f.Name)
		}
	}
	for _, o := range set.On {
		wanted = s.wantSet(wanted, o.Fields, entries)
	}
	return wanted
}

func (s *Solver) suppliedBy(entries []entry, field string, m mode) bool {
	return slices.ContainsFunc(entries, func(e entry) bool { return s.given(e, field, m) })
}

// given tells whether an open view supplies a field.
func (s *Solver) given(e entry, field string, m mode) bool {
	return (m.internal || !e.view.Virtual || field == Typename) && s.Views.supply(e.view, field).direct()
}

func (s *Solver) helps(v *View, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(name string) bool { return s.Views.supply(v, name).direct() })
}

// onlySupplier returns the view without which the field cannot be had, or nil.
func (s *Solver) onlySupplier(t *supergraph.Type, f *operation.Field, entries []entry, targets []*View, m mode) *View {
	if f.Def == nil || s.suppliedBy(entries, f.Name, m) {
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
