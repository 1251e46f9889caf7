package solve

import "cmp"

// cost orders solutions: fewer fetches first, then the shorter chain of dependent fetches, then earlier data, then
// smaller keys.
type cost struct {
	fetches int
	depth   int // the latest stage that supplies anything
	leaves  int // the sum of the stages that supply the leaves
	keys    int // fields in the keys of entered views
}

func (c cost) less(o cost) bool {
	return cmp.Or(cmp.Compare(c.fetches, o.fetches), cmp.Compare(c.depth, o.depth),
		cmp.Compare(c.leaves, o.leaves), cmp.Compare(c.keys, o.keys)) < 0
}

// plus is the cost of both.
func (c cost) plus(o cost) cost {
	return cost{c.fetches + o.fetches, max(c.depth, o.depth), c.leaves + o.leaves, c.keys + o.keys}
}
