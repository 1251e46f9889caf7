package execute

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
)

// maxKept is how many bytes of a buffer, and of values in a document, are kept for another request.
const maxKept = 1 << 20

// runs holds the memory of requests that are answered.
var runs = sync.Pool{New: func() any { return &run{} }}

// Release gives the memory of the result to other requests. Neither the result nor anything that its tree refers to may
// be used any more; its errors may. A result that is not released is left to the garbage collector.
func (r *Result) Release() {
	run := r.run
	if run == nil {
		return // released already
	}
	if poison.Load() {
		run.poison()
	}
	for i := range run.result.Tree {
		d := &run.result.Tree[i]
		if cap(d.Values)*valueSize > maxKept {
			d.Values = nil
		}
		d.Reset()
	}
	for i := range run.calls {
		run.calls[i].release()
	}
	run.in, run.transports, run.result.run, run.result.Errors = Input{}, nil, nil, nil
	runs.Put(run)
}

const valueSize = 16

// poison is set by tests that look for uses of released memory.
var poison atomic.Bool

// poison overwrites the memory.
func (r *run) poison() {
	for i := range r.calls {
		if q := r.calls[i].request; q != nil {
			fill(q.Body)
			fill(q.Buffer)
		}
	}
	for i := range r.result.Tree {
		values := r.result.Tree[i].Values
		for j := range values {
			values[j] = rawjson.Value{Kind: rawjson.Raw, Doc: 1 << 31}
		}
	}
}

func fill(b []byte) {
	for i := range b[:cap(b)] {
		b[:cap(b)][i] = 0xDD
	}
}

// newRun returns a run with everything that the plan needs.
func newRun(in Input, transports []fetch.Transport) *run {
	r := runs.Get().(*run)
	groups := len(in.Plan.Groups)
	r.in, r.transports = in, transports
	r.left = sized(r.left, groups)
	r.calls = sized(r.calls, groups)
	r.ready = r.ready[:0]
	r.flying, r.started, r.sent, r.collected = 0, 0, 0, 0
	if cap(r.done) < groups*maxParts {
		r.done = make(chan *call, groups*maxParts)
	}
	for i, g := range in.Plan.Groups {
		r.calls[i].reset(g)
	}
	r.result.run = r
	r.result.Tree = sized(r.result.Tree, groups*maxParts+1)
	r.result.Fetches = sized(r.result.Fetches, in.Plan.Graphs)
	clear(r.result.Fetches)
	r.result.Errors, r.result.Dropped = nil, 0
	r.result.Root = r.result.Tree.NewObject(0, len(in.Plan.Places[0].Slots))
	return r
}

// sized returns the slice with n elements. Those that were there before keep their memory.
func sized[T any](s []T, n int) []T {
	if n > cap(s) {
		s = slices.Grow(s[:cap(s)], n-cap(s))
	}
	return s[:n]
}

// reset prepares a call for a group.
func (c *call) reset(g *plan.Group) {
	c.group, c.doc = g, uint32(g.ID*maxParts)+1 // and those for its parts behind it
	c.answer, c.err = rawjson.Value{}, nil
	aliases := len(g.Aliases)
	if g.Root != nil && len(g.Root.Path) > 0 {
		aliases = 1
	}
	c.aliases = sized(c.aliases, aliases)
	for i := range c.aliases {
		c.aliases[i].reset()
	}
	if c.request == nil {
		c.request = &fetch.Request{}
	}
}

// release lets go of what others own.
func (c *call) release() {
	c.group, c.err = nil, nil
	if q := c.request; q != nil {
		q.Header = nil
		if cap(q.Body) > maxKept {
			q.Body = nil
		}
		if cap(q.Buffer) > maxKept {
			q.Buffer = nil
		}
	}
}

// reset empties the set.
func (e *entities) reset() {
	if len(e.spans) > 0 {
		clear(e.table)
	}
	e.spans, e.first, e.last = e.spans[:0], e.first[:0], e.last[:0]
	e.targets, e.members, e.waiting = e.targets[:0], e.members[:0], e.waiting[:0]
}
