// Package supergraph holds the composed graph as data: its types, their keys, and which subgraph answers which field.
package supergraph

import "github.com/vektah/gqlparser/v2/ast"

// GraphID is the index of a subgraph in Model.Graphs.
type GraphID uint8

// TypeID is the index of a type in Model.Types.
type TypeID uint16

// Graph is one subgraph of the supergraph.
type Graph struct {
	ID   GraphID
	Name string // as the subgraph calls itself, for example "reviews"
	Enum string // its value of join__Graph, for example "REVIEWS"
	URL  string // where it is reached; may be empty
	// Virtual says that its entities are names only: whether they exist, and all that clients see of them, is asked of
	// their owners. No supergraph that is read says so; composition does.
	Virtual bool
}

// Model is a supergraph. It never changes after it is made and is safe for concurrent readers.
type Model struct {
	Graphs []Graph // sorted by name; the index is the GraphID
	Types  []*Type // every type but introspection and join types; the index is the TypeID

	Query, Mutation, Subscription *Type // nil where the supergraph has none

	byName map[string]*Type
	sdl    string
	api    *ast.Schema
}

// Type returns the type of that name, or nil.
func (m *Model) Type(name string) *Type { return m.byName[name] }

// API returns the schema that clients see: for validation and introspection.
func (m *Model) API() *ast.Schema { return m.api }

// SDL returns the supergraph in the join specification's notation.
func (m *Model) SDL() string { return m.sdl }

// Type is a named type of the supergraph.
type Type struct {
	ID           TypeID
	Name         string
	Kind         ast.DefinitionKind
	Inaccessible bool

	Fields map[string]*Field // of objects and interfaces, inaccessible ones included
	Order  []*Field          // the same in the order of the supergraph

	Graphs []TypeInGraph // sorted by GraphID: where the type is defined

	// Runtime lists the object types a value of this type can have anywhere in the supergraph, in order of TypeID:
	// itself for an object, implementations of an interface, members of a union.
	Runtime []*Type
	// Interfaces lists the interfaces that an object or interface implements anywhere in the supergraph.
	Interfaces []*Type

	Values map[string]EnumValue // of enums
}

// EnumValue is a value of an enum.
type EnumValue struct {
	Name         string
	Inaccessible bool
}

// Abstract tells whether the type is an interface or a union.
func (t *Type) Abstract() bool { return t.Kind == ast.Interface || t.Kind == ast.Union }

// Composite tells whether values of the type have fields.
func (t *Type) Composite() bool { return t.Kind == ast.Object || t.Abstract() }

// In returns what the subgraph knows of the type, or nil where it does not define it.
func (t *Type) In(g GraphID) *TypeInGraph {
	for i := range t.Graphs {
		if t.Graphs[i].Graph == g {
			return &t.Graphs[i]
		}
	}
	return nil
}

// TypeInGraph is what one subgraph knows of a type.
type TypeInGraph struct {
	Graph           GraphID
	InterfaceObject bool // the subgraph defines this interface as an object (@interfaceObject)
	Keys            []Key
	// Runtime lists the object types that a value of this abstract type can have in this subgraph; itself for an object.
	Runtime []*Type
}

// Key is one @key of a type in a subgraph.
type Key struct {
	Fields     *FieldSet
	Resolvable bool // false: the fields are there, but the subgraph offers no entry by them
}

// Field is a field of an object or interface type.
type Field struct {
	Name         string
	Parent       *Type
	Type         *ast.Type // in the merged schema
	Base         *Type     // the named type below lists and non-nulls
	Args         []*Arg
	Inaccessible bool

	// In lists the subgraphs that have the field, sorted by GraphID. Empty together with ViaInterface: the field was
	// copied from an interface object and is reached through the interface only.
	In           []FieldInGraph
	ViaInterface bool
}

// Arg is an argument of a field.
type Arg struct {
	Name         string
	Type         *ast.Type
	Default      *ast.Value
	Inaccessible bool
}

// FieldIn returns what the subgraph knows of the field, or nil where it does not have it.
func (f *Field) FieldIn(g GraphID) *FieldInGraph {
	for i := range f.In {
		if f.In[i].Graph == g {
			return &f.In[i]
		}
	}
	return nil
}

// FieldInGraph is what one subgraph knows of a field.
type FieldInGraph struct {
	Graph          GraphID
	Type           *ast.Type // the subgraph's own type where it differs from the merged one, else nil
	External       bool
	UsedOverridden bool      // another subgraph overrides it; it remains for keys and requirements only
	Provides       *FieldSet // nil: none
	Requires       *FieldSet // nil: none
	Override       string    // the subgraph it was taken from (@override), else ""
	OverrideLabel  string    // the condition of a progressive override, else ""
}

// FieldSet is a parsed field set, the argument of @key, @requires or @provides.
type FieldSet struct {
	Fields []FieldSel
	On     []FieldSetOn // inline fragments with a type condition
}

// FieldSel is one field of a field set.
type FieldSel struct {
	Name string
	Args ast.ArgumentList // only in @requires
	Sub  *FieldSet        // nil for a leaf
}

// FieldSetOn is the part of a field set that holds for one type.
type FieldSetOn struct {
	Type   string
	Fields *FieldSet
}
