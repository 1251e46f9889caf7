package operation

import (
	"slices"

	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// normaliser makes the Op of a Doc for one set of conditions: fragments are inlined, fields of one response key merged.
type normaliser struct {
	doc    *Doc
	bits   Bits
	every  bool // take every selection whose condition is a variable
	budget int  // how many fields may still be made; below zero the work stops
	used   map[string]bool
}

func (n *normaliser) operation() *Op {
	n.used = map[string]bool{}
	if !n.every {
		n.budget = int(^uint(0) >> 1) // Parse has seen the largest form.
	}
	d := n.doc
	op := &Op{Kind: d.op.Operation, Name: d.op.Name}
	root := d.model.Query
	switch d.op.Operation {
	case ast.Mutation:
		root = d.model.Mutation
	case ast.Subscription:
		root = d.model.Subscription
	}
	op.Root = n.selection(root, []ast.SelectionSet{d.op.SelectionSet})
	for _, v := range d.inputs {
		if n.used[v.Name] {
			op.Vars = append(op.Vars, Var{Name: v.Name, Type: v.declared})
		}
	}
	for _, v := range d.literals {
		if n.used[v.Name] {
			op.Vars = append(op.Vars, v)
		}
	}
	op.Key = keyOf(op)
	return op
}

// group holds the client's fields of one response key.
type group struct {
	key    string
	order  int // of the first of them in the document
	fields []*ast.Field
}

// groups holds the fields for one type, or for all.
type groups struct {
	byKey map[string]*group
	list  []*group
}

func (g *groups) add(f *ast.Field, order int) {
	if g.byKey == nil {
		g.byKey = map[string]*group{}
	}
	same := g.byKey[f.Alias]
	if same == nil {
		same = &group{key: f.Alias, order: order}
		g.byKey[f.Alias] = same
		g.list = append(g.list, same)
	}
	if !slices.Contains(same.fields, f) {
		same.fields = append(same.fields, f)
	}
}

// place collects what is wanted at one place of the response.
type place struct {
	parent *supergraph.Type
	common groups
	per    map[*supergraph.Type]*groups
	seen   int // fields so far, to keep the order of the document
}

func (n *normaliser) selection(t *supergraph.Type, sets []ast.SelectionSet) *Selection {
	p := &place{parent: t, per: map[*supergraph.Type]*groups{}}
	for _, set := range sets {
		n.collect(p, set, t.Runtime)
	}
	s := &Selection{Type: t, Common: n.fields(&p.common, t)}
	for _, concrete := range t.Runtime {
		g := p.per[concrete]
		if g == nil {
			continue
		}
		if fields := beyond(n.fields(g, concrete), s.Common); len(fields) > 0 {
			s.Per = append(s.Per, Bucket{Type: concrete, Fields: fields})
		}
	}
	renumber(s)
	return s
}

// collect adds the selections of a set that holds for the runtime types only, a part of those of the place's type.
func (n *normaliser) collect(p *place, set ast.SelectionSet, runtime []*supergraph.Type) {
	for _, s := range set {
		if !n.doc.included(s, n.bits, n.every) {
			continue
		}
		switch s := s.(type) {
		case *ast.Field:
			n.add(p, s, runtime)
		case *ast.InlineFragment:
			n.narrow(p, s.TypeCondition, s.SelectionSet, runtime)
		case *ast.FragmentSpread:
			n.narrow(p, s.Definition.TypeCondition, s.Definition.SelectionSet, runtime)
		}
	}
}

// narrow enters a fragment. A condition that cannot hold removes it.
func (n *normaliser) narrow(p *place, condition string, set ast.SelectionSet, runtime []*supergraph.Type) {
	if condition != "" && condition != p.parent.Name {
		t := n.doc.model.Type(condition)
		if t == nil {
			return
		}
		runtime = intersect(runtime, t.Runtime)
		if len(runtime) == 0 {
			return
		}
	}
	n.collect(p, set, runtime)
}

// add files a field under all types where it holds for all and the place's type has it, else under each single type.
func (n *normaliser) add(p *place, f *ast.Field, runtime []*supergraph.Type) {
	if n.budget < 0 {
		return
	}
	p.seen++
	if len(runtime) == len(p.parent.Runtime) && p.has(f.Name) {
		p.common.add(f, p.seen)
		return
	}
	for _, t := range runtime {
		if t.Inaccessible {
			continue // such an object is null for the client
		}
		if n.budget--; n.budget < 0 {
			return
		}
		if p.per[t] == nil {
			p.per[t] = &groups{}
		}
		p.per[t].add(f, p.seen)
	}
}

// has tells whether the field can be asked for without naming a runtime type.
func (p *place) has(name string) bool {
	f := p.parent.Fields[name]
	return isMeta(name) || (f != nil && !f.Inaccessible)
}

func isMeta(name string) bool { return name == "__typename" || name == "__schema" || name == "__type" }

// fields makes the fields of the groups as the owner type declares them, in the client's order.
func (n *normaliser) fields(g *groups, owner *supergraph.Type) []*Field {
	fields := make([]*Field, 0, len(g.list))
	for _, same := range g.list {
		if n.budget--; n.budget < 0 {
			return fields
		}
		first := same.fields[0]
		f := &Field{Response: same.key, Name: first.Name, Order: same.order, AST: first}
		switch {
		case first.Name == "__typename":
		case isMeta(first.Name):
			f.AST = n.introspection(same.fields)
			f.Args = n.use(n.doc.args[first])
		default:
			f.Def = owner.Fields[first.Name]
			f.Args = n.use(n.doc.args[first])
			if f.Def.Base.Composite() {
				f.Sub = n.selection(f.Def.Base, selectionSets(same.fields))
			}
		}
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(a, b *Field) int { return a.Order - b.Order })
	return fields
}

func selectionSets(fields []*ast.Field) []ast.SelectionSet {
	sets := make([]ast.SelectionSet, len(fields))
	for i, f := range fields {
		sets[i] = f.SelectionSet
	}
	return sets
}

// use notes the variables of the arguments.
func (n *normaliser) use(args []Arg) []Arg {
	for _, a := range args {
		for _, v := range a.Vars {
			n.used[v] = true
		}
	}
	return args
}

// introspection merges introspection fields of one response key into one without fragments and conditions. The types
// below are all objects, so a type condition there always holds.
func (n *normaliser) introspection(fields []*ast.Field) *ast.Field {
	var g groups
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			if !n.doc.included(s, n.bits, n.every) {
				continue
			}
			switch s := s.(type) {
			case *ast.Field:
				g.add(s, 0)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				walk(s.Definition.SelectionSet)
			}
		}
	}
	for _, f := range fields {
		walk(f.SelectionSet)
	}
	merged := *fields[0]
	merged.Directives, merged.SelectionSet = nil, nil
	for _, same := range g.list {
		if n.budget--; n.budget < 0 {
			break
		}
		n.use(n.doc.args[same.fields[0]])
		merged.SelectionSet = append(merged.SelectionSet, n.introspection(same.fields))
	}
	return &merged
}

// intersect returns the types that are in both lists, which are sorted by TypeID.
func intersect(a, b []*supergraph.Type) []*supergraph.Type {
	var both []*supergraph.Type
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].ID == b[j].ID:
			both = append(both, a[i])
			i, j = i+1, j+1
		case a[i].ID < b[j].ID:
			i++
		default:
			j++
		}
	}
	return both
}
