package federationtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// interfaceObject is an interface that one subgraph knows as an object: it adds a field to all members unseen.
type interfaceObject struct {
	graph int
	extra *worldField
}

// addInterfaceObjects picks interfaces, and for each a subgraph that knows none of its members.
func (w *World) addInterfaceObjects(r *rand.Rand) {
	for i, t := range w.types {
		if t.kind != ast.Interface || len(t.unknown) > 0 || !w.uses(t, monolith) || r.IntN(3) == 0 {
			continue
		}
		for g := range w.graphs {
			if w.uses(t, g) || slices.ContainsFunc(t.members, func(m *worldType) bool { return len(m.keys[g]) > 0 }) {
				continue
			}
			t.object = &interfaceObject{g, &worldField{name: lower(t.name) + "x", overrides: -1, graphs: []int{g}}}
			if r.IntN(2) == 0 {
				w.roots = append(w.roots, &worldField{name: fmt.Sprintf("objects%d", i), to: t, list: true, overrides: -1, graphs: []int{g}})
			}
			break
		}
		if t.object == nil {
			continue
		}
		for g := range w.graphs {
			for _, m := range t.members {
				if w.uses(t, g) && !slices.Contains(m.keys[g], worldKey{fields: "id"}) {
					m.keys[g] = append(slices.DeleteFunc(m.keys[g], func(k worldKey) bool { return k.fields == "id" }), worldKey{fields: "id"})
				}
			}
		}
	}
}

// isObject tells whether the subgraph knows the interface as an object.
func (t *worldType) isObject(g int) bool { return t.object != nil && t.object.graph == g }

// extras lists the fields that interface objects add to a type: to the interface itself, or to its member.
func (w *World) extras(t *worldType) []*worldField {
	var extras []*worldField
	for _, a := range w.types {
		if a.object != nil && (a == t || slices.Contains(a.members, t)) {
			extras = append(extras, a.object.extra)
		}
	}
	return extras
}

// entity finds the object of an interface by its id.
func (r *worldResolver) interfaceEntity(a *worldType, representation map[string]any) (Object, error) {
	id, _ := representation["id"].(string)
	if len(representation) != 2 || id == "" {
		return nil, fmt.Errorf("subgraph %d is given %v for the interface %s", r.graph, representation, a.name)
	}
	parts := strings.Split(id, "-")
	for _, m := range a.members {
		for k := range population {
			if len(parts) == 3 && id == m.keyText("id", k) {
				return r.as(a, m, k), nil
			}
		}
	}
	return nil, fmt.Errorf("subgraph %d knows no %s with the id %q", r.graph, a.name, id)
}

// as returns the object of a member as the subgraph sees it: where the interface is an object, by that name.
func (r *worldResolver) as(a, member *worldType, index int) Object {
	o := &worldObject{worldResolver: r, t: member, index: index}
	if a.isObject(r.graph) {
		return facade{o, a}
	}
	return o
}

// facade is an object whose type the subgraph does not know.
type facade struct {
	*worldObject
	seenAs *worldType
}

// Typename returns the name of the interface.
func (f facade) Typename() string { return f.seenAs.name }

// Field resolves the id, and the field that the subgraph adds.
func (f facade) Field(name string, _ map[string]any) (any, error) {
	switch name {
	case "id":
		return f.t.keyText("id", f.index), nil
	case f.seenAs.object.extra.name:
		return f.leaf(f.seenAs.object.extra, nil)
	}
	return nil, fmt.Errorf("subgraph %d does not own %s.%s", f.graph, f.seenAs.name, name)
}
