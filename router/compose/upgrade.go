package compose

import (
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// upgrade makes what was written for Federation 1 mean the same under the rules of Federation 2.
func upgrade(graphs []*subgraph) Errors {
	var p problems
	for _, g := range graphs {
		if g.old {
			g.dropMeaningless(graphs)
			g.markUse()
			g.pruneSets()
			g.dropUnusedExternals(&p)
		}
	}
	for _, g := range graphs {
		if g.old {
			g.shareImplied(graphs)
		}
	}
	return p.errs
}

// dropMeaningless removes directives where Federation 1 allowed but ignored them.
func (g *subgraph) dropMeaningless(graphs []*subgraph) {
	for _, t := range g.order {
		if t.kind == ast.Interface {
			t.keys = nil
			for _, f := range t.order {
				f.external, f.requires, f.provides = false, nil, nil
			}
		}
		if t.extension && len(t.keys) == 0 {
			t.dropExternalKey(graphs)
		}
	}
}

// pruneSets removes from provisions and requirements what is not external, as that is there without them.
func (g *subgraph) pruneSets() {
	for _, t := range g.order {
		for _, f := range t.order {
			if base := f.base(); f.provides != nil && (base == nil || !base.composite()) {
				f.provides = nil
			} else if f.provides != nil {
				f.provides = pruned(f.provides, base)
			}
			if f.requires != nil {
				f.requires = pruned(f.requires, t)
			}
		}
	}
}

// dropExternalKey makes the fields real that an extension without a key holds of the key of its origin.
func (t *subType) dropExternalKey(graphs []*subgraph) {
	for _, other := range graphs {
		origin := other.types[t.name]
		if other == t.graph || origin == nil || len(origin.keys) == 0 || origin.keys[0].set == nil {
			continue
		}
		for _, sel := range origin.keys[0].set.Fields {
			if f := t.fields[sel.Name]; f != nil && f.external {
				f.external, f.fakeExternal = false, true
			}
		}
		return
	}
}

// pruned returns the set without leaves that are not external; nil where nothing is left.
func pruned(s *subSet, t *subType) *subSet {
	if s.set == nil {
		return s
	}
	set := prune(s.set, t, false)
	if set == nil {
		return nil
	}
	return &subSet{set: set, directive: s.directive}
}

func prune(set *supergraph.FieldSet, t *subType, external bool) *supergraph.FieldSet {
	out := &supergraph.FieldSet{}
	for _, sel := range set.Fields {
		f := t.fields[sel.Name]
		if f != nil && sel.Sub != nil && f.base() != nil {
			sel.Sub = prune(sel.Sub, f.base(), external || anyExternal(t, f))
			if sel.Sub == nil {
				continue
			}
		} else if f != nil && !external && !anyExternal(t, f) {
			continue
		}
		out.Fields = append(out.Fields, sel)
	}
	for _, on := range set.On {
		narrowed := t.graph.types[on.Type]
		if narrowed != nil {
			on.Fields = prune(on.Fields, narrowed, external)
		}
		if on.Fields != nil {
			out.On = append(out.On, on)
		}
	}
	if len(out.Fields) == 0 && len(out.On) == 0 {
		return nil
	}
	return out
}

func (g *subgraph) dropUnusedExternals(p *problems) {
	for _, t := range g.order {
		before := len(t.order)
		t.order = slices.DeleteFunc(t.order, func(f *subField) bool {
			unused := f.external && !f.used
			if unused {
				delete(t.fields, f.name)
			}
			return unused
		})
		if before == 0 || len(t.order) > 0 {
			g.dropTags(t)
			continue
		}
		if g.refersTo(t.name) {
			p.add("TYPE_WITH_ONLY_UNUSED_EXTERNAL", []Node{t.node()},
				"[%s] Type %q contains only external fields and all those fields are unused (they do not appear in any @key, @provides or @requires).", g.name, t.name)
		}
		delete(g.types, t.name)
	}
	g.order = slices.DeleteFunc(g.order, func(t *subType) bool { return g.types[t.name] == nil })
}

// refersTo tells whether the subgraph uses the type anywhere.
func (g *subgraph) refersTo(name string) bool {
	return slices.ContainsFunc(g.order, func(t *subType) bool {
		return slices.Contains(t.members, name) || slices.ContainsFunc(t.order, func(f *subField) bool { return f.typ.Name() == name })
	})
}

// dropTags removes tags from fields that their owner may tag.
func (g *subgraph) dropTags(t *subType) {
	for _, f := range t.order {
		if f.external {
			f.applied = slices.DeleteFunc(f.applied, func(d *ast.Directive) bool { return d.Name == "tag" })
		}
	}
}

// shareImplied marks what Federation 1 let several subgraphs resolve without a word.
func (g *subgraph) shareImplied(graphs []*subgraph) {
	for _, t := range g.order {
		if t.kind != ast.Object || t.name == "Subscription" {
			continue
		}
		for _, other := range graphs {
			same := other.types[t.name]
			if other == g || same == nil {
				continue
			}
			for _, f := range t.order {
				if theirs := same.fields[f.name]; len(t.keys) == 0 && !isRoot(t.name) || theirs != nil && theirs.resolves() {
					f.shareable = true
				}
			}
		}
	}
}
