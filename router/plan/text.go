package plan

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Text prints the plan for people: one request after the other, with what it waits for, the objects it is about, their
// representations and the selection.
func (p *Plan) Text() string {
	var b strings.Builder
	for _, g := range p.Groups {
		fmt.Fprintf(&b, "%d %s", g.ID, g.Subgraph)
		if len(g.Deps) > 0 {
			fmt.Fprintf(&b, " after %s", strings.Trim(fmt.Sprint(g.Deps), "[]"))
		}
		b.WriteByte('\n')
		if g.Root != nil && len(g.Root.Path) > 0 {
			fmt.Fprintf(&b, "  at %s:\n", p.pathText(g.Root.Path))
		}
		if g.Root != nil {
			fmt.Fprintf(&b, "  %s %s\n", strings.Fields(g.Operation)[0], unescape(g.Root.Text))
		}
		for _, a := range g.Aliases {
			if a.Spare {
				continue
			}
			for _, m := range a.Members {
				fmt.Fprintf(&b, "  at %s: %s%s\n", p.pathText(m.Path), a.RepType, p.repText(m.Rep))
			}
			fmt.Fprintf(&b, "    %s\n", unescape(a.Text))
		}
	}
	return b.String()
}

func (p *Plan) pathText(path []Step) string {
	parts := make([]string, len(path))
	at := 0
	for i, s := range path {
		slot := p.Places[at].Slots[s.Slot]
		parts[i] = slot.Response
		if slot.Response == "" {
			parts[i] = "(" + slot.Name + ")"
		}
		if s.Guard != 0 {
			parts[i] += "|" + p.typeNames[s.Guard]
		}
		at = slot.Place
	}
	return strings.Join(parts, ".")
}

func (p *Plan) repText(fields []RepField) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		if f.When != 0 {
			parts[i] = p.typeNames[f.When] + "."
		}
		parts[i] += f.Name
		if f.Sub != nil {
			parts[i] += p.repText(f.Sub)
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func unescape(text string) string {
	var s string
	if err := json.Unmarshal([]byte(`"`+text+`"`), &s); err != nil {
		return text
	}
	return s
}
