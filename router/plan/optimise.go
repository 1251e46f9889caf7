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
		return cmp.Or(cmp.Compare(level[a], level[b]), cmp.Compare(a.id, b.id))
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
		if slices.ContainsFunc(f.parts, func(p *part) bool { return !p.sel.empty() }) {
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

// levels returns for each fetch how many others must come before it, one after the other.
func levels(fetches []*fetch) map[*fetch]int {
	r := make(map[*fetch]int, len(fetches))
	var level func(f *fetch) int
	level = func(f *fetch) int {
		if n, ok := r[f]; ok {
			return n
		}
		n := 0
		for _, d := range f.deps {
			n = max(n, level(d)+1)
		}
		r[f] = n
		return n
	}
	for _, f := range fetches {
		level(f)
	}
	return r
}

func depthOf(fetches []*fetch) int {
	most := 0
	for _, n := range levels(fetches) {
		most = max(most, n+1)
	}
	return most
}

// reduce drops dependencies that follow from others.
func reduce(fetches []*fetch) {
	for _, f := range fetches {
		f.deps = slices.DeleteFunc(slices.Clone(f.deps), func(d *fetch) bool {
			return slices.ContainsFunc(f.deps, func(o *fetch) bool { return o != d && o.reaches(d) })
		})
	}
}
