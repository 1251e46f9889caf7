package fetch

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"
)

// Options configure the transport of one subgraph. A zero field stands for its default.
type Options struct {
	Timeout     time.Duration // of one request; 10 s by default
	MaxBody     int64         // bytes of one answer; 20 MiB by default
	Connections int           // at most so many at once, all kept for reuse; 200 by default

	// Sign adds to the headers of a request what proves to the subgraph where it comes from.
	Sign func(h http.Header, method, path string, body []byte)
	// Trace adds to them what tells the subgraph for which request they are. It is no part of what is asked.
	Trace func(ctx context.Context, h http.Header)
}

// Reserve is what a request leaves of the time that the whole operation has, to write the answer.
const Reserve = 20 * time.Millisecond

func (o Options) orDefault() Options {
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.MaxBody = cmp.Or(o.MaxBody, 20<<20)
	o.Connections = cmp.Or(o.Connections, 200)
	return o
}

// deadline limits a request to the subgraph's own time and to what is left of the operation's.
func (o Options) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	at := time.Now().Add(o.Timeout)
	if whole, ok := ctx.Deadline(); ok && whole.Add(-Reserve).Before(at) {
		at = whole.Add(-Reserve)
	}
	return context.WithDeadline(ctx, at)
}

// header makes the headers of a request: those to pass on, the protocol's, the time that is left, and the signature.
func (o Options) header(ctx context.Context, r *Request, path string) http.Header {
	h := make(http.Header, len(r.Header)+6)
	for name, values := range r.Header {
		h[name] = values
	}
	h.Set("Content-Type", "application/json")
	h.Set("Accept", "application/json")
	if at, ok := ctx.Deadline(); ok {
		h.Set("X-Router-Deadline-Ms", strconv.FormatInt(max(0, time.Until(at).Milliseconds()), 10))
	}
	if o.Trace != nil {
		o.Trace(ctx, h)
	}
	if o.Sign != nil {
		o.Sign(h, http.MethodPost, path, r.Body)
	}
	return h
}
