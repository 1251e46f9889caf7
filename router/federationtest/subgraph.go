// Package federationtest runs a router against subgraphs that are made of data.
package federationtest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// Resolver is what a mock subgraph knows.
type Resolver interface {
	// Root returns the object that the operation's root fields belong to.
	Root(kind ast.Operation) Object
	// Entity returns the object that a representation stands for; nil for none.
	Entity(representation map[string]any) (Object, error)
}

// Object is a value with fields.
type Object interface {
	// Typename returns the name of its type in the subgraph.
	Typename() string
	// Field returns the value of a field: nil, an Object, a list ([]any) of such, or anything that encoding/json writes.
	Field(name string, args map[string]any) (any, error)
}

// Subgraph is a GraphQL service for tests. It validates each request against its schema. It is safe for concurrent use
// if its Resolver is.
type Subgraph struct {
	schema   *ast.Schema
	resolver Resolver
	calls    atomic.Int64
	refused  atomic.Int64
}

// NewSubgraph makes a subgraph with the executable schema.
func NewSubgraph(name, schema string, r Resolver) (*Subgraph, error) {
	s, err := validator.LoadSchema(validator.Prelude, &ast.Source{Name: name, Input: schema})
	if err != nil {
		return nil, err
	}
	return &Subgraph{schema: s, resolver: r}, nil
}

// Calls returns how many requests the subgraph has been sent.
func (s *Subgraph) Calls() int { return int(s.calls.Load()) }

// Refused returns how many of them were not valid.
func (s *Subgraph) Refused() int { return int(s.refused.Load()) }

// ServeHTTP answers a GraphQL POST request.
func (s *Subgraph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var request struct {
		Query         string
		OperationName string
		Variables     map[string]any
	}
	if err := json.Unmarshal(body, &request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := json.Marshal(s.execute(request.Query, request.OperationName, request.Variables))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(answer); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// answer is the body of a GraphQL response. Data is nil where nothing was executed, and a nil *members, which is
// written as null, where everything became null.
type answer struct {
	Data   any           `json:"data,omitempty"`
	Errors gqlerror.List `json:"errors,omitempty"`
}

func (s *Subgraph) execute(query, name string, variables map[string]any) answer {
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, 100_000)
	if err != nil {
		return s.refuse(err)
	}
	if errs := validator.ValidateWithRules(s.schema, document, rules.NewDefaultRules()); len(errs) > 0 {
		s.refused.Add(1)
		return answer{Errors: errs}
	}
	op := document.Operations.ForName(name)
	if op == nil {
		return s.refuse(errors.New("there is no such operation"))
	}
	vars, err := validator.VariableValues(s.schema, op, variables)
	if err != nil {
		return s.refuse(err)
	}
	e := &execution{Subgraph: s, vars: vars}
	data, _ := e.object(root{s.resolver.Root(op.Operation), s.resolver, rootName(s.schema, op.Operation)}, ast.SelectionSet(op.SelectionSet), nil)
	return answer{Data: data, Errors: e.errs}
}

func (s *Subgraph) refuse(err error) answer {
	s.refused.Add(1)
	var e *gqlerror.Error
	if errors.As(err, &e) {
		return answer{Errors: gqlerror.List{e}}
	}
	return answer{Errors: gqlerror.List{gqlerror.Wrap(err)}}
}

func rootName(schema *ast.Schema, kind ast.Operation) string {
	if kind == ast.Mutation {
		return schema.Mutation.Name
	}
	return schema.Query.Name
}

// root adds the fields that federation gives to every subgraph to the root object.
type root struct {
	Object
	resolver Resolver
	name     string
}

// Typename returns the name of the root type.
func (r root) Typename() string { return r.name }

// Field resolves _entities, and other fields from the subgraph's own root.
func (r root) Field(name string, args map[string]any) (any, error) {
	if name != "_entities" {
		if r.Object == nil {
			return nil, nil
		}
		return r.Object.Field(name, args)
	}
	representations, _ := args["representations"].([]any)
	entities := make([]any, len(representations))
	for i, representation := range representations {
		fields, _ := representation.(map[string]any)
		entity, err := r.resolver.Entity(fields)
		switch {
		case err != nil:
			entities[i] = err
		case entity != nil:
			entities[i] = entity
		}
	}
	return entities, nil
}
