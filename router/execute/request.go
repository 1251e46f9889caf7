package execute

import (
	"slices"
	"strings"
)

// prepare writes the body of a group's request. It returns false if there is nothing to ask for. Variables come first,
// so that representations are written where they will be sent from.
func (r *run) prepare(c *call) bool {
	g := c.group
	name := g.Operation[strings.IndexByte(g.Operation, ' ')+1:]
	b := append(c.request.Body[:0], `{"operationName":"`...)
	b = append(b, name...)
	b = append(b, `","variables":{`...)
	empty := len(b)
	used := c.used[:0]
	if g.Root != nil {
		if len(g.Root.Path) > 0 && !r.rootTargets(c) {
			return false
		}
		used = append(used, g.Root.Vars...)
	} else {
		if b = r.representations(b, c); len(b) == empty {
			return false
		}
		for i, a := range g.Aliases {
			if len(c.aliases[i].spans) > 0 {
				used = append(used, a.Vars...)
			}
		}
		slices.Sort(used)
		used = slices.Compact(used)
	}
	c.used = used
	for _, i := range used {
		if value, ok := r.in.Variables[g.Vars[i].Name]; ok {
			if len(b) > empty {
				b = append(b, ',')
			}
			b = append(b, '"')
			b = append(b, g.Vars[i].Name...)
			b = append(b, '"', ':')
			b = append(b, value...)
		}
	}
	b = append(b, `},"query":"`...)
	b = append(b, g.Operation...)
	b = declare(b, c, used)
	b = selection(b, c)
	c.request.Body = append(b, '"', '}')
	return true
}

// representations writes a variable for each alias that has any.
func (r *run) representations(b []byte, c *call) []byte {
	empty := len(b)
	for i, a := range c.group.Aliases {
		start := len(b)
		if start > empty {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, a.Variable...)
		b = append(b, `":[`...)
		col := collector{run: r, call: c, alias: a, set: &c.aliases[i], body: b}
		if a.Spare {
			col.takeWaiting()
		} else {
			for j, m := range a.Members {
				col.member = j
				col.collect(m.Path)
			}
		}
		b = append(col.body, ']')
		if len(col.set.spans) == 0 {
			b = b[:start]
		}
	}
	return b
}

// rootTargets finds the objects that root fields asked for below the root belong to, and tells whether there are any.
func (r *run) rootTargets(c *call) bool {
	set := &c.aliases[0]
	set.first, set.last = append(set.first, -1), append(set.last, -1)
	col := collector{run: r, set: set}
	col.collect(c.group.Root.Path)
	return len(col.set.targets) > 0
}

// declare writes the variable definitions.
func declare(b []byte, c *call, used []int) []byte {
	start := len(b)
	add := func(name, typ string) {
		if len(b) == start {
			b = append(b, '(')
		} else {
			b = append(b, ',')
		}
		b = append(b, name...)
		b = append(b, typ...)
	}
	for i, a := range c.group.Aliases {
		if len(c.aliases[i].spans) > 0 {
			add("$"+a.Variable, ":[_Any!]!")
		}
	}
	for _, i := range used {
		add(c.group.Vars[i].Decl, "")
	}
	if len(b) > start {
		b = append(b, ')')
	}
	return b
}

func selection(b []byte, c *call) []byte {
	if c.group.Root != nil {
		return append(b, c.group.Root.Text...)
	}
	b = append(b, '{')
	first := true
	for i, a := range c.group.Aliases {
		if len(c.aliases[i].spans) == 0 {
			continue
		}
		if !first {
			b = append(b, ' ')
		}
		first = false
		b = append(b, a.Text...)
	}
	return append(b, '}')
}
