package plan

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/rawjson"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/vektah/gqlparser/v2/ast"
)

// grouper puts fetches that can travel together into requests.
type grouper struct {
	model *supergraph.Model
	op    *operation.Op
	plan  *Plan
	batch Batch
	print printer
	of    []*Group // by the ids of fetches
	hash  string
}

// group makes the groups of the fetches, whose ids count them.
func (g *grouper) group(fetches []*fetch, level []int) {
	h := fnv.New32a()
	h.Write([]byte(g.op.Key))
	g.hash = fmt.Sprintf("%08x", h.Sum32())
	g.of = make([]*Group, len(fetches))
	var together []*fetch
	for i, first := range fetches {
		if g.of[i] != nil {
			continue
		}
		together = append(together[:0], first)
		for _, f := range fetches[i+1:] {
			if g.of[f.id] == nil && g.batch.together(f, first, level) {
				together = append(together, f)
			}
		}
		g.add(together)
	}
	g.connect(fetches)
}

func (g *grouper) add(together []*fetch) {
	first := together[0]
	id := len(g.plan.Groups)
	kind := ast.Query
	if first.root && len(first.parts[0].path) == 0 {
		kind = g.op.Kind
	}
	gr := &Group{ID: id, Graph: first.graph, Subgraph: g.model.Graphs[first.graph].Name,
		Mutation:  kind == ast.Mutation,
		Operation: string(kind) + " souk_" + g.hash + "_" + strconv.Itoa(id)}
	g.plan.Groups = append(g.plan.Groups, gr)
	for _, f := range together {
		g.of[f.id] = gr
	}
	if first.root {
		top := first.parts[0]
		text, shape := g.print.root(top.sel)
		gr.Root = &Root{Path: top.path, Place: first.place.id, Text: text, Vars: g.vars(gr), Shape: shape}
		gr.Answer = answer(shape)
		gr.finish()
		return
	}
	made := g.addParts(gr, together)
	for i, a := range gr.Aliases {
		a.Name, a.Variable = "_entities", "representations"
		field := "_entities"
		if made > 1 || a.Spare {
			a.Name, a.Variable = "_"+strconv.Itoa(i), "r"+strconv.Itoa(i)
			field = a.Name + ":_entities"
		}
		a.Variable = g.free(a.Variable)
		a.Open = `"` + a.Variable + `":[`
		a.Start = `{"__typename":"` + a.RepType + `"`
		a.Text = field + "(representations:$" + a.Variable + ")" + a.Text
	}
	gr.Answer = answer(entityData(gr.Aliases))
	gr.finish()
}

// answer returns how a response with such data is read.
func answer(data *rawjson.Shape) *rawjson.Key {
	return &rawjson.Key{Sub: &rawjson.Shape{Slots: 2, Keys: []rawjson.Key{{Name: "data", Slot: DataSlot, Sub: data}, {Name: "errors", Slot: ErrorsSlot}}}}
}

// entityData returns the shape of the data of entity requests. The result of an alias with several members remains
// text, which is read for each of them.
func entityData(aliases []*Alias) *rawjson.Shape {
	s := &rawjson.Shape{Slots: len(aliases), Keys: make([]rawjson.Key, 0, len(aliases))}
	for i, a := range aliases {
		k := rawjson.Key{Name: a.Name, Slot: i}
		if len(a.Members) == 1 {
			k.Lists, k.Sub = 1, a.Members[0].Shape
		}
		s.Keys = append(s.Keys, k)
	}
	return s
}

// free returns a name that no variable of the client has.
func (g *grouper) free(name string) string {
	for slices.ContainsFunc(g.op.Vars, func(v operation.Var) bool { return v.Name == name }) {
		name = "_" + name
	}
	return name
}

// addParts makes the aliases of the fetches, those for their spares last, and returns how many are not for spares.
func (g *grouper) addParts(gr *Group, fetches []*fetch) int {
	var split []*part
	var members []*Member
	for _, f := range fetches {
		for _, p := range f.parts {
			at := g.addPart(gr, p, false)
			if p.spares != nil {
				split = append(split, p)
				members = append(members, gr.Aliases[at.Alias].Members[at.Member])
			}
		}
	}
	made := len(gr.Aliases)
	for i, p := range split {
		for _, piece := range p.spares {
			members[i].Spares = append(members[i].Spares, g.addPart(gr, piece, true))
		}
	}
	return made
}

// addPart adds a part to the alias that asks for the same in the same words, or makes a new one.
func (g *grouper) addPart(gr *Group, part *part, spare bool) Spare {
	text, shape := g.print.entities(part.sel)
	m := &Member{Path: part.path, Rep: part.rep, Shape: shape, Place: part.sel.place.id, Decides: part.decides}
	for i, a := range gr.Aliases {
		if a.Spare == spare && a.Text == text && a.RepType == part.repType && sameRep(a.Members[0].Rep, part.rep) {
			a.Members = append(a.Members, m)
			return Spare{i, len(a.Members) - 1}
		}
	}
	gr.Aliases = append(gr.Aliases, &Alias{RepType: part.repType, Text: text, Vars: g.vars(gr), Members: []*Member{m}, Spare: spare})
	return Spare{len(gr.Aliases) - 1, 0}
}

// sameRep tells whether representations of both kinds look alike, whatever slots they come from.
func sameRep(a, b []RepField) bool {
	return slices.EqualFunc(a, b, func(x, y RepField) bool {
		return x.Name == y.Name && x.When == y.When && x.Key == y.Key && x.Typename == y.Typename && sameRep(x.Sub, y.Sub)
	})
}

// vars returns where in the group's variables those of the printed text are.
func (g *grouper) vars(gr *Group) []int {
	var r []int
	for _, name := range g.print.vars {
		i := slices.IndexFunc(gr.Vars, func(v Var) bool { return v.Name == name })
		if i < 0 {
			i = len(gr.Vars)
			gr.Vars = append(gr.Vars, Var{Name: name, Decl: "$" + name + ":" + g.varType(name)})
		}
		r = append(r, i)
	}
	return r
}

func (g *grouper) varType(name string) string {
	for _, v := range g.op.Vars {
		if v.Name == name {
			return v.Type.String()
		}
	}
	return ""
}

// connect derives the dependencies of groups from those of their fetches.
func (g *grouper) connect(fetches []*fetch) {
	for _, f := range fetches {
		gr := g.of[f.id]
		for _, d := range f.deps {
			if id := g.of[d.id].ID; !slices.Contains(gr.Deps, id) {
				gr.Deps = append(gr.Deps, id)
			}
		}
	}
	for _, gr := range g.plan.Groups {
		slices.Sort(gr.Deps)
		for _, d := range gr.Deps {
			g.plan.Groups[d].Dependants = append(g.plan.Groups[d].Dependants, gr.ID)
		}
	}
}
