package compose

import (
	"fmt"
	"strings"

	"github.com/soukhq/souk/router/supergraph"
)

// explain says which operation cannot be answered and why.
func (r *reach) explain(u unsatisfied) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The following supergraph API query:\n%s\ncannot be satisfied by the subgraphs because:", example(r.model, u))
	object := u.at.object
	reached := map[supergraph.GraphID]bool{}
	for _, v := range u.at.views {
		if reached[v.graph] {
			continue
		}
		reached[v.graph] = true
		why := fmt.Sprintf("cannot find field %q.", object.Name+"."+u.field.Name)
		if _, requires, ok := r.direct(v, object, u.field.Name); ok && requires != nil {
			why = fmt.Sprintf("cannot satisfy @requires(fields: %q) on field %q.", requires, object.Name+"."+u.field.Name)
		}
		fmt.Fprintf(&b, "\n- from subgraph %q: %s", r.model.Graphs[v.graph].Name, why)
	}
	for _, candidate := range r.entries(object) {
		if f := candidate.as.Fields[u.field.Name]; !reached[candidate.graph] && f != nil && f.FieldIn(candidate.graph) != nil {
			fmt.Fprintf(&b, "\n- cannot move to subgraph %q, which has the field, %s.", r.model.Graphs[candidate.graph].Name, r.obstacle(object, candidate, u.at.views))
		}
	}
	return b.String()
}

// obstacle says why the candidate cannot be entered from the views.
func (r *reach) obstacle(object *supergraph.Type, candidate view, views []view) string {
	var tried []string
	for _, k := range candidate.as.In(candidate.graph).Keys {
		if k.Resolvable && !r.obtainable(object, k.Fields, views) {
			tried = append(tried, fmt.Sprintf("the fields of its @key(fields: %q) cannot be resolved", k.Fields))
		}
	}
	if len(tried) == 0 {
		return fmt.Sprintf("because type %q has no resolvable @key there", candidate.as.Name)
	}
	return "because " + strings.Join(tried, " and ")
}

// example writes the shortest operation that selects the field at that place.
func example(m *supergraph.Model, u unsatisfied) string {
	text := u.field.Name
	if u.field.Base.Composite() {
		text += " { ... }"
	}
	s := u.at
	for ; s.parent != nil; s = s.parent {
		if s.field.Base != s.object {
			text = "... on " + s.object.Name + " { " + text + " }"
		}
		text = s.field.Name + " { " + text + " }"
	}
	kind := ""
	switch s.object {
	case m.Mutation:
		kind = "mutation "
	case m.Subscription:
		kind = "subscription "
	}
	return kind + "{ " + text + " }"
}
