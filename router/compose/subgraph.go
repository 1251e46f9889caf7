package compose

import (
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// subgraph is a source as composition sees it: with Federation's own names, and what its directives say as values.
type subgraph struct {
	name, url string
	enum      string // its value of join__Graph
	old       bool   // written for Federation 1
	links     supergraph.Links
	types     map[string]*subType
	order     []*subType // as in the source
	// directives are those that clients can use.
	directives []*ast.DirectiveDefinition
	custom     map[string]*custom // directives to be composed, by their names in the source
	// spelled has for each directive that reaches the supergraph an application, with its name in the source.
	spelled map[string]*ast.Directive
}

// subType is a type with all that its definition and extensions say.
type subType struct {
	graph           *subgraph
	name            string
	kind            ast.DefinitionKind // that of the merged type: Interface for an interface object
	description     string
	pos             *ast.Position
	extension       bool // nothing but extensions, or @extends
	interfaceObject bool
	keys            []*subKey
	implements      []string
	members         []string
	values          []*ast.EnumValueDefinition
	fields          map[string]*subField
	order           []*subField
	applied         ast.DirectiveList // those that reach the supergraph
}

// subSet is the field set that a directive carries.
type subSet struct {
	set       *supergraph.FieldSet // nil where it cannot be read
	err       error
	directive *ast.Directive
}

type subKey struct {
	subSet
	resolvable bool
	extension  bool // said on an extension
}

type subField struct {
	parent      *subType
	name        string
	description string
	typ         *ast.Type
	args        []*ast.ArgumentDefinition
	value       *ast.Value // the default of an input field
	pos         *ast.Position
	external    bool
	shareable   bool // said on the field or its type, or implied
	provides    *subSet
	requires    *subSet
	override    *override
	applied     ast.DirectiveList

	// What the rest of the subgraph makes of the field.
	used         bool // by a field set, or by an interface of its type
	inKey        bool
	provided     bool // a @provides reaches it although it is external
	fakeExternal bool // @external on a key of an extension: a habit of Federation 1 without a meaning

	// What other subgraphs make of the field.
	overridden bool   // moved away
	label      string // of the override under way that would move it away
}

// override is what @override says.
type override struct {
	from, label string
	idle        bool // there is no such subgraph
	directive   *ast.Directive
}

// special tells whether the supergraph has more to say of the field than that the subgraph has it.
func (f *subField) special() bool {
	return f.requires != nil || f.provides != nil || f.external || f.overridden || f.label != "" || f.override != nil && !f.override.idle
}

// overrideLabel returns the condition of the override under way, if the field is at either end of one.
func (f *subField) overrideLabel() string {
	if f.override != nil {
		return f.override.label
	}
	return f.label
}

// directive returns the directive for clients of that name, or nil.
func (g *subgraph) directive(name string) *ast.DirectiveDefinition {
	i := slices.IndexFunc(g.directives, func(d *ast.DirectiveDefinition) bool { return d.Name == name })
	if i < 0 {
		return nil
	}
	return g.directives[i]
}

func (f *subField) coordinate() string { return f.parent.name + "." + f.name }

// resolves tells whether the subgraph can answer the field on some path.
func (f *subField) resolves() bool { return (!f.external || f.provided) && !f.overridden }

// gone tells whether the supergraph does not mention the field of this subgraph.
func (f *subField) gone() bool { return f.overridden && !f.used }

// base returns the type below lists and non-nulls, or nil where it is built in.
func (f *subField) base() *subType { return f.parent.graph.types[f.typ.Name()] }

func (t *subType) composite() bool {
	return t.kind == ast.Object || t.kind == ast.Interface || t.kind == ast.Union
}

// abstract tells whether a value's type differs from t in this subgraph.
func (t *subType) abstract() bool {
	return t.kind == ast.Union || t.kind == ast.Interface && !t.interfaceObject
}

// implementations returns the object types that a value of t can have in the subgraph, t itself for an object.
func (t *subType) implementations() []*subType {
	if !t.abstract() {
		return []*subType{t}
	}
	var found []*subType
	for _, o := range t.graph.order {
		if o.kind != ast.Object {
			continue
		}
		for _, name := range o.implements {
			if name == t.name {
				found = append(found, o)
			}
		}
	}
	for _, name := range t.members {
		if o := t.graph.types[name]; o != nil {
			found = append(found, o)
		}
	}
	return found
}

func isRoot(name string) bool {
	return name == "Query" || name == "Mutation" || name == "Subscription"
}

// argument returns the text of a string argument, or an empty string.
func argument(d *ast.Directive, name string) string {
	if a := d.Arguments.ForName(name); a != nil && a.Value != nil {
		return a.Value.Raw
	}
	return ""
}
