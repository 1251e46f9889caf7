package operation

import (
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// Op is an operation as the planner takes it: valid, without fragments, conditions, duplicates or literals.
// It never changes after it is made.
type Op struct {
	Kind ast.Operation // query, mutation or subscription
	Name string        // the client's name for it; not part of its identity
	Root *Selection
	// Vars lists every variable that an argument refers to: the client's own and those made of literals.
	Vars []Var
	// Key identifies the shape of the operation: equal keys mean equal plans. It is the canonical text, not a hash.
	Key string
}

// Var is a variable of an operation. Values are looked up by name when a request is carried out.
type Var struct {
	Name string
	Type *ast.Type
	// Constant is the JSON value of a variable that stands for a literal of the document, nil for a client's variable.
	Constant []byte
}

// Selection is what is wanted at one place of the response whose value has fields.
type Selection struct {
	Type *supergraph.Type
	// Common is selected for every runtime type.
	Common []*Field
	// Per is selected for single runtime types of an abstract Type only, sorted by TypeID. Fields of Common are not
	// repeated here unless the part for the type wants more below them, or has them earlier in the answer.
	Per []Bucket
}

// Bucket is what is wanted for one runtime type of an abstract type.
type Bucket struct {
	Type   *supergraph.Type
	Fields []*Field
}

// Field is one field of a selection.
type Field struct {
	Response string            // the response key: alias or name
	Name     string            // the field's name; "__typename", "__schema" and "__type" have no Def
	Def      *supergraph.Field // in the type that declares it; nil for the introspection fields
	Args     []Arg             // sorted by name
	Sub      *Selection        // nil for a leaf
	Order    int               // where it stands in the answer; the least counts if a field is in Common and in Per
	// AST is the client's field, for introspection; nil in fields that only the planner asks for.
	AST *ast.Field
}

// Arg is an argument of a field. Its value is GraphQL text that holds variables, but no other varying part.
type Arg struct {
	Name string
	Text string   // for example `$first` or `{id: $_2}`
	Vars []string // the names of the variables in Text
}
