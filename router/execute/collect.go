package execute

import (
	"bytes"
	"hash/maphash"

	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
)

// entities are the representations of one alias, each of them once, and the objects that wait for them.
type entities struct {
	spans   []span  // in the body, by index of the representation
	first   []int32 // the first target of each representation
	last    []int32
	targets []target
	members []bool   // by member: it has a target
	waiting []target // of a spare: the objects it is to take
	table   []int32
}

type span struct{ from, to int }

// target is an object to be completed, in a chain of those with the same representation.
type target struct {
	object rawjson.Value
	member int
	next   int32
}

func (e *entities) has(member int) bool { return member < len(e.members) && e.members[member] }

var seed = maphash.MakeSeed()

// collector writes the representations of the objects at the end of a member's path. Without an alias it only finds the
// objects.
type collector struct {
	run    *run
	call   *call
	alias  *plan.Alias
	member int
	set    *entities
	body   []byte
	stamp  uint32
	failed bool // what is missing of the last object is missing because of an error
}

func (c *collector) collect(path []plan.Step) {
	c.run.collected++
	c.stamp = c.run.collected
	c.walk(c.run.result.Root, 0, path)
}

// takeWaiting completes the objects that were left to the alias.
func (c *collector) takeWaiting() {
	for _, t := range c.set.waiting {
		c.member = t.member
		c.add(t.object)
	}
}

// walk visits the objects of type guard in v and goes on along the steps. An object that several parents share is
// visited once.
func (c *collector) walk(v rawjson.Value, guard uint16, steps []plan.Step) {
	doc := &c.run.result.Tree[v.Doc]
	switch v.Kind {
	case rawjson.List:
		for _, item := range doc.Values[v.Off : v.Off+v.N] {
			if item.Kind != rawjson.Null {
				c.walk(item, guard, steps)
			}
		}
	case rawjson.Object:
		head := &doc.Values[v.Off]
		if guard != 0 && head.Type != guard || head.N == c.stamp {
			return
		}
		head.N = c.stamp
		if len(steps) == 0 {
			c.add(v)
			return
		}
		c.walk(doc.Values[v.Off+1+uint32(steps[0].Slot)], steps[0].Guard, steps[1:])
	}
}

// add writes the object's representation unless there is an equal one.
func (c *collector) add(v rawjson.Value) {
	if c.alias == nil {
		c.set.append(0, target{object: v, next: -1})
		return
	}
	start := len(c.body)
	if len(c.set.spans) > 0 {
		c.body = append(c.body, ',')
	}
	from := len(c.body)
	c.body = append(c.body, c.alias.Start...)
	var ok bool
	if c.body, ok = c.fields(c.body, v, c.alias.Members[c.member].Rep, true); !ok {
		c.body = c.body[:start]
		c.skip(v)
		return
	}
	c.body = append(c.body, '}')
	index, known := c.set.find(c.body, from)
	if known {
		c.body = c.body[:start]
	}
	c.set.take(index, target{object: v, member: c.member})
}

// skip leaves an object without what the member asks for, except for what its spares can get.
func (c *collector) skip(v rawjson.Value) {
	if c.failed {
		c.run.result.Tree.SetFailed(v)
	}
	c.failed = false
	for _, s := range c.alias.Members[c.member].Spares {
		set := &c.call.aliases[s.Alias]
		set.waiting = append(set.waiting, target{object: v, member: s.Member})
	}
}

// append adds a target of the representation.
func (e *entities) append(index int, t target) {
	n := int32(len(e.targets))
	e.targets = append(e.targets, t)
	if e.first[index] < 0 {
		e.first[index] = n
	} else {
		e.targets[e.last[index]].next = n
	}
	e.last[index] = n
}

// fields writes the fields of a representation. It fails where a key is null or something was not delivered.
func (c *collector) fields(b []byte, v rawjson.Value, fields []plan.RepField, comma bool) ([]byte, bool) {
	tree := c.run.result.Tree
	typ := tree.Head(v).Type
	slots := tree.Slots(v)
	for i := range fields {
		f := &fields[i]
		if f.When != 0 && f.When != typ {
			continue
		}
		value := slots[f.Slot]
		if value.Kind == rawjson.Absent {
			c.failed = tree.Failed(v)
			return b, false
		}
		if f.Key && value.Kind == rawjson.Null {
			return b, false
		}
		if comma {
			b = append(b, f.Text...)
		} else {
			b = append(b, f.Text[1:]...)
		}
		comma = true
		if value.Kind == rawjson.String || value.Kind == rawjson.Number {
			b = append(b, tree.Bytes(value)...)
			continue
		}
		var ok bool
		if b, ok = c.value(b, value, f); !ok {
			return b, false
		}
	}
	return b, true
}

func (c *collector) value(b []byte, v rawjson.Value, f *plan.RepField) ([]byte, bool) {
	tree := c.run.result.Tree
	switch v.Kind {
	case rawjson.Null, rawjson.Absent:
		return append(b, "null"...), true
	case rawjson.List:
		b = append(b, '[')
		for i, item := range tree.Items(v) {
			if i > 0 {
				b = append(b, ',')
			}
			var ok bool
			if b, ok = c.value(b, item, f); !ok {
				return b, false
			}
		}
		return append(b, ']'), true
	case rawjson.Object:
		b = append(b, '{')
		comma := false
		if name := c.run.in.Plan.TypeName(tree.Head(v).Type); f.Typename && name != "" {
			b = append(b, `"__typename":"`...)
			b = append(b, name...)
			b = append(b, '"')
			comma = true
		}
		b, ok := c.fields(b, v, f.Sub, comma)
		return append(b, '}'), ok
	default:
		return append(b, tree.Bytes(v)...), true
	}
}

// find returns the index of the representation that was just written from there on, and whether it was there before.
// Representations are equal if all their bytes are.
func (e *entities) find(body []byte, from int) (int, bool) {
	if len(e.spans)*2 >= len(e.table) {
		e.grow(body)
	}
	mask := uint64(len(e.table) - 1)
	for h := maphash.Bytes(seed, body[from:]); ; h++ {
		slot := &e.table[h&mask]
		if *slot == 0 {
			e.spans = append(e.spans, span{from, len(body)})
			e.first = append(e.first, -1)
			e.last = append(e.last, -1)
			*slot = int32(len(e.spans))
			return len(e.spans) - 1, false
		}
		if s := e.spans[*slot-1]; bytes.Equal(body[s.from:s.to], body[from:]) {
			return int(*slot - 1), true
		}
	}
}

func (e *entities) grow(body []byte) {
	e.table = make([]int32, max(16, 2*len(e.table)))
	mask := uint64(len(e.table) - 1)
	for i, s := range e.spans {
		h := maphash.Bytes(seed, body[s.from:s.to])
		for e.table[h&mask] != 0 {
			h++
		}
		e.table[h&mask] = int32(i + 1)
	}
}
