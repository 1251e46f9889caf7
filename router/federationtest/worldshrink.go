package federationtest

import "slices"

// Shrink takes parts of the world away for as long as it still fails.
func (w *World) Shrink(fails func() bool) {
	for again := true; again; {
		again = w.shrinkTypes(fails)
		for _, fields := range w.fieldLists() {
			again = shrinkFields(fields, fails) || again
		}
	}
}

func (w *World) shrinkTypes(fails func() bool) bool {
	smaller := false
	for _, t := range slices.Backward(w.types) {
		if slices.ContainsFunc(w.links(), func(f *worldField) bool { return f.to == t || slices.Contains(f.to.members, t) }) {
			continue
		}
		before := w.types
		w.types = slices.DeleteFunc(slices.Clone(before), func(o *worldType) bool { return o == t })
		if fails() {
			smaller = true
		} else {
			w.types = before
		}
	}
	return smaller
}

// fieldLists returns where the fields of the roots and of all types are kept.
func (w *World) fieldLists() []*[]*worldField {
	lists := []*[]*worldField{&w.roots, &w.mutations}
	for _, t := range w.types {
		lists = append(lists, &t.fields)
	}
	return lists
}

// shrinkFields drops fields, or else what is special about them.
func shrinkFields(fields *[]*worldField, fails func() bool) bool {
	smaller := false
	for _, f := range slices.Backward(*fields) {
		before := *fields
		if f.name != noteField { // which interfaces may rely on
			*fields = slices.DeleteFunc(slices.Clone(before), func(o *worldField) bool { return o == f })
			if fails() {
				smaller = true
				continue
			}
			*fields = before
		}
		for _, plainer := range []func(){
			func() { f.provides = nil },
			func() { f.requires, f.requiresBelow = nil, nil },
			func() { f.overrides = -1 },
			func() { f.fails, f.nonNull = false, false },
			func() { f.graphs = f.graphs[:min(1, len(f.graphs))] },
		} {
			old := *f
			if plainer(); f.size() < old.size() && fails() {
				smaller = true
			} else {
				*f = old
			}
		}
	}
	return smaller
}

// size counts what is special about a field.
func (f *worldField) size() int {
	n := len(f.provides) + len(f.graphs)
	for _, special := range []bool{f.requires != nil, f.overrides >= 0, f.fails, f.nonNull} {
		if special {
			n++
		}
	}
	return n
}
