package operation

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// eachSelection calls visit for every selection that can be reached from the operation, each once.
func (d *Doc) eachSelection(visit func(ast.Selection)) {
	visited := map[string]bool{}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			visit(s)
			switch s := s.(type) {
			case *ast.Field:
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				if !visited[s.Name] {
					visited[s.Name] = true
					walk(s.Definition.SelectionSet)
				}
			}
		}
	}
	walk(d.op.SelectionSet)
}

// readConditions gives every variable that @skip or @include looks at its bit.
func (d *Doc) readConditions() *gqlerror.Error {
	d.eachSelection(func(s ast.Selection) {
		if f, ok := s.(*ast.Field); ok && (f.Name == "__schema" || f.Name == "__type") {
			d.introspect = true
		}
		for _, directive := range directives(s) {
			v := condition(directive)
			if v == nil || v.Kind != ast.Variable {
				continue
			}
			if _, ok := d.conditions[v.Raw]; !ok {
				d.conditions[v.Raw] = len(d.conditions)
			}
		}
	})
	if len(d.conditions) > maxConditions {
		return fault(codeDirectives, d.op.Position, "The operation has more than %d condition variables.", maxConditions)
	}
	return nil
}

func directives(s ast.Selection) ast.DirectiveList {
	switch s := s.(type) {
	case *ast.Field:
		return s.Directives
	case *ast.InlineFragment:
		return s.Directives
	case *ast.FragmentSpread:
		return s.Directives
	}
	return nil
}

// condition returns what @skip or @include depends on, nil for other directives.
func condition(d *ast.Directive) *ast.Value {
	if d.Name != "skip" && d.Name != "include" {
		return nil
	}
	if a := d.Arguments.ForName("if"); a != nil {
		return a.Value
	}
	return nil
}

// included tells whether the selection is there when the conditions have the given values. With every set, conditions
// on variables count as met.
func (d *Doc) included(s ast.Selection, b Bits, every bool) bool {
	for _, directive := range directives(s) {
		v := condition(directive)
		if v == nil || (v.Kind == ast.Variable && every) {
			continue
		}
		on := v.Raw == "true"
		if v.Kind == ast.Variable {
			on = b&(1<<d.conditions[v.Raw]) != 0
		}
		if on == (directive.Name == "skip") {
			return false
		}
	}
	return true
}
