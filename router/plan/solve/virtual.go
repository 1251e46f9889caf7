package solve

import (
	"slices"

	"github.com/soukhq/souk/router/operation"
)

// isVirtual tells whether nobody but virtual subgraphs has said that there are objects.
func isVirtual(entries []entry) bool {
	return len(entries) > 0 && !slices.ContainsFunc(entries, func(e entry) bool { return !e.view.Virtual })
}

// owns tells whether the objects of v are the ones that those of a virtual view stand for: both subgraphs say that they
// implement one and the same interface.
func (v *View) owns(virtual *View) bool {
	if v.Virtual || v.InterfaceObject {
		return false
	}
	for _, i := range v.Type.Interfaces {
		named, owned := i.In(virtual.Graph), i.In(v.Graph)
		if named != nil && owned != nil && slices.Contains(named.Runtime, v.Type) && slices.Contains(owned.Runtime, v.Type) {
			return true
		}
	}
	return false
}

// decide lets the steps that enter owners say whether there is an object, and tells whether there is such a step.
func decide(steps []Step, virtual *View) bool {
	found := false
	for i := range steps {
		steps[i].Decides = steps[i].View.owns(virtual)
		found = found || steps[i].Decides
	}
	return found
}

// owners marks the views of owners as helpful. Where there is just one, it must be opened.
func (s *Solver) owners(possible []*View, helpful []bool, entries []entry) (must []*View) {
	for i, v := range possible {
		if helpful[i] = v.owns(entries[0].view); helpful[i] {
			must = append(must, v)
		}
	}
	if len(must) > 1 {
		return nil
	}
	return must
}

// everyType adds buckets that ask for nothing to those of a client's selection at a virtual place: of each type that an
// object can be of the owner has to say whether there is one. Common fields are asked of each type anyway.
func everyType(sel *operation.Selection, buckets []*operation.Bucket, entries []entry) []*operation.Bucket {
	if !onlyTypename(sel.Common) {
		return buckets
	}
	for _, t := range entries[0].view.Runtime() {
		if !slices.ContainsFunc(buckets, func(b *operation.Bucket) bool { return b.Type == t }) {
			buckets = append(buckets, &operation.Bucket{Type: t})
		}
	}
	return buckets
}
