package solve

import (
	"maps"
	"slices"
	"strings"

	"github.com/soukhq/souk/router/supergraph"
)

// provided is the tree of fields that a @provides somewhere above makes available below one place. Trees are interned:
// equal trees are the same pointer, and nil is the empty tree.
type provided struct {
	fields map[string]*provided // a nil value provides a leaf
	on     map[string]*provided // by type condition
	key    string
}

// provisions makes and interns provided trees.
type provisions struct {
	model    *supergraph.Model
	interned map[string]*provided
	parsed   map[*supergraph.FieldSet]*provided
}

func newProvisions(m *supergraph.Model) *provisions {
	return &provisions{model: m, interned: map[string]*provided{}, parsed: map[*supergraph.FieldSet]*provided{}}
}

func (p *provisions) intern(fields, on map[string]*provided) *provided {
	if len(fields) == 0 && len(on) == 0 {
		return nil
	}
	var b strings.Builder
	write := func(prefix string, m map[string]*provided) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			b.WriteString(prefix)
			b.WriteString(name)
			if sub := m[name]; sub != nil {
				b.WriteByte('{')
				b.WriteString(sub.key)
				b.WriteByte('}')
			}
		}
	}
	write(" ", fields)
	write(" ...", on)
	key := b.String()
	if t := p.interned[key]; t != nil {
		return t
	}
	t := &provided{fields: fields, on: on, key: key}
	p.interned[key] = t
	return t
}

func (p *provisions) parse(set *supergraph.FieldSet) *provided {
	if set == nil {
		return nil
	}
	if t, ok := p.parsed[set]; ok {
		return t
	}
	fields, on := map[string]*provided{}, map[string]*provided{}
	for _, f := range set.Fields {
		fields[f.Name] = p.merge(fields[f.Name], p.parse(f.Sub))
	}
	for _, o := range set.On {
		on[o.Type] = p.merge(on[o.Type], p.parse(o.Fields))
	}
	t := p.intern(fields, on)
	p.parsed[set] = t
	return t
}

// merge returns the tree that provides what a or b provides.
func (p *provisions) merge(a, b *provided) *provided {
	if a == nil || a == b {
		return b
	}
	if b == nil {
		return a
	}
	fields, on := maps.Clone(a.fields), maps.Clone(a.on)
	for name, sub := range b.fields {
		fields[name] = p.merge(fields[name], sub)
	}
	for name, sub := range b.on {
		on[name] = p.merge(on[name], sub)
	}
	return p.intern(fields, on)
}

// intersect returns the tree that provides what both a and b provide.
func (p *provisions) intersect(a, b *provided) *provided {
	if a == b {
		return a
	}
	if a == nil || b == nil {
		return nil
	}
	both := func(x, y map[string]*provided) map[string]*provided {
		r := map[string]*provided{}
		for name, sub := range x {
			if other, ok := y[name]; ok {
				r[name] = p.intersect(sub, other)
			}
		}
		return r
	}
	return p.intern(both(a.fields, b.fields), both(a.on, b.on))
}

// forType returns the tree with the branches that hold for objects of type t taken into the trunk.
func (p *provisions) forType(tree *provided, t *supergraph.Type) *provided {
	if tree == nil || len(tree.on) == 0 {
		return tree
	}
	r := tree
	for _, name := range slices.Sorted(maps.Keys(tree.on)) {
		if cond := p.model.Type(name); cond != nil && covers(cond, t) {
			r = p.merge(r, tree.on[name])
		}
	}
	return r
}

// provides tells whether the tree provides the field, and what below it.
func (t *provided) provides(field string) (*provided, bool) {
	if t == nil {
		return nil, false
	}
	sub, ok := t.fields[field]
	return sub, ok
}

// covers tells whether every object of type t is a cond.
func covers(cond, t *supergraph.Type) bool {
	return cond == t || slices.Contains(cond.Runtime, t) || slices.Contains(t.Interfaces, cond)
}
