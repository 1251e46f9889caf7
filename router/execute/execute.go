// Package execute carries out a plan: it asks the subgraphs, each as soon as what it needs is there, and puts their
// answers together.
package execute

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/rawjson"
)

// Input is what one request brings.
type Input struct {
	Plan      *plan.Plan
	Variables map[string]json.RawMessage // those of the client and those made of literals
	Header    http.Header                // for the subgraphs; read only
	// Unmasked shows clients what subgraphs say about their errors, and which subgraph it was.
	Unmasked bool
	// SafeCodes lists the codes of subgraph errors whose message clients see in any case.
	SafeCodes map[string]bool
}

// Result is the answer before it is written.
type Result struct {
	Tree    rawjson.Tree
	Root    rawjson.Value
	Errors  []Error
	Dropped int   // errors beyond the limit
	Fetches []int // requests sent, by GraphID

	run *run
}

// Error is an error of a subgraph as the client sees it.
type Error struct {
	Message  string
	Path     []any // response keys and list indexes; nil if it belongs to no field
	Code     string
	ID       string // under which the subgraph has logged it; may be empty
	Subgraph string // empty if clients must not know
	Cause    error  // for logs; nil where the subgraph itself answered with the error
}

// run is one request under way. All but ask happens on the goroutine of Execute.
type run struct {
	in         Input
	transports []fetch.Transport
	result     Result
	calls      []call // by group
	left       []int  // unfinished dependencies, by group
	done       chan *call
	flying     int
	ready      []int  // all groups that were ever ready, in that order
	started    int    // how many of them
	sent       int    // requests, and those that were not sent because of the limit
	collected  uint32 // stamp of the last collection
}

// call is one group's request on its way.
type call struct {
	group   *plan.Group
	aliases []entities // by alias; of root groups below the root the objects that the answer belongs to
	request *fetch.Request
	present []bool // by alias: it has representations
	used    []int  // variables that are sent, where those are not the group's usual ones
	doc     uint32
	answer  rawjson.Value
	err     *failure

	whole      *call // that this is a part of; nil for most
	unfinished int   // parts
}

// Execute carries out the plan. Transports are indexed by GraphID. It returns when every request has ended; when the
// context ends before, what is missing is reported as errors. A mutation goes on when the context is cancelled, until
// its deadline.
func Execute(ctx context.Context, in Input, transports []fetch.Transport) *Result {
	r := newRun(in, transports)
	if in.Plan.Mutates() {
		uncancelled := context.WithoutCancel(ctx)
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			uncancelled, cancel = context.WithDeadline(uncancelled, deadline)
			defer cancel()
		}
		ctx = uncancelled
	}
	r.run(ctx)
	return &r.result
}

func (r *run) run(ctx context.Context) {
	for i, g := range r.in.Plan.Groups {
		r.left[i] = len(g.Deps)
		if len(g.Deps) == 0 {
			r.ready = append(r.ready, i)
		}
	}
	for r.started < len(r.ready) || r.flying > 0 {
		for r.started < len(r.ready) {
			r.started++
			r.start(ctx, &r.calls[r.ready[r.started-1]])
		}
		if r.flying > 0 {
			c := <-r.done
			r.flying--
			r.merge(c)
			if c.whole == nil {
				r.finish(c.group)
			} else if c.whole.unfinished--; c.whole.unfinished == 0 {
				r.finish(c.group)
			}
		}
	}
}

// start sends a group's request, or several where it has very many entities. A group without representations is finished
// at once.
func (r *run) start(ctx context.Context, c *call) {
	if !r.prepare(c) {
		r.finish(c.group)
		return
	}
	if c.parts() > 1 {
		for _, p := range r.split(c) {
			r.send(ctx, p, false)
		}
		return
	}
	r.send(ctx, c, r.flying == 0 && r.started == len(r.ready))
}

// send sends a request. Where there is nothing else to do meanwhile, no goroutine is needed.
func (r *run) send(ctx context.Context, c *call, alone bool) {
	r.flying++
	switch {
	case !r.mayAsk(c):
		c.err = tooMuch("more than %d requests", maxRequests)
		r.done <- c
	case alone:
		r.ask(ctx, c)
	default:
		go r.ask(ctx, c)
	}
}

func (r *run) finish(g *plan.Group) {
	for _, d := range g.Dependants {
		if r.left[d]--; r.left[d] == 0 {
			r.ready = append(r.ready, d)
		}
	}
}

// ask does the I/O and parses the answer into the call's own document. It runs beside other calls, so a panic would
// end the process instead of the request.
func (r *run) ask(ctx context.Context, c *call) {
	defer func() {
		if p := recover(); p != nil {
			c.err = &failure{codeInternal, "Internal server error", fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
		r.done <- c
	}()
	c.answer, c.err = r.exchange(ctx, c)
}

func (r *run) exchange(ctx context.Context, c *call) (rawjson.Value, *failure) {
	request := c.request
	c.request = nil // whoever still has it when there is no answer may keep it
	request.Subgraph, request.Header, request.Mutation = c.group.Subgraph, r.in.Header, c.group.Mutation
	response, err := r.transports[c.group.Graph].Do(ctx, request)
	if err != nil {
		return rawjson.Value{}, unreachable(err)
	}
	if response.Reusable {
		request.Buffer = response.Body
		c.request = request
	}
	doc := &r.result.Tree[c.doc]
	doc.Text = response.Body
	answer, err := doc.Parse(c.doc, c.group.Answer)
	if err == nil && answer.Kind == rawjson.Object {
		slots := r.result.Tree.Slots(answer)
		if slots[plan.DataSlot].Kind == rawjson.Object || hasErrors(slots[plan.ErrorsSlot]) {
			return answer, nil
		}
	}
	return rawjson.Value{}, unusable(response.Status, err)
}

// hasErrors tells whether the errors of an answer are more than an empty list.
func hasErrors(v rawjson.Value) bool { return v.Kind == rawjson.Raw && v.N > uint32(len("[]")) }
