package plan

import (
	"slices"
	"strings"
)

// finish writes the parts of the body that are always the same.
func (g *Group) finish() {
	name := g.Operation[strings.IndexByte(g.Operation, ' ')+1:]
	g.Prefix = `{"operationName":"` + name + `","variables":{`
	all := make([]bool, len(g.Aliases))
	for i, a := range g.Aliases {
		all[i] = !a.Spare
	}
	g.Used = g.AppendUsed(nil, all)
	g.Suffix = string(g.AppendSuffix(make([]byte, 0, 1024), all))
}

// AppendUsed appends which variables a request with those aliases needs.
func (g *Group) AppendUsed(used []int, aliases []bool) []int {
	if g.Root != nil {
		return append(used, g.Root.Vars...)
	}
	for i, a := range g.Aliases {
		if aliases[i] {
			used = append(used, a.Vars...)
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}

// AppendSuffix appends what follows the variables in the body of a request with those aliases.
func (g *Group) AppendSuffix(b []byte, aliases []bool) []byte {
	b = append(b, `},"query":"`...)
	b = append(b, g.Operation...)
	b = g.declare(b, aliases)
	if g.Root != nil {
		b = append(b, g.Root.Text...)
		return append(b, `"}`...)
	}
	separator := byte('{')
	for i, a := range g.Aliases {
		if aliases[i] {
			b = append(b, separator)
			b = append(b, a.Text...)
			separator = ' '
		}
	}
	return append(b, `}"}`...)
}

// declare appends the variable definitions.
func (g *Group) declare(b []byte, aliases []bool) []byte {
	separator := byte('(')
	add := func(text string) {
		b = append(b, separator)
		b = append(b, text...)
		separator = ','
	}
	for i, a := range g.Aliases {
		if aliases[i] {
			add("$" + a.Variable + ":[_Any!]!")
		}
	}
	for _, i := range g.AppendUsed(nil, aliases) {
		add(g.Vars[i].Decl)
	}
	if separator == ',' {
		b = append(b, ')')
	}
	return b
}
