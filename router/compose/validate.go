package compose

import (
	"errors"
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

var errNotText = errors.New("the argument fields must be a string")

// checker checks the rules of Federation that concern one subgraph alone.
type checker struct {
	problems
	g *subgraph
}

func (g *subgraph) validate() Errors {
	v := &checker{g: g}
	for _, t := range g.order {
		v.checkKeys(t)
		v.checkInterfaceObject(t)
		v.checkAuth(t)
		for _, f := range t.order {
			if t.kind == ast.InputObject {
				continue
			}
			if t.kind == ast.Interface && !t.interfaceObject {
				v.checkInterfaceField(f)
			}
			v.checkExternal(f)
			v.checkCost(f)
			v.checkRequires(f)
			v.checkProvides(f)
		}
	}
	return v.errs
}

func (v *checker) checkKeys(t *subType) {
	real := t.kind == ast.Interface && !t.interfaceObject
	for _, k := range t.keys {
		if link := v.g.links.For(supergraph.FederationSpec); real && link != nil && link.Version.Minor < 3 {
			v.add("KEY_UNSUPPORTED_ON_INTERFACE", []Node{v.at(k.directive, t.name)},
				"[%s] Cannot use @key on interface %q: @key is not yet supported on interfaces below federation v2.3.", v.g.name, t.name)
			continue
		}
		v.checkSet(&setCheck{prefix: "KEY", directive: "key", on: "type", owner: t.name, subSet: &k.subSet}, t)
	}
}

func (v *checker) checkInterfaceObject(t *subType) {
	if t.interfaceObject && len(t.keys) == 0 {
		v.add("INTERFACE_OBJECT_USAGE_ERROR", []Node{t.node()},
			"[%s] The @interfaceObject directive can only be applied to entity types but type %q has no @key in this subgraph.", v.g.name, t.name)
	}
}

func (v *checker) checkInterfaceField(f *subField) {
	nodes := []Node{f.node()}
	if f.external {
		v.add("EXTERNAL_ON_INTERFACE", nodes, "[%s] Interface type field %q is marked @external but @external is not allowed on interface fields.", v.g.name, f.coordinate())
	}
	if f.requires != nil {
		v.add("REQUIRES_UNSUPPORTED_ON_INTERFACE", nodes, "[%s] Cannot use @requires on field %q of parent type %q: @requires is not supported within interfaces.", v.g.name, f.coordinate(), f.parent.name)
	}
	if f.provides != nil {
		v.add("PROVIDES_UNSUPPORTED_ON_INTERFACE", nodes, "[%s] Cannot use @provides on field %q of parent type %q: @provides is not supported within interfaces.", v.g.name, f.coordinate(), f.parent.name)
	}
	if f.override != nil {
		v.add("OVERRIDE_ON_INTERFACE", nodes, "[%s] @override cannot be used on field %q: @override is not supported on interface type fields.", v.g.name, f.coordinate())
	}
	if f.shareable {
		v.add("INVALID_SHAREABLE_USAGE", nodes, "[%s] Invalid use of @shareable on field %q: only object type fields can be marked with @shareable.", v.g.name, f.coordinate())
	}
}

func (v *checker) checkExternal(f *subField) {
	if !f.external || v.g.old {
		return
	}
	if !f.used {
		v.add("EXTERNAL_UNUSED", []Node{f.node()},
			"[%s] Field %q is marked @external but is not used in any federation directive (@key, @provides, @requires) or to satisfy an interface; the field declaration has no use and should be removed (or the field should not be @external).", v.g.name, f.coordinate())
	}
	for _, d := range f.applied {
		if mergeable[d.Name].definition == "" {
			continue
		}
		v.add("MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL", []Node{v.at(d, f.coordinate())},
			"[%s] Cannot apply merged directive @%s to external field %q.", v.g.name, d.Name, f.coordinate())
	}
}

func (v *checker) checkRequires(f *subField) {
	if f.requires != nil {
		v.checkSet(&setCheck{prefix: "REQUIRES", directive: "requires", on: "field", owner: f.coordinate(), subSet: f.requires}, f.parent)
	}
}

func (v *checker) checkProvides(f *subField) {
	if f.provides == nil {
		return
	}
	if f.external {
		v.add("EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE", []Node{f.node()},
			"[%s] Cannot have both @provides and @external on field %q.", v.g.name, f.coordinate())
		return
	}
	base := f.base()
	if base == nil || !base.composite() {
		v.add("PROVIDES_ON_NON_OBJECT_FIELD", []Node{v.at(f.provides.directive, f.coordinate())},
			"[%s] Invalid @provides directive on field %q: field has type %q which is not a Composite Type.", v.g.name, f.coordinate(), f.typ)
		return
	}
	v.checkSet(&setCheck{prefix: "PROVIDES", directive: "provides", on: "field", owner: f.coordinate(), subSet: f.provides}, base)
}

// setCheck is a field set under examination.
type setCheck struct {
	*subSet
	prefix    string // of the codes
	directive string
	on, owner string // for messages
}

func (v *checker) at(d *ast.Directive, coordinate string) Node {
	return v.g.node(d.Position, coordinate)
}

func (v *checker) complain(c *setCheck, code, format string, args ...any) {
	given := c.subSet.directive.Arguments.ForName("fields").Value.String()
	args = append([]any{v.g.name, c.on, c.owner, c.directive, given}, args...)
	v.add(c.prefix+"_"+code, []Node{v.at(c.subSet.directive, c.owner)}, "[%s] On %s %q, for @%s(fields: %s): "+format, args...)
}

// checkSet checks a field set that is selected on t.
func (v *checker) checkSet(c *setCheck, t *subType) {
	switch {
	case errors.Is(c.err, errNotText):
		v.complain(c, "INVALID_FIELDS_TYPE", "Invalid value for argument \"fields\": must be a string.")
		return
	case errors.Is(c.err, supergraph.ErrDirectiveInFieldSet):
		v.complain(c, "DIRECTIVE_IN_FIELDS_ARG", "cannot have directive applications in the @%s(fields:) argument.", c.directive)
		return
	case c.err != nil:
		v.complain(c, "INVALID_FIELDS", "%s.", c.err)
		return
	}
	setVisitor{
		field: func(sel supergraph.FieldSel, on *subType, f *subField, external bool) {
			v.checkSelected(c, sel, on, f, external)
		},
		condition: func(name string, on *subType) {
			narrowed := v.g.types[name]
			if narrowed == nil || !narrowed.composite() {
				v.complain(c, "INVALID_FIELDS", "Unknown type %q in a condition on type %q.", name, on.name)
			} else if c.prefix != "KEY" && apart(narrowed, on) {
				v.complain(c, "INVALID_FIELDS", "A value of type %q can never be of type %q.", on.name, name)
			}
		},
	}.walk(c.set, t, false)
}

// apart tells whether the subgraph knows values of both types, but none that is of both.
func apart(x, y *subType) bool {
	xs, ys := x.implementations(), y.implementations()
	return len(xs) > 0 && len(ys) > 0 && !slices.ContainsFunc(xs, func(t *subType) bool { return slices.Contains(ys, t) })
}

func (v *checker) checkSelected(c *setCheck, sel supergraph.FieldSel, on *subType, f *subField, external bool) {
	if f == nil {
		v.complain(c, "INVALID_FIELDS", "Cannot query field %q on type %q (the field should either be added to this subgraph or, if it should not be resolved by this subgraph, you need to add it to this subgraph with @external).", sel.Name, on.name)
		return
	}
	base := f.base()
	composite := base != nil && base.composite()
	switch {
	case composite && sel.Sub == nil:
		v.complain(c, "INVALID_FIELDS", "Invalid empty selection set for field %q of non-leaf type %s.", f.coordinate(), f.typ)
		return
	case !composite && sel.Sub != nil:
		v.complain(c, "INVALID_FIELDS", "Field %q has no subfields: its type %s is a leaf.", f.coordinate(), f.typ)
		return
	}
	switch c.prefix {
	case "KEY":
		if composite && base.abstract() {
			v.complain(c, "FIELDS_SELECT_INVALID_TYPE", "field %q is an interface or union, which is not allowed in @key.", f.coordinate())
		}
		if len(f.args) > 0 {
			v.complain(c, "FIELDS_HAS_ARGS", "field %s cannot be included because it has arguments (fields with argument are not allowed in @key).", f.coordinate())
		}
		return
	case "PROVIDES":
		if len(f.args) > 0 {
			v.complain(c, "FIELDS_HAS_ARGS", "field %s cannot be included because it has arguments (fields with argument are not allowed in @provides).", f.coordinate())
		}
	case "REQUIRES":
		v.checkArguments(c, sel, f)
	}
	if !composite && !external && !anyExternal(on, f) {
		v.complain(c, "FIELDS_MISSING_EXTERNAL", "field %q should not be part of a @%s since it is already provided by this subgraph (it is not marked @external).", f.coordinate(), c.directive)
	}
}

func (v *checker) checkArguments(c *setCheck, sel supergraph.FieldSel, f *subField) {
	for _, a := range sel.Args {
		i := slices.IndexFunc(f.args, func(def *ast.ArgumentDefinition) bool { return def.Name == a.Name })
		if i < 0 {
			v.complain(c, "INVALID_FIELDS", "Unknown argument %q on field %q.", a.Name, f.coordinate())
		} else if !v.g.accepts(f.args[i].Type, a.Value) {
			v.complain(c, "INVALID_FIELDS", "Invalid value %s for argument %q of type %s of field %q.", a.Value, a.Name, f.args[i].Type, f.coordinate())
		}
	}
	for _, def := range f.args {
		if def.Type.NonNull && def.DefaultValue == nil && sel.Args.ForName(def.Name) == nil {
			v.complain(c, "INVALID_FIELDS", "Field %q argument %q of type %s is required, but it was not provided.", f.coordinate(), def.Name, def.Type)
		}
	}
}
