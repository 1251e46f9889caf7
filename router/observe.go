package router

import (
	"net/http"
	"time"

	"github.com/soukhq/souk/router/execute"
)

// Seen is what a router tells of a request that it answered. It holds nothing of what clients send but the operation's name.
type Seen struct {
	Operation string // the name; empty where there is none, or where it was refused
	Hash      string // of the document
	Status    int
	Code      string // of the first error
	Codes     int    // how many errors there are
	Calls     int    // requests to subgraphs
	Bytes     int    // of the answer, before it is compressed
	Took      time.Duration
	Plan      PlanUse
}

// PlanUse tells where the plan of a request came from.
type PlanUse string

// The uses of plans. A request without a plan was refused before.
const (
	PlanNone   PlanUse = ""
	PlanKept   PlanUse = "hit"
	PlanMade   PlanUse = "miss"
	PlanFailed PlanUse = "error"
)

// observe tells the observer of a request.
func (r *Router) observe(q *http.Request, x *exchange, started time.Time, status int, fail *refusal) {
	x.seen.Status, x.seen.Bytes, x.seen.Took = status, len(x.out), time.Since(started)
	if fail != nil {
		x.seen.Code, x.seen.Codes, x.seen.Bytes = fail.code(), len(fail.errs), 0
	}
	r.opt.Observe(q, &x.seen)
}

// note takes what became of the requests to subgraphs.
func (s *Seen) note(result *execute.Result) {
	for _, n := range result.Fetches {
		s.Calls += n
	}
	if s.Codes = len(result.Errors); s.Codes > 0 {
		s.Code = result.Errors[0].Code
	}
}
