package main

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// owned holds the fields that each subgraph resolves, by type.
var owned = map[string]map[string][]string{
	"accounts":  {"Query": {"users"}, "User": {"id", "username", "name"}},
	"products":  {"Query": {"topProducts"}, "Product": {"upc", "name", "price", "weight"}},
	"inventory": {"Product": {"upc", "inStock", "shippingEstimate"}},
	"reviews":   {"Product": {"upc", "reviews"}, "User": {"id", "reviews"}, "Review": {"id", "body", "product", "author"}},
}

// selection is a selection set, ready to be carried out.
type selection []field

// field is one field of a selection, or, without a name, fields for objects of one type.
type field struct {
	key      string // the response key with quotes and colon
	name     string
	index    int    // of its value in an object
	on       string // the type that objects must have, if any
	entities string // the variable of the representations, where the field is _entities
	first    int    // how many objects of a root field to give; 0 for all
	firstVar string // the variable that says so instead, if any
	sub      selection
	typename bool
}

// compile reads an operation that a subgraph was sent. It refuses what the subgraph does not resolve.
func compile(subgraph, query string) (selection, error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return nil, err
	}
	if len(doc.Operations) != 1 || doc.Operations[0].Operation != ast.Query {
		return nil, fmt.Errorf("the document is not one query")
	}
	c := compiler{subgraph: subgraph, fragments: doc.Fragments}
	return c.selection(doc.Operations[0].SelectionSet, "Query", "")
}

type compiler struct {
	subgraph  string
	fragments ast.FragmentDefinitionList
}

// selection compiles the selection set of a field of the type.
func (c *compiler) selection(set ast.SelectionSet, typ, parent string) (selection, error) {
	var out selection
	for _, s := range set {
		var f field
		var err error
		switch s := s.(type) {
		case *ast.Field:
			f, err = c.field(s, typ, parent)
		case *ast.InlineFragment:
			f, err = c.fragment(s.SelectionSet, s.TypeCondition, typ, parent)
		case *ast.FragmentSpread:
			d := c.fragments.ForName(s.Name)
			if d == nil {
				return nil, fmt.Errorf("there is no fragment %s", s.Name)
			}
			f, err = c.fragment(d.SelectionSet, d.TypeCondition, typ, parent)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (c *compiler) fragment(set ast.SelectionSet, on, typ, parent string) (field, error) {
	if on == "" {
		on = typ
	}
	sub, err := c.selection(set, on, parent)
	return field{on: on, sub: sub}, err
}

func (c *compiler) field(f *ast.Field, typ, parent string) (field, error) {
	out := field{key: `"` + f.Alias + `":`, name: f.Name, index: index(f.Name)}
	switch {
	case len(f.Directives) > 0:
		return field{}, fmt.Errorf("directive @%s is not known here", f.Directives[0].Name)
	case f.Name == "__typename":
		out.typename = true
		return out, nil
	case f.Name == "_entities" && typ == "Query":
		if r := f.Arguments.ForName("representations"); r != nil && r.Value.Kind == ast.Variable {
			out.entities = r.Value.Raw
		} else {
			return field{}, fmt.Errorf("_entities has no variable with representations")
		}
	case !c.resolves(typ, f.Name, parent):
		return field{}, fmt.Errorf("subgraph %s has no field %s.%s", c.subgraph, typ, f.Name)
	}
	if a := f.Arguments.ForName("first"); a != nil && a.Value.Kind == ast.Variable {
		out.firstVar = a.Value.Raw
	} else if a != nil {
		if _, err := fmt.Sscan(a.Value.Raw, &out.first); err != nil {
			return field{}, fmt.Errorf("argument first of %s is no number: %w", f.Name, err)
		}
	}
	var err error
	out.sub, err = c.selection(f.SelectionSet, links[f.Name], f.Name)
	return out, err
}

// resolves tells whether the subgraph has the field. Reviews know the username of authors only, which they provide.
func (c *compiler) resolves(typ, name, parent string) bool {
	if c.subgraph == "reviews" && parent == "author" && name == "username" {
		return true
	}
	return slices.Contains(owned[c.subgraph][typ], name)
}
