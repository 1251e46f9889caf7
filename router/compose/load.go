package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// maxTokens bounds the size of one subgraph's schema.
const maxTokens = 5_000_000

// loader reads one source.
type loader struct {
	problems
	g     *subgraph
	doc   *ast.SchemaDocument
	roots map[string]string // the source's name of a root type to the one it has in the supergraph
}

// load reads the source. Where that fails the subgraph may lack parts.
func load(src Source) (*subgraph, Errors) {
	l := &loader{g: &subgraph{name: src.Name, url: src.URL, types: map[string]*subType{}, spelled: map[string]*ast.Directive{}}}
	if !strings.ContainsFunc(src.Name, isAlphanumeric) {
		l.errs = append(l.errs, nameError(src.Name, "it needs a letter or digit"))
	}
	doc, err := parser.ParseSchemaWithLimit(&ast.Source{Name: src.Name, Input: src.SDL}, maxTokens)
	if err != nil {
		l.addGraphQL(err)
		return l.g, l.errs
	}
	l.doc = doc
	l.readLinks()
	l.checkDefinitions()
	l.readCustom()
	l.readRoots()
	for _, def := range doc.Definitions {
		l.readType(def, false)
	}
	for _, def := range doc.Extensions {
		l.readType(def, true)
	}
	if len(l.errs) > 0 {
		return l.g, l.errs
	}
	l.complete()
	whole := validator.PreludeDocument()
	whole.Merge(l.doc)
	if _, err := validator.ValidateSchemaDocument(whole); err != nil {
		l.addGraphQL(err)
		return l.g, l.errs
	}
	for _, d := range doc.Directives {
		if slices.ContainsFunc(d.Locations, supergraph.Executable) && !l.g.foreign(d.Name) {
			l.g.directives = append(l.g.directives, d)
		}
	}
	if l.g.types["Query"] == nil {
		l.g.add(&subType{graph: l.g, name: "Query", kind: ast.Object, fields: map[string]*subField{}})
	}
	if !l.g.old {
		l.g.markUse()
	}
	return l.g, nil
}

func isAlphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func (l *loader) addGraphQL(err error) {
	n := Node{Subgraph: l.g.name}
	message := err.Error()
	if e, ok := err.(*gqlerror.Error); ok {
		message = e.Message
		if len(e.Locations) > 0 {
			n.Line, n.Column = e.Locations[0].Line, e.Locations[0].Column
		}
	}
	l.add("INVALID_GRAPHQL", []Node{n}, "[%s] %s", l.g.name, message)
}

// readRoots finds out what the root types are called. In a supergraph they are Query, Mutation and Subscription, which
// therefore no other type may be called.
func (l *loader) readRoots() {
	l.roots = map[string]string{}
	defaults := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation", ast.Subscription: "Subscription"}
	if len(l.doc.Schema) == 0 {
		for _, name := range defaults {
			l.roots[name] = name
		}
	}
	for _, def := range slices.Concat(l.doc.Schema, l.doc.SchemaExtension) {
		for _, root := range def.OperationTypes {
			l.roots[root.Type] = defaults[root.Operation]
		}
	}
	for _, def := range slices.Concat(l.doc.Definitions, l.doc.Extensions) {
		if isRoot(def.Name) && l.roots[def.Name] == "" {
			l.add("ROOT_"+strings.ToUpper(def.Name)+"_USED", []Node{l.g.node(def.Position, def.Name)},
				"[%s] The schema has a type named %q but it is not set as the %s root type.", l.g.name, def.Name, strings.ToLower(def.Name))
		}
	}
}

// typeName returns what a type of the source is called in the supergraph.
func (l *loader) typeName(name string) string {
	if root := l.roots[name]; root != "" {
		return root
	}
	return name
}

func (l *loader) typeRef(t *ast.Type) *ast.Type {
	out := *t
	if t.Elem != nil {
		out.Elem = l.typeRef(t.Elem)
	} else {
		out.NamedType = l.typeName(t.NamedType)
	}
	return &out
}

func (g *subgraph) add(t *subType) {
	g.types[t.name] = t
	g.order = append(g.order, t)
}

// readType adds what one definition or extension says.
func (l *loader) readType(def *ast.Definition, extension bool) {
	name := l.typeName(def.Name)
	if l.g.ofMachinery(def.Name) || slices.Contains(supergraph.BuiltInScalars, def.Name) {
		return
	}
	def.Fields = slices.DeleteFunc(def.Fields, func(f *ast.FieldDefinition) bool {
		return name == "Query" && (f.Name == "_service" || f.Name == "_entities")
	})
	if name == "Query" && len(def.Fields) == 0 {
		l.doc.Definitions = without(l.doc.Definitions, def)
		l.doc.Extensions = without(l.doc.Extensions, def)
		return
	}
	t := l.g.types[name]
	if t == nil {
		t = &subType{graph: l.g, name: name, kind: def.Kind, pos: def.Position, extension: extension, fields: map[string]*subField{}}
		l.g.add(t)
	}
	t.description = strings.TrimSpace(t.description + def.Description)
	for _, iface := range def.Interfaces {
		t.implements = append(t.implements, l.typeName(iface))
	}
	for _, member := range def.Types {
		t.members = append(t.members, l.typeName(member))
	}
	for _, v := range def.EnumValues {
		value := *v
		value.Directives = l.keepAll(v.Directives)
		t.values = append(t.values, &value)
	}
	fields := make([]*subField, len(def.Fields))
	for i, fd := range def.Fields {
		fields[i] = l.readField(t, fd)
	}
	l.readTypeDirectives(t, def, fields, extension)
}

// without returns the list in a new slice, as callers iterate over the old one.
func without(list ast.DefinitionList, def *ast.Definition) ast.DefinitionList {
	return slices.DeleteFunc(slices.Clone(list), func(d *ast.Definition) bool { return d == def })
}

func (l *loader) readTypeDirectives(t *subType, def *ast.Definition, fields []*subField, extension bool) {
	extends := slices.ContainsFunc(def.Directives, func(d *ast.Directive) bool { return l.g.element(d.Name) == "extends" })
	t.extension = t.extension || extends
	for _, d := range def.Directives {
		switch element := l.g.element(d.Name); element {
		case "key":
			t.keys = append(t.keys, &subKey{subSet: *l.readSet(d), resolvable: argument(d, "resolvable") != "false", extension: extension || extends})
		case "shareable":
			for _, f := range fields {
				f.shareable = true
			}
		case "external":
			for _, f := range fields {
				f.external = true
			}
		case "interfaceObject":
			t.interfaceObject = true
			if t.kind == ast.Object {
				t.kind = ast.Interface
			}
		default:
			t.applied = l.keep(t.applied, d, element)
		}
	}
}

func (l *loader) readField(t *subType, fd *ast.FieldDefinition) *subField {
	f := &subField{parent: t, name: fd.Name, description: fd.Description, typ: l.typeRef(fd.Type), value: fd.DefaultValue, pos: fd.Position}
	t.fields[f.name] = f
	t.order = append(t.order, f)
	for _, a := range fd.Arguments {
		arg := *a
		arg.Type = l.typeRef(a.Type)
		arg.Directives = l.keepAll(a.Directives)
		f.args = append(f.args, &arg)
	}
	for _, d := range fd.Directives {
		switch element := l.g.element(d.Name); element {
		case "external":
			f.external = true
		case "shareable":
			f.shareable = true
		case "provides":
			f.provides = l.readSet(d)
		case "requires":
			f.requires = l.readSet(d)
		case "override":
			f.override = &override{from: argument(d, "from"), label: argument(d, "label"), directive: d}
		default:
			f.applied = l.keep(f.applied, d, element)
		}
	}
	return f
}

// keep adds the directive, under the name that the supergraph has for it, if it is one that reaches the supergraph.
func (l *loader) keep(list ast.DirectiveList, d *ast.Directive, element string) ast.DirectiveList {
	switch {
	case element == "context" || element == "fromContext":
		l.add("UNSUPPORTED_FEATURE", []Node{l.g.node(d.Position, "@"+element)}, "@%s is not supported.", element)
		return list
	case element == "" && (d.Name == "deprecated" || d.Name == "specifiedBy" || d.Name == "oneOf"):
		element = d.Name
	case element == "" && l.g.custom[d.Name] != nil:
		return append(list, d)
	case mergeable[element].definition == "":
		return list
	}
	if l.g.spelled[element] == nil {
		l.g.spelled[element] = d
	}
	return append(list, &ast.Directive{Name: element, Arguments: d.Arguments, Position: d.Position})
}

func (l *loader) keepAll(applied ast.DirectiveList) ast.DirectiveList {
	var list ast.DirectiveList
	for _, d := range applied {
		list = l.keep(list, d, l.g.element(d.Name))
	}
	return list
}

// readSet reads the argument fields. Federation 1 allowed a list there.
func (l *loader) readSet(d *ast.Directive) *subSet {
	s := &subSet{directive: d}
	a := d.Arguments.ForName("fields")
	switch {
	case a == nil:
		s.err = fmt.Errorf("the argument fields is missing")
	case a.Value.Kind == ast.StringValue || a.Value.Kind == ast.BlockValue:
		s.set, s.err = supergraph.ParseFieldSet(a.Value.Raw)
	case l.g.old && a.Value.Kind == ast.ListValue:
		var parts []string
		for _, child := range a.Value.Children {
			parts = append(parts, child.Value.Raw)
		}
		s.set, s.err = supergraph.ParseFieldSet(strings.Join(parts, " "))
	default:
		s.err = errNotText
	}
	return s
}
