package supergraph

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// maxFieldSetTokens bounds what is read as one field set.
const maxFieldSetTokens = 10_000

// ErrDirectiveInFieldSet tells that a field set applies a directive, which none may.
var ErrDirectiveInFieldSet = errors.New("directives are not allowed in a field set")

// ParseFieldSet reads a field set such as `id owner { name }`. Repeated fields are merged. Whether the fields exist is
// not checked. The error is ErrDirectiveInFieldSet (wrapped) where the text has a directive; the set is then returned
// without it.
func ParseFieldSet(text string) (*FieldSet, error) {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: "{" + text + "\n}"}, maxFieldSetTokens)
	if err != nil {
		return nil, fmt.Errorf("parse field set %q: %w", text, err)
	}
	if len(doc.Operations) != 1 || len(doc.Fragments) != 0 {
		return nil, fmt.Errorf("parse field set %q: it is more than one selection set", text)
	}
	set := &FieldSet{}
	if err := set.addAll(doc.Operations[0].SelectionSet); err != nil {
		return nil, fmt.Errorf("parse field set %q: %w", text, err)
	}
	if name := firstDirective(doc.Operations[0].SelectionSet); name != "" {
		return set, fmt.Errorf("parse field set %q: %w: @%s", text, ErrDirectiveInFieldSet, name)
	}
	return set, nil
}

func firstDirective(selections ast.SelectionSet) string {
	for _, selection := range selections {
		var applied ast.DirectiveList
		var below ast.SelectionSet
		switch sel := selection.(type) {
		case *ast.Field:
			applied, below = sel.Directives, sel.SelectionSet
		case *ast.InlineFragment:
			applied, below = sel.Directives, sel.SelectionSet
		}
		if len(applied) > 0 {
			return applied[0].Name
		}
		if name := firstDirective(below); name != "" {
			return name
		}
	}
	return ""
}

func (s *FieldSet) addAll(selections ast.SelectionSet) error {
	for _, selection := range selections {
		var err error
		switch sel := selection.(type) {
		case *ast.Field:
			err = s.addField(sel)
		case *ast.InlineFragment:
			err = s.addFragment(sel)
		default:
			err = errors.New("named fragments are not allowed in a field set")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *FieldSet) addField(f *ast.Field) error {
	if f.Alias != f.Name {
		return fmt.Errorf("aliases are not allowed in a field set: %s", f.Alias)
	}
	i := slices.IndexFunc(s.Fields, func(have FieldSel) bool { return have.Name == f.Name })
	if i < 0 {
		i = len(s.Fields)
		s.Fields = append(s.Fields, FieldSel{Name: f.Name, Args: f.Arguments})
	}
	have := &s.Fields[i]
	if argumentText(have.Args) != argumentText(f.Arguments) {
		return fmt.Errorf("field %s is selected with different arguments", f.Name)
	}
	if len(f.SelectionSet) == 0 {
		return nil
	}
	if have.Sub == nil {
		have.Sub = &FieldSet{}
	}
	return have.Sub.addAll(f.SelectionSet)
}

func (s *FieldSet) addFragment(f *ast.InlineFragment) error {
	if f.TypeCondition == "" {
		return s.addAll(f.SelectionSet)
	}
	i := slices.IndexFunc(s.On, func(have FieldSetOn) bool { return have.Type == f.TypeCondition })
	if i < 0 {
		i = len(s.On)
		s.On = append(s.On, FieldSetOn{Type: f.TypeCondition, Fields: &FieldSet{}})
	}
	return s.On[i].Fields.addAll(f.SelectionSet)
}

// String returns the canonical text: two sets that select the same have the same text. The text of nil is empty.
func (s *FieldSet) String() string {
	if s == nil {
		return ""
	}
	var b strings.Builder
	s.write(&b)
	return b.String()
}

func (s *FieldSet) write(b *strings.Builder) {
	separator := ""
	for _, f := range slices.SortedFunc(slices.Values(s.Fields), func(x, y FieldSel) int { return cmp.Compare(x.Name, y.Name) }) {
		b.WriteString(separator + f.Name + argumentText(f.Args))
		if f.Sub != nil {
			b.WriteString(" { ")
			f.Sub.write(b)
			b.WriteString(" }")
		}
		separator = " "
	}
	for _, on := range slices.SortedFunc(slices.Values(s.On), func(x, y FieldSetOn) int { return cmp.Compare(x.Type, y.Type) }) {
		b.WriteString(separator + "... on " + on.Type + " { ")
		on.Fields.write(b)
		b.WriteString(" }")
		separator = " "
	}
}

// argumentText returns the arguments with their parentheses, sorted by name, or nothing where there are none.
func argumentText(args ast.ArgumentList) string {
	if len(args) == 0 {
		return ""
	}
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = a.Name + ": " + a.Value.String()
	}
	slices.Sort(texts)
	return "(" + strings.Join(texts, ", ") + ")"
}
