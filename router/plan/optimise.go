package plan

import (
	"cmp"
	"slices"
)

// optimise drops fetches that ask for nothing, fuses those that can be one, drops dependencies that others imply, and
// numbers the fetches in an order in which they can be carried out.
func optimise(fetches []*fetch) []*fetch {
	fetches = fuse(dropEmpty(fetches))
	reduce(fetches)
	level := levels(fetches)
	slices.SortStableFunc(fetches, func(a, b *fetch) int {
		return cmp.Or(cmp.Compare(level[a.id], level[b.id]), cmp.Compare(a.id, b.id))
	})
	for i, f := range fetches {
		f.id = i
	}
	for _, f := range fetches {
		slices.SortFunc(f.deps, func(a, b *fetch) int { return cmp.Compare(a.id, b.id) })
	}
	return fetches
}

// dropEmpty drops the fetches that ask for nothing. Who waited for one waits for what that would have waited for.
func dropEmpty(fetches []*fetch) []*fetch {
	all := slices.Clone(fetches)
	return slices.DeleteFunc(fetches, func(f *fetch) bool {
		if slices.ContainsFunc(f.parts, func(p *part) bool { return p.decides || !p.sel.empty() }) {
			return false
		}
		for _, o := range all {
			if slices.Contains(o.deps, f) {
				o.deps = slices.DeleteFunc(o.deps, func(d *fetch) bool { return d == f })
				for _, d := range f.deps {
					o.dependOn(d)
				}
			}
		}
		return true
	})
}

// levels returns by the id of each fetch how many come one after the other until it is done, itself included.
func levels(fetches []*fetch) []int {
	ids := 0
	for _, f := range fetches {
		ids = max(ids, f.id+1)
	}
	r := make([]int, ids)
	for _, f := range fetches {
		f.level(r)
	}
	return r
}

func (f *fetch) level(known []int) int {
	if known[f.id] == 0 {
		n := 1
		for _, d := range f.deps {
			n = max(n, d.level(known)+1)
		}
		known[f.id] = n
	}
	return known[f.id]
}

func depthOf(level []int) int {
	most := 0
	for _, n := range level {
		most = max(most, n)
	}
	return most
}

// reduce drops dependencies that follow from others.
func reduce(fetches []*fetch) {
	for _, f := range fetches {
		if len(f.deps) < 2 {
			continue
		}
		f.deps = slices.DeleteFunc(slices.Clone(f.deps), func(d *fetch) bool {
			return slices.ContainsFunc(f.deps, func(o *fetch) bool { return o != d && o.reaches(d) })
		})
	}
}
