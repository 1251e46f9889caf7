package execute

import (
	"fmt"
	"math"

	"github.com/soukhq/souk/router/fetch"
)

// How much subgraphs are asked for on behalf of one client's request.
const (
	maxRequests = 100  // to all subgraphs
	maxEntities = 1000 // of one alias; the rest is not asked for
	partSize    = 250  // entities of one alias in one request
	maxParts    = maxEntities / partSize
)

const codeRequests = "MAX_SUBGRAPH_REQUESTS_LIMIT"

// tooMuch is the failure of what is beyond the limits.
func tooMuch(format string, args ...any) *failure {
	return &failure{codeRequests, "The operation asks for too much at once.", fmt.Errorf(format, args...)}
}

// mayAsk takes one of the requests that are left.
func (r *run) mayAsk(c *call) bool {
	if r.sent++; r.sent <= maxRequests {
		r.result.Fetches[c.group.Graph]++
		return true
	}
	return false
}

// parts returns how many requests the entities of a call need.
func (c *call) parts() int {
	if c.group.Root != nil {
		return 1
	}
	n := 1
	for i := range c.aliases {
		n = max(n, (len(c.aliases[i].spans)+partSize-1)/partSize)
	}
	return n
}

// split makes calls of a call that has too many entities for one request. What is beyond the limit fails.
func (r *run) split(c *call) []*call {
	n := c.parts()
	if n > maxParts {
		r.fail(r.part(c, maxEntities, math.MaxInt), tooMuch("more than %d entities", maxEntities))
		n = maxParts
	}
	calls := make([]*call, n)
	for i := range calls {
		p := r.part(c, i*partSize, (i+1)*partSize)
		p.doc = c.doc + uint32(i)
		p.whole = c
		p.request = &fetch.Request{Body: r.partBody(c, p)}
		calls[i] = p
	}
	c.unfinished = n
	return calls
}

// partBody writes the body of a part from that of the whole.
func (r *run) partBody(whole, part *call) []byte {
	b := append([]byte(nil), whole.group.Prefix...)
	first := len(b)
	usual := part.findPresent()
	for i, a := range whole.group.Aliases {
		if !part.present[i] {
			continue
		}
		if len(b) > first {
			b = append(b, ',')
		}
		b = append(b, a.Open...)
		for j, s := range part.aliases[i].spans {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(b, whole.request.Body[s.from:s.to]...)
		}
		b = append(b, ']')
	}
	return r.complete(b, part, first, usual)
}

// part returns a call for the representations from one index to another of each alias.
func (r *run) part(c *call, from, to int) *call {
	p := &call{group: c.group, aliases: make([]entities, len(c.aliases))}
	for i := range c.aliases {
		all, some := &c.aliases[i], &p.aliases[i]
		for j := from; j < min(to, len(all.spans)); j++ {
			some.spans = append(some.spans, all.spans[j])
			some.first, some.last = append(some.first, -1), append(some.last, -1)
			for t := all.first[j]; t >= 0; t = all.targets[t].next {
				some.take(j-from, all.targets[t])
			}
		}
	}
	return p
}

// take adds a target of the representation, and notes its member.
func (e *entities) take(index int, t target) {
	t.next = -1
	e.append(index, t)
	for len(e.members) <= t.member {
		e.members = append(e.members, false)
	}
	e.members[t.member] = true
}
