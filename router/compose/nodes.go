package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// nodeInterface is the interface of all objects that can be found by their id alone, as Relay names it.
const nodeInterface = "Node"

// Nodes returns a subgraph whose root fields find objects by their ids, or nil where the sources have no interface Node
// or one of them has the root field node itself. It knows of each object type that implements Node and can be entered by
// its id in the same source, its owner. It is virtual: whoever composes with it has to serve it, and answers with type
// names and ids only; whether there is such an object, and everything about it, only an owner can say.
func Nodes(sources []Source) []Source {
	graphs, errs := loadAll(sources)
	if len(errs) > 0 || len(upgrade(graphs)) > 0 {
		return nil
	}
	s := stub{graphs: graphs, types: map[string]*stubType{}}
	for _, g := range graphs {
		if g.types["Query"].fields["node"] != nil {
			return nil
		}
		s.addNodes(g)
	}
	if len(s.types) == 0 {
		return nil
	}
	root := nodeField
	if !slices.ContainsFunc(graphs, func(g *subgraph) bool { return g.types["Query"].fields["nodes"] != nil }) {
		root += nodesField
	}
	return []Source{{Name: freeName("node", sources), SDL: s.sdl() + "type Query {\n" + root + "}\n", Virtual: true}}
}

const (
	nodeField = `  "The object with that id; null where there is none, or none that the caller may see."
  node("Its globally unique id." id: ID!): Node
`
	nodesField = `  "The objects with those ids in the same order; null for each that is not there, or that the caller may not see."
  nodes("Their globally unique ids." ids: [ID!]!): [Node]!
`
)

// addNodes adds the interface and the object types that the subgraph owns.
func (s *stub) addNodes(g *subgraph) {
	iface := g.types[nodeInterface]
	if iface == nil || iface.kind != ast.Interface || !identified(iface) || s.hides(nodeInterface) {
		return
	}
	for _, t := range g.order {
		enters := func(k *subKey) bool { return k.resolvable && k.set != nil && k.set.String() == "id" }
		if t.kind != ast.Object || !slices.Contains(t.implements, nodeInterface) || !slices.ContainsFunc(t.keys, enters) || s.hides(t.name) {
			continue
		}
		for _, t := range []*subType{iface, t} {
			st := s.add(t)
			st.fields["id"] = t.fields["id"]
		}
		s.types[t.name].keys["id"] = true
	}
}

// identified tells whether the type has an id that every value has.
func identified(t *subType) bool {
	id := t.fields["id"]
	return id != nil && id.typ.String() == "ID!"
}

// hides tells whether one of the subgraphs keeps the type, or its id, from clients.
func (s *stub) hides(typeName string) bool {
	return slices.ContainsFunc(s.graphs, func(g *subgraph) bool {
		t := g.types[typeName]
		return t != nil && (hidden(t.applied) || t.fields["id"] != nil && hidden(t.fields["id"].applied))
	})
}
