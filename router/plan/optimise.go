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

// fuse makes one fetch of two that ask the same subgraph for the same objects, where neither needs the other and
// nothing has to wait longer at the end.
func fuse(fetches []*fetch) []*fetch {
	depth := depthOf(fetches)
	for i := 0; i < len(fetches); i++ {
		for j := i + 1; j < len(fetches); j++ {
			a, b := fetches[i], fetches[j]
			if !fusible(a, b) || lengthens(fetches, a, b, depth) {
				continue
			}
			absorb(a, b)
			fetches = slices.Delete(fetches, j, j+1)
			replaceDep(fetches, b, a)
			j = i
		}
	}
	return fetches
}

func fusible(a, b *fetch) bool {
	if a.graph != b.graph || a.unit != b.unit || a.place != b.place || a.root || b.root || a.reaches(b) || b.reaches(a) {
		return false
	}
	for _, x := range a.parts {
		for _, y := range b.parts {
			if samePart(x, y) && conflict(x.rep, y.rep) {
				return false
			}
		}
	}
	return true
}

// samePart tells whether the parts ask for the same objects in the same way.
func samePart(x, y *part) bool {
	return x.repType == y.repType && x.key == y.key && x.sel.typ == y.sel.typ && slices.Equal(x.path, y.path)
}

// conflict tells whether two representations give one field different values: with other arguments, or with something
// else below it for some types only.
func conflict(a, b []RepField) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Name != y.Name || x.When != 0 && y.When != 0 && x.When != y.When {
				continue
			}
			if x.Slot != y.Slot || x.When != y.When && x.Sub != nil || conflict(x.Sub, y.Sub) {
				return true
			}
		}
	}
	return false
}

func lengthens(fetches []*fetch, a, b *fetch, depth int) bool {
	level := levels(fetches)
	at := max(level[a], level[b])
	behind := func(f *fetch) int {
		tail := 0
		for _, d := range fetches {
			if d.reaches(f) {
				tail = max(tail, level[d]-level[f])
			}
		}
		return tail
	}
	return at+max(behind(a), behind(b)) >= depth
}

func absorb(a, b *fetch) {
	for _, y := range b.parts {
		i := slices.IndexFunc(a.parts, func(x *part) bool { return samePart(x, y) })
		if i < 0 {
			a.parts = append(a.parts, y)
			continue
		}
		x := a.parts[i]
		x.rep = union(x.rep, y.rep)
		if x.sel != y.sel {
			x.sel.graft(y.sel)
		}
	}
	for _, d := range b.deps {
		a.dependOn(d)
	}
}

// union returns the representation with the fields of both, each once.
func union(a, b []RepField) []RepField {
	r := slices.Clone(a)
	for _, y := range b {
		if y.When == 0 {
			r = slices.DeleteFunc(r, func(x RepField) bool { return x.Slot == y.Slot && x.When != 0 })
		} else if slices.ContainsFunc(r, func(x RepField) bool { return x.Slot == y.Slot && x.When == 0 }) {
			continue
		}
		i := slices.IndexFunc(r, func(x RepField) bool { return x.Slot == y.Slot && x.When == y.When })
		if i < 0 {
			r = append(r, y)
			continue
		}
		r[i].Sub = union(r[i].Sub, y.Sub)
		r[i].Key = r[i].Key || y.Key
	}
	return r
}

func replaceDep(fetches []*fetch, old, by *fetch) {
	for _, f := range fetches {
		if i := slices.Index(f.deps, old); i >= 0 {
			f.deps = slices.Delete(f.deps, i, i+1)
			f.dependOn(by)
		}
	}
}

// reduce drops dependencies that follow from others.
func reduce(fetches []*fetch) {
	for _, f := range fetches {
		f.deps = slices.DeleteFunc(slices.Clone(f.deps), func(d *fetch) bool {
			return slices.ContainsFunc(f.deps, func(o *fetch) bool { return o != d && o.reaches(d) })
		})
	}
}
