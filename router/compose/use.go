package compose

import (
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// setVisitor is told what a field set selects.
type setVisitor struct {
	// field gets every field in the type that it is selected on; f is nil where the type has no such field. External
	// tells whether a field above it in the set is external.
	field func(sel supergraph.FieldSel, t *subType, f *subField, external bool)
	// condition gets every type condition; it may be nil.
	condition func(name string, t *subType)
}

// walk visits what the set selects on t, as far as it exists.
func (v setVisitor) walk(set *supergraph.FieldSet, t *subType, external bool) {
	for _, sel := range set.Fields {
		if sel.Name == "__typename" {
			continue
		}
		f := t.fields[sel.Name]
		v.field(sel, t, f, external)
		if f == nil || sel.Sub == nil {
			continue
		}
		if base := f.base(); base != nil && base.composite() {
			v.walk(sel.Sub, base, external || anyExternal(t, f))
		}
	}
	for _, on := range set.On {
		if v.condition != nil {
			v.condition(on.Type, t)
		}
		if narrowed := t.graph.types[on.Type]; narrowed != nil && narrowed.composite() {
			v.walk(on.Fields, narrowed, external)
		}
	}
}

// anyExternal tells whether the field is external; a field of an interface is where it is for an implementation.
func anyExternal(t *subType, f *subField) bool {
	if f.external {
		return true
	}
	for _, o := range implementing(t, f.name) {
		if o.external {
			return true
		}
	}
	return false
}

// implementing returns the fields that stand behind a field of an abstract type.
func implementing(t *subType, name string) []*subField {
	if !t.abstract() {
		return nil
	}
	var fields []*subField
	for _, o := range t.implementations() {
		if f := o.fields[name]; f != nil {
			fields = append(fields, f)
		}
	}
	return fields
}

// markUse notes on the fields what keys, requirements, provisions and interfaces make of them. It can be repeated.
func (g *subgraph) markUse() {
	visitor := func(mark func(*subField)) setVisitor {
		return setVisitor{field: func(_ supergraph.FieldSel, t *subType, f *subField, _ bool) {
			if f == nil {
				return
			}
			for _, each := range append(implementing(t, f.name), f) {
				each.used = true
				mark(each)
			}
		}}
	}
	for _, t := range g.order {
		for _, k := range t.keys {
			if k.set != nil {
				visitor(func(f *subField) {
					f.inKey = true
					if k.extension && f.external {
						f.external, f.fakeExternal = false, true
					}
				}).walk(k.set, t, false)
			}
		}
	}
	for _, t := range g.order {
		for _, f := range t.order {
			if f.requires != nil && f.requires.set != nil {
				visitor(func(*subField) {}).walk(f.requires.set, t, false)
			}
			if base := f.base(); f.provides != nil && f.provides.set != nil && base != nil {
				visitor(func(f *subField) { f.provided = f.provided || f.external }).walk(f.provides.set, base, false)
			}
		}
		g.markInterfaceUse(t)
	}
}

func (g *subgraph) markInterfaceUse(t *subType) {
	for _, name := range t.implements {
		iface := g.types[name]
		if iface == nil || iface.kind != ast.Interface {
			continue
		}
		for _, f := range iface.order {
			if own := t.fields[f.name]; own != nil {
				own.used = true
			}
		}
	}
}
