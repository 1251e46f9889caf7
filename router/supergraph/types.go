package supergraph

import (
	"cmp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// readTypeGraphs fills in where the type is defined. A type without join__type is a value type of join 0.1, which is
// everywhere.
func (r *reader) readTypeGraphs(t *Type, def *ast.Definition) {
	r.hasImplements = r.hasImplements || len(r.join(def.Directives, "implements")) > 0
	applied := r.join(def.Directives, "type")
	for _, d := range applied {
		id, ok := r.graph(d)
		if !ok {
			continue
		}
		in := t.In(id)
		if in == nil {
			t.Graphs = append(t.Graphs, TypeInGraph{Graph: id})
			in = &t.Graphs[len(t.Graphs)-1]
		}
		in.InterfaceObject = in.InterfaceObject || flag(d, "isInterfaceObject", false)
		if set := r.fieldSet(d, "key"); set != nil {
			in.Keys = append(in.Keys, Key{Fields: set, Resolvable: flag(d, "resolvable", true)})
		}
	}
	if len(applied) == 0 {
		for _, g := range r.model.Graphs {
			t.Graphs = append(t.Graphs, TypeInGraph{Graph: g.ID})
		}
	}
	slices.SortFunc(t.Graphs, func(x, y TypeInGraph) int { return cmp.Compare(x.Graph, y.Graph) })
}

func (r *reader) readFields(t *Type, def *ast.Definition) {
	if def.Kind != ast.Object && def.Kind != ast.Interface {
		return
	}
	t.Fields = make(map[string]*Field, len(def.Fields))
	owner := r.owner(def)
	for _, fd := range def.Fields {
		f := &Field{Name: fd.Name, Parent: t, Type: fd.Type, Base: r.model.byName[fd.Type.Name()]}
		f.Inaccessible = inaccessible(r.links, fd.Directives)
		if f.Base == nil {
			r.fail(fd.Position, "Field %s.%s has the type %s, which is not defined.", t.Name, fd.Name, fd.Type.Name())
		}
		for _, a := range fd.Arguments {
			f.Args = append(f.Args, &Arg{Name: a.Name, Type: a.Type, Default: a.DefaultValue, Inaccessible: inaccessible(r.links, a.Directives)})
		}
		r.readFieldGraphs(f, fd, owner)
		t.Fields[f.Name] = f
		t.Order = append(t.Order, f)
	}
}

// owner returns the subgraph that join 0.1 calls the owner of the type, or nil.
func (r *reader) owner(def *ast.Definition) *GraphID {
	for _, d := range r.join(def.Directives, "owner") {
		if id, ok := r.graph(d); ok {
			return &id
		}
	}
	return nil
}

// readFieldGraphs fills in which subgraphs have the field. Without any join__field it is in every subgraph of its
// type; where join 0.1 names an owner, in that one and in those that have it in a key.
func (r *reader) readFieldGraphs(f *Field, fd *ast.FieldDefinition, owner *GraphID) {
	applied := r.join(fd.Directives, "field")
	for _, d := range applied {
		id, ok := r.graph(d)
		if !ok {
			continue
		}
		in := FieldInGraph{
			Graph:          id,
			External:       flag(d, "external", false),
			UsedOverridden: flag(d, "usedOverridden", false),
			Provides:       r.fieldSet(d, "provides"),
			Requires:       r.fieldSet(d, "requires"),
		}
		in.Override, _ = argument(d, "override")
		in.OverrideLabel, _ = argument(d, "overrideLabel")
		if text, ok := argument(d, "type"); ok && text != f.Type.String() {
			in.Type = r.typeRef(d, text)
		}
		f.In = append(f.In, in)
	}
	f.ViaInterface = len(applied) > 0 && len(f.In) == 0
	if len(applied) == 0 || owner != nil {
		for _, g := range f.Parent.Graphs {
			inKey := slices.ContainsFunc(g.Keys, func(k Key) bool {
				return slices.ContainsFunc(k.Fields.Fields, func(s FieldSel) bool { return s.Name == f.Name })
			})
			if f.FieldIn(g.Graph) == nil && (owner == nil || inKey || g.Graph == *owner && len(applied) == 0) {
				f.In = append(f.In, FieldInGraph{Graph: g.Graph})
			}
		}
	}
	slices.SortFunc(f.In, func(x, y FieldInGraph) int { return cmp.Compare(x.Graph, y.Graph) })
}

// typeRef reads a type such as `[X!]!` out of a directive's argument.
func (r *reader) typeRef(d *ast.Directive, text string) *ast.Type {
	doc, err := parser.ParseSchemaWithLimit(&ast.Source{Input: "type T { f: " + text + "\n}"}, maxFieldSetTokens)
	if err != nil || len(doc.Definitions) != 1 || len(doc.Definitions[0].Fields) != 1 {
		r.fail(d.Position, "%q is not a type.", text)
		return nil
	}
	return doc.Definitions[0].Fields[0].Type
}

func (r *reader) readValues(t *Type, def *ast.Definition) {
	if def.Kind != ast.Enum {
		return
	}
	t.Values = make(map[string]EnumValue, len(def.EnumValues))
	for _, v := range def.EnumValues {
		t.Values[v.Name] = EnumValue{Name: v.Name, Inaccessible: inaccessible(r.links, v.Directives)}
	}
}

// readHierarchy fills in the type's relations to interfaces and unions, from the side of the object and of the union.
func (r *reader) readHierarchy(t *Type, def *ast.Definition) {
	if t.Kind == ast.Object {
		t.Runtime = []*Type{t}
		for i := range t.Graphs {
			t.Graphs[i].Runtime = t.Runtime
		}
	}
	for _, name := range def.Interfaces {
		iface := r.model.byName[name]
		if iface == nil {
			r.fail(def.Position, "Type %s implements %s, which is not defined.", t.Name, name)
			continue
		}
		t.Interfaces = append(t.Interfaces, iface)
		if t.Kind == ast.Object {
			iface.Runtime = append(iface.Runtime, t)
		}
		if !r.hasImplements {
			r.addRuntimeEverywhere(iface, t)
		}
	}
	for _, d := range r.join(def.Directives, "implements") {
		name, _ := argument(d, "interface")
		if g, ok := r.graph(d); ok && t.Kind == ast.Object {
			r.addRuntime(d, name, g, t)
		}
	}
	members := r.join(def.Directives, "unionMember")
	for _, name := range def.Types {
		member := r.model.byName[name]
		if member == nil {
			r.fail(def.Position, "Union %s has the member %s, which is not defined.", t.Name, name)
			continue
		}
		t.Runtime = insertType(t.Runtime, member)
		if len(members) == 0 {
			r.addRuntimeEverywhere(t, member)
		}
	}
	for _, d := range members {
		name, _ := argument(d, "member")
		member := r.model.byName[name]
		if g, ok := r.graph(d); ok && member != nil {
			r.addRuntime(d, t.Name, g, member)
		}
	}
}

// addRuntime notes that a value of the abstract type can be an object in that subgraph. What an interface object is
// made of is unknown to its subgraph.
func (r *reader) addRuntime(d *ast.Directive, abstract string, g GraphID, object *Type) {
	t := r.model.byName[abstract]
	if t == nil || t.In(g) == nil {
		r.fail(d.Position, "@%s names %s, which is not a type of that subgraph.", d.Name, abstract)
		return
	}
	if in := t.In(g); !in.InterfaceObject {
		in.Runtime = insertType(in.Runtime, object)
	}
}

func (r *reader) addRuntimeEverywhere(abstract, object *Type) {
	for i := range abstract.Graphs {
		in := &abstract.Graphs[i]
		if object.In(in.Graph) != nil && !in.InterfaceObject {
			in.Runtime = insertType(in.Runtime, object)
		}
	}
}

// insertType adds a type to a list that is sorted by TypeID, once.
func insertType(list []*Type, t *Type) []*Type {
	i, found := slices.BinarySearchFunc(list, t, func(x, y *Type) int { return cmp.Compare(x.ID, y.ID) })
	if found {
		return list
	}
	return slices.Insert(list, i, t)
}
