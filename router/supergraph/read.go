package supergraph

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

const (
	// maxTokens bounds the size of a supergraph: a few hundred times the largest that is known to be in use.
	maxTokens = 20_000_000
	maxGraphs = 1 << 8
	maxTypes  = 1 << 16
)

// BuiltInScalars are the scalars that every schema has without defining them.
var BuiltInScalars = []string{"Boolean", "Float", "ID", "Int", "String"}

// Read reads a supergraph in the notation of the join specification, versions 0.1 to 0.5, whoever composed it. The
// built-in scalars are among the types of the model, in no graph.
func Read(sdl string) (*Model, error) {
	doc, err := parser.ParseSchemaWithLimit(&ast.Source{Name: "supergraph", Input: sdl}, maxTokens)
	if err != nil {
		return nil, fmt.Errorf("read supergraph: %w", err)
	}
	r := reader{doc: doc, model: &Model{byName: map[string]*Type{}, sdl: sdl}, enums: map[string]GraphID{}}
	if err := r.read(); err != nil {
		return nil, fmt.Errorf("read supergraph: %w", err)
	}
	if r.model.api, err = apiSchema(doc, r.links); err != nil {
		return nil, fmt.Errorf("read supergraph: make its API schema: %w", err)
	}
	return r.model, nil
}

// reader turns a supergraph document into a Model.
type reader struct {
	doc   *ast.SchemaDocument
	links Links
	model *Model
	enums map[string]GraphID // by value of join__Graph
	defs  []*ast.Definition  // of model.Types, nil for built-in scalars
	// Older versions of the join specification leave these out and mean "wherever both types are".
	hasImplements bool
	errs          []error
}

func (r *reader) read() error {
	links, errs := ReadLinks(r.doc)
	if len(errs) > 0 {
		return errs
	}
	r.links = links
	if r.links.For(JoinSpec) == nil {
		return errors.New("the schema does not link the join specification: it is not a supergraph")
	}
	if err := foldExtensions(r.doc); err != nil {
		return err
	}
	r.readGraphs()
	r.readTypes()
	if len(r.errs) > 0 {
		return errors.Join(r.errs...)
	}
	for i, t := range r.model.Types {
		if def := r.defs[i]; def != nil {
			r.readTypeGraphs(t, def)
			r.readFields(t, def)
			r.readValues(t, def)
		}
	}
	for i, t := range r.model.Types {
		if def := r.defs[i]; def != nil {
			r.readHierarchy(t, def)
		}
	}
	r.readRoots()
	return errors.Join(r.errs...)
}

func (r *reader) fail(pos *ast.Position, format string, args ...any) {
	r.errs = append(r.errs, gqlerror.ErrorPosf(pos, format, args...))
}

// foldExtensions moves what type extensions say into the types.
func foldExtensions(doc *ast.SchemaDocument) error {
	byName := map[string]*ast.Definition{}
	for _, def := range doc.Definitions {
		if byName[def.Name] != nil {
			return gqlerror.ErrorPosf(def.Position, "Type %s is defined twice.", def.Name)
		}
		byName[def.Name] = def
	}
	for _, ext := range doc.Extensions {
		def := byName[ext.Name]
		if def == nil || def.Kind != ext.Kind {
			return gqlerror.ErrorPosf(ext.Position, "Type %s is extended but not defined as a %s.", ext.Name, ext.Kind)
		}
		def.Directives = append(def.Directives, ext.Directives...)
		def.Interfaces = append(def.Interfaces, ext.Interfaces...)
		def.Fields = append(def.Fields, ext.Fields...)
		def.Types = append(def.Types, ext.Types...)
		def.EnumValues = append(def.EnumValues, ext.EnumValues...)
	}
	doc.Extensions = nil
	return nil
}

func (r *reader) readGraphs() {
	for _, def := range r.doc.Definitions {
		if link, name := r.links.Type(def.Name); link == nil || link.Identity != JoinSpec || name != "Graph" {
			continue
		}
		for _, value := range def.EnumValues {
			for _, d := range r.join(value.Directives, "graph") {
				name, _ := argument(d, "name")
				url, _ := argument(d, "url")
				r.model.Graphs = append(r.model.Graphs, Graph{Name: name, Enum: value.Name, URL: url})
			}
		}
	}
	graphs := r.model.Graphs
	if len(graphs) == 0 || len(graphs) > maxGraphs {
		r.errs = append(r.errs, fmt.Errorf("it has %d subgraphs, must have 1 to %d", len(graphs), maxGraphs))
		r.model.Graphs = nil
		return
	}
	slices.SortFunc(graphs, func(x, y Graph) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Enum, y.Enum)) })
	for i := range graphs {
		graphs[i].ID = GraphID(i)
		r.enums[graphs[i].Enum] = GraphID(i)
	}
}

// readTypes makes a Type for every definition that does not belong to a linked specification.
func (r *reader) readTypes() {
	defs := map[string]*ast.Definition{}
	for _, name := range BuiltInScalars {
		defs[name] = nil
	}
	for _, def := range r.doc.Definitions {
		if link, _ := r.links.Type(def.Name); link == nil {
			defs[def.Name] = def
		}
	}
	if len(defs) > maxTypes {
		r.errs = append(r.errs, fmt.Errorf("it has %d types, must have at most %d", len(defs), maxTypes))
		return
	}
	for i, name := range slices.Sorted(maps.Keys(defs)) {
		t := &Type{ID: TypeID(i), Name: name, Kind: ast.Scalar}
		if def := defs[name]; def != nil {
			t.Kind = def.Kind
			t.Inaccessible = inaccessible(r.links, def.Directives)
		}
		r.model.Types = append(r.model.Types, t)
		r.model.byName[name] = t
		r.defs = append(r.defs, defs[name])
	}
}

func (r *reader) readRoots() {
	names := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation", ast.Subscription: "Subscription"}
	if len(r.doc.Schema) > 0 {
		clear(names)
	}
	for _, def := range append(append(ast.SchemaDefinitionList{}, r.doc.Schema...), r.doc.SchemaExtension...) {
		for _, root := range def.OperationTypes {
			names[root.Operation] = root.Type
		}
	}
	r.model.Query = r.model.byName[names[ast.Query]]
	r.model.Mutation = r.model.byName[names[ast.Mutation]]
	r.model.Subscription = r.model.byName[names[ast.Subscription]]
}

// join returns the applications of an element of the join specification.
func (r *reader) join(applied ast.DirectiveList, element string) ast.DirectiveList {
	var found ast.DirectiveList
	for _, d := range applied {
		if link, name := r.links.Directive(d.Name); link != nil && link.Identity == JoinSpec && name == element {
			found = append(found, d)
		}
	}
	return found
}

// graph returns the subgraph that the directive names in its argument graph; ok is false where it names none.
func (r *reader) graph(d *ast.Directive) (id GraphID, ok bool) {
	name, given := argument(d, "graph")
	if !given {
		return 0, false
	}
	id, ok = r.enums[name]
	if !ok {
		r.fail(d.Position, "@%s names the subgraph %s, which is not one.", d.Name, name)
	}
	return id, ok
}

func (r *reader) fieldSet(d *ast.Directive, name string) *FieldSet {
	text, ok := argument(d, name)
	if !ok {
		return nil
	}
	set, err := ParseFieldSet(text)
	if err != nil {
		r.fail(d.Position, "%s", err)
	}
	return set
}

// argument returns the text of a string, enum or boolean argument; ok is false where it is absent or null.
func argument(d *ast.Directive, name string) (text string, ok bool) {
	a := d.Arguments.ForName(name)
	if a == nil || a.Value == nil || a.Value.Kind == ast.NullValue {
		return "", false
	}
	return a.Value.Raw, true
}

func flag(d *ast.Directive, name string, fallback bool) bool {
	if text, ok := argument(d, name); ok {
		return text == "true"
	}
	return fallback
}
