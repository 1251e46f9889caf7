package execute

// prepare writes the body of a group's request. It returns false if there is nothing to ask for. Variables come first,
// so that representations are written where they will be sent from.
func (r *run) prepare(c *call) bool {
	g := c.group
	b := append(c.request.Body[:0], g.Prefix...)
	first := len(b)
	if g.Root != nil {
		if len(g.Root.Path) > 0 && !r.rootTargets(c) {
			return false
		}
	} else if b = r.representations(b, c); len(b) == first {
		return false
	}
	c.request.Body = r.complete(b, c, first, c.findPresent())
	return true
}

// complete writes what follows the representations. The variables begin at the index first. Usual says that the aliases
// are those that are no spares.
func (r *run) complete(b []byte, c *call, first int, usual bool) []byte {
	g := c.group
	used := g.Used
	if !usual {
		c.used = g.AppendUsed(c.used[:0], c.present)
		used = c.used
	}
	for _, i := range used {
		if value, ok := r.in.Variables[g.Vars[i].Name]; ok {
			if len(b) > first {
				b = append(b, ',')
			}
			b = append(b, '"')
			b = append(b, g.Vars[i].Name...)
			b = append(b, '"', ':')
			b = append(b, value...)
		}
	}
	if usual {
		return append(b, g.Suffix...)
	}
	return g.AppendSuffix(b, c.present)
}

// findPresent notes which aliases have representations, and tells whether those are the ones that are no spares.
func (c *call) findPresent() bool {
	usual := true
	c.present = sized(c.present, len(c.group.Aliases))
	for i, a := range c.group.Aliases {
		c.present[i] = len(c.aliases[i].spans) > 0
		usual = usual && c.present[i] != a.Spare
	}
	return usual
}

// representations writes a variable for each alias that has any.
func (r *run) representations(b []byte, c *call) []byte {
	empty := len(b)
	for i, a := range c.group.Aliases {
		start := len(b)
		if start > empty {
			b = append(b, ',')
		}
		b = append(b, a.Open...)
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
