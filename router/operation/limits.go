package operation

import (
	"cmp"
	"math"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Limits bounds what a document may ask for. A field that is zero stands for its default.
type Limits struct {
	Tokens     int // of the document; default 10,000
	Depth      int // of selections, fragments expanded, introspection exempt; default 15
	Aliases    int // in the document; default 50
	RootFields int // different response keys at the root; default 20
	Directives int // in the document; default 50
	Fragments  int // definitions; default 100
	Spreads    int // uses of fragments; default 300
	Selections int // fields with fragments expanded; default 5,000
	Variables  int // of the operation; default 100
	ListLength int // of lists in variables; default 1,000
	Nesting    int // of values; default 20
}

// typesPerSelection is how many single types a limit's worth of selections may fan out to on average.
const typesPerSelection = 4

func (l Limits) orDefault() Limits {
	return Limits{
		Tokens:     cmp.Or(l.Tokens, 10_000),
		Depth:      cmp.Or(l.Depth, 15),
		Aliases:    cmp.Or(l.Aliases, 50),
		RootFields: cmp.Or(l.RootFields, 20),
		Directives: cmp.Or(l.Directives, 50),
		Fragments:  cmp.Or(l.Fragments, 100),
		Spreads:    cmp.Or(l.Spreads, 300),
		Selections: cmp.Or(l.Selections, 5_000),
		Variables:  cmp.Or(l.Variables, 100),
		ListLength: cmp.Or(l.ListLength, 1_000),
		Nesting:    cmp.Or(l.Nesting, 20),
	}
}

// checkLimits measures a document that is not validated yet: names may be unknown and fragments may form cycles.
func checkLimits(document *ast.QueryDocument, op *ast.OperationDefinition, lim Limits) *gqlerror.Error {
	m := &measure{lim: lim, fragments: map[string]*fragmentSize{}}
	for _, f := range document.Fragments {
		if m.fragments[f.Name] == nil {
			m.fragments[f.Name] = &fragmentSize{def: f}
		}
	}
	var total extent
	for _, o := range document.Operations {
		m.variables(o)
		m.directives += len(o.Directives)
		total = total.beside(m.set(o.SelectionSet))
	}
	for _, f := range document.Fragments {
		m.directives += len(f.Directives)
		total = total.beside(m.fragment(f.Name)) // the rules look at fragments that nobody uses, too
	}
	roots := map[string]bool{}
	m.rootKeys(op.SelectionSet, roots, map[string]bool{})

	for _, check := range []struct {
		value, limit int
		code, what   string
	}{
		{len(document.Fragments), lim.Fragments, codeFragments, "fragments"},
		{m.spreads, lim.Spreads, codeFragments, "uses of fragments"},
		{m.directives, lim.Directives, codeDirectives, "directives"},
		{m.aliases, lim.Aliases, codeAliases, "aliases"},
		{len(roots), lim.RootFields, codeRootFields, "root fields"},
		{total.depth, lim.Depth, codeDepth, "levels of fields"},
		{total.fields, lim.Selections, codeSelections, "fields"},
		{m.nesting, lim.Nesting, codeDepth, "levels of values"},
		{m.count, lim.Variables, codeInput, "variables"},
	} {
		if check.value > check.limit {
			return fault(check.code, op.Position, "The document has more than %d %s.", check.limit, check.what)
		}
	}
	return nil
}

// extent is the size of a selection set with its fragments expanded.
type extent struct{ fields, depth int }

// beside is the extent of two selections in one set. Counts stop growing at the top instead of turning over.
func (e extent) beside(o extent) extent {
	return extent{fields: min(e.fields+o.fields, math.MaxInt32), depth: max(e.depth, o.depth)}
}

type fragmentSize struct {
	def  *ast.FragmentDefinition
	seen bool // measured, or being measured: a cycle ends here and is left to validation
	size extent
}

// measure counts. Each part of the document is visited once.
type measure struct {
	lim       Limits
	fragments map[string]*fragmentSize

	aliases, directives, spreads, nesting, count int
}

func (m *measure) variables(op *ast.OperationDefinition) {
	m.count = max(m.count, len(op.VariableDefinitions))
	for _, v := range op.VariableDefinitions {
		m.directives += len(v.Directives)
		m.value(v.DefaultValue, 0)
	}
}

func (m *measure) set(set ast.SelectionSet) extent {
	var total extent
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			total = total.beside(m.field(s))
		case *ast.InlineFragment:
			m.directives += len(s.Directives)
			total = total.beside(m.set(s.SelectionSet))
		case *ast.FragmentSpread:
			m.directives += len(s.Directives)
			m.spreads++
			total = total.beside(m.fragment(s.Name))
		}
	}
	return total
}

func (m *measure) field(f *ast.Field) extent {
	m.directives += len(f.Directives)
	if f.Alias != f.Name {
		m.aliases++
	}
	for _, a := range f.Arguments {
		m.value(a.Value, 0)
	}
	sub := m.set(f.SelectionSet)
	if f.Name == "__schema" || f.Name == "__type" {
		sub.depth = 0
	}
	return extent{fields: min(sub.fields+1, math.MaxInt32), depth: sub.depth + 1}
}

func (m *measure) fragment(name string) extent {
	f := m.fragments[name]
	if f == nil {
		return extent{}
	}
	if !f.seen {
		f.seen = true
		f.size = m.set(f.def.SelectionSet)
	}
	return f.size
}

func (m *measure) value(v *ast.Value, depth int) {
	m.nesting = max(m.nesting, depth)
	if v == nil || depth > m.lim.Nesting {
		return
	}
	for _, c := range v.Children {
		m.value(c.Value, depth+1)
	}
}

func (m *measure) rootKeys(set ast.SelectionSet, keys, visited map[string]bool) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			keys[s.Alias] = true
		case *ast.InlineFragment:
			m.rootKeys(s.SelectionSet, keys, visited)
		case *ast.FragmentSpread:
			if f := m.fragments[s.Name]; f != nil && !visited[s.Name] {
				visited[s.Name] = true
				m.rootKeys(f.def.SelectionSet, keys, visited)
			}
		}
	}
}
