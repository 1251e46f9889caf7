package compose

import (
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// looseArguments have types that schemas spell in several ways.
var looseArguments = []string{"fields", "field", "scopes", "policies"}

// checkDefinitions checks what a schema itself says of Federation's elements. It need not define them, but where it does
// it may leave out what it does not use and must not add anything.
func (l *loader) checkDefinitions() {
	for _, d := range l.doc.Directives {
		name := l.g.element(d.Name)
		if name == "" {
			continue
		}
		known, err := parser.ParseSchema(&ast.Source{Input: "directive @" + name + elements[name].shape})
		if err != nil {
			l.addGraphQL(err)
			continue
		}
		l.checkDefinition(d, known.Directives[0])
	}
	for _, def := range l.doc.Definitions {
		link, name := l.g.links.Type(def.Name)
		if link != nil && link.Identity == supergraph.FederationSpec && slices.Contains(elementTypes, name) && def.Kind != ast.Scalar {
			l.add("TYPE_DEFINITION_INVALID", []Node{l.g.node(def.Position, def.Name)}, "[%s] Invalid definition for type %s: it should be a scalar.", l.g.name, def.Name)
		}
	}
	for _, def := range slices.Concat(l.doc.Definitions, l.doc.Extensions) {
		l.checkShareable(def.Directives, def.Name)
		for _, f := range def.Fields {
			l.checkShareable(f.Directives, def.Name+"."+f.Name)
		}
	}
}

func (l *loader) checkDefinition(d, known *ast.DirectiveDefinition) {
	invalid := func(format string, args ...any) {
		l.add("DIRECTIVE_DEFINITION_INVALID", []Node{l.g.node(d.Position, "@"+d.Name)}, "[%s] Invalid definition for directive \"@%s\": "+format,
			append([]any{l.g.name, d.Name}, args...)...)
	}
	for _, a := range d.Arguments {
		should := known.Arguments.ForName(a.Name)
		switch {
		case should == nil:
			invalid("unknown argument %q.", a.Name)
		case !slices.Contains(looseArguments, a.Name) && !asStrict(a.Type, should.Type):
			invalid("argument %q should have type %q but found type %q.", a.Name, should.Type, a.Type)
		case should.DefaultValue != nil && canonical(a.DefaultValue) != canonical(should.DefaultValue):
			invalid("argument %q should have default value %s but found %s.", a.Name, canonical(should.DefaultValue), canonicalOrNone(a.DefaultValue))
		}
	}
	for _, should := range known.Arguments {
		if should.Type.NonNull && should.DefaultValue == nil && d.Arguments.ForName(should.Name) == nil {
			invalid("missing required argument %q.", should.Name)
		}
	}
	for _, location := range d.Locations {
		if !slices.Contains(known.Locations, location) {
			invalid("it should not have location %s.", location)
		}
	}
	if d.IsRepeatable && !known.IsRepeatable {
		invalid("it should not be repeatable.")
	}
}

// asStrict tells whether the types are equal but for nulls that a does not allow.
func asStrict(a, b *ast.Type) bool {
	switch {
	case b.NonNull && !a.NonNull, (a.Elem == nil) != (b.Elem == nil):
		return false
	case a.Elem != nil:
		return asStrict(a.Elem, b.Elem)
	}
	return a.NamedType == b.NamedType
}

// checkShareable refuses to say twice at one place that something is shared; the directive is repeatable for the sake of
// a type and its extensions.
func (l *loader) checkShareable(applied ast.DirectiveList, coordinate string) {
	n := 0
	for _, d := range applied {
		if l.g.element(d.Name) != "shareable" {
			continue
		}
		if n++; n == 2 {
			l.add("INVALID_SHAREABLE_USAGE", []Node{l.g.node(d.Position, coordinate)}, "[%s] Invalid duplicate application of @shareable on %q.", l.g.name, coordinate)
		}
	}
}
