package compose

import (
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// authDirectives say who may see something.
var authDirectives = []string{"authenticated", "requiresScopes", "policy"}

// checkAuth refuses conditions on interfaces: they hold for the types that implement them.
func (v *checker) checkAuth(t *subType) {
	if t.kind != ast.Interface {
		return
	}
	refuse := func(applied ast.DirectiveList, coordinate string) {
		for _, d := range applied {
			if slices.Contains(authDirectives, d.Name) {
				v.add("AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE", []Node{v.at(d, coordinate)},
					"[%s] Invalid use of @%s on %q: it cannot be applied on interfaces, interface fields and interface objects.", v.g.name, d.Name, coordinate)
			}
		}
	}
	refuse(t.applied, t.name)
	for _, f := range t.order {
		if !t.interfaceObject {
			refuse(f.applied, f.coordinate())
		}
	}
}

// checkTransitiveAuth refuses fields that require what fewer may see than the field itself: who may see the field
// would learn of it.
func (m *merger) checkTransitiveAuth() {
	for _, name := range m.names {
		for _, t := range m.sources[name] {
			for _, f := range t.order {
				if merged := m.field(name, f.name); f.requires != nil && merged != nil {
					m.checkRequiredAuth(f, slices.Concat(m.types[name].Directives, merged.Directives))
				}
			}
		}
	}
}

func (m *merger) checkRequiredAuth(f *subField, have ast.DirectiveList) {
	found := map[string]bool{}
	check := func(coordinate string, need ast.DirectiveList) {
		if found[coordinate] || allows(have, need) {
			return
		}
		found[coordinate] = true
		m.add("MISSING_TRANSITIVE_AUTH_REQUIREMENTS", []Node{f.node()},
			"[%s] Field %q does not specify necessary @authenticated, @requiresScopes and/or @policy auth requirements to access the transitive field %q data from @requires selection set.",
			f.parent.graph.name, f.coordinate(), coordinate)
	}
	setVisitor{
		field: func(_ supergraph.FieldSel, on *subType, selected *subField, _ bool) {
			if selected == nil {
				return
			}
			for _, each := range append(implementing(on, selected.name), selected) {
				if merged := m.field(each.parent.name, each.name); merged != nil {
					check(each.coordinate(), merged.Directives)
					if base := m.types[merged.Type.Name()]; base != nil {
						check(each.coordinate(), base.Directives)
					}
				}
			}
		},
		condition: func(name string, _ *subType) {
			if narrowed := m.types[name]; narrowed != nil {
				check(name, narrowed.Directives)
			}
		},
	}.walk(f.requires.set, f.parent, false)
}

// field returns a merged field, or nil.
func (m *merger) field(typeName, name string) *ast.FieldDefinition {
	if def := m.types[typeName]; def != nil {
		return def.Fields.ForName(name)
	}
	return nil
}

// allows tells whether everybody who fulfils the conditions in have also fulfils those in need.
func allows(have, need ast.DirectiveList) bool {
	for _, name := range authDirectives {
		needed := need.ForName(name)
		if needed == nil {
			continue
		}
		given := have.ForNames(name)
		if len(given) == 0 || len(needed.Arguments) > 0 && !implies(allHold(given), needed) {
			return false
		}
	}
	return true
}

// implies tells whether every alternative of the one holds all conditions of some alternative of the other.
func implies(one, other *ast.Directive) bool {
	for _, have := range readAlternatives(one) {
		enough := slices.ContainsFunc(readAlternatives(other), func(need []string) bool {
			return !slices.ContainsFunc(need, func(condition string) bool { return !slices.Contains(have, condition) })
		})
		if !enough {
			return false
		}
	}
	return true
}
