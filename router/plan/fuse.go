package plan

import "slices"

// fuse makes one fetch of two that ask the same subgraph for the same objects, where neither needs the other and
// nothing has to wait longer at the end.
func fuse(fetches []*fetch) []*fetch {
	level := levels(fetches)
	depth := depthOf(level)
	for i := 0; i < len(fetches); i++ {
		for j := i + 1; j < len(fetches); j++ {
			a, b := fetches[i], fetches[j]
			if !fusible(a, b) || lengthens(fetches, a, b, level, depth) {
				continue
			}
			absorb(a, b)
			fetches = slices.Delete(fetches, j, j+1)
			replaceDep(fetches, b, a)
			level = levels(fetches)
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

// lengthens tells whether the last fetches were to wait longer if the two were one.
func lengthens(fetches []*fetch, a, b *fetch, level []int, depth int) bool {
	behind := func(f *fetch) int {
		tail := 0
		for _, d := range fetches {
			if after := level[d.id] - level[f.id]; after > tail && d.reaches(f) {
				tail = after
			}
		}
		return tail
	}
	return max(level[a.id], level[b.id])+max(behind(a), behind(b)) > depth
}

// absorb adds to a what b asks for. Where they wait for different fetches, one of those may fail for an object: what can
// be asked for all the same then is, in the same request. So no fetch has to wait longer or to be left apart, and
// nothing is lost but what needs what is missing.
func absorb(a, b *fetch) {
	var mine, others []*part
	if !sameDeps(a, b) || hasSpares(a) || hasSpares(b) {
		mine, others = copyParts(a.parts), copyParts(b.parts)
	}
	for j, y := range b.parts {
		i := slices.IndexFunc(a.parts, func(x *part) bool { return samePart(x, y) })
		if i < 0 {
			a.parts = append(a.parts, y)
			continue
		}
		x := a.parts[i]
		if mine != nil && i < len(mine) && !sameRep(x.rep, y.rep) {
			x.spares = append(mine[i].pieces(), others[j].pieces()...)
		}
		x.rep, x.decides = union(x.rep, y.rep), x.decides || y.decides
		if x.sel != y.sel {
			x.sel.graft(y.sel)
		}
	}
	for _, d := range b.deps {
		a.dependOn(d)
	}
}

func sameDeps(a, b *fetch) bool {
	return len(a.deps) == len(b.deps) && !slices.ContainsFunc(a.deps, func(d *fetch) bool { return !slices.Contains(b.deps, d) })
}

func hasSpares(f *fetch) bool {
	return slices.ContainsFunc(f.parts, func(p *part) bool { return p.spares != nil })
}

// copyParts returns parts that do not change when others are fused with these.
func copyParts(parts []*part) []*part {
	r := make([]*part, len(parts))
	clones := map[*selection]*selection{}
	for i, p := range parts {
		c := *p
		if c.sel = clones[p.sel]; c.sel == nil {
			c.sel = p.sel.clone()
			clones[p.sel] = c.sel
		}
		r[i] = &c
	}
	return r
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
