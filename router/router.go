// Package router answers GraphQL requests over HTTP from a supergraph and its subgraphs.
package router

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
)

// Options configure a router. A zero field stands for its default.
type Options struct {
	// Dev also allows introspection, shows the text of subgraphs' errors, counts the requests to subgraphs in
	// extensions.souk.fetches, and lets pages on this machine ask.
	Dev bool
	// Introspection lets clients ask for the schema.
	Introspection bool

	// Authenticate finds out who asks. Its claims go to every subgraph in X-Router-Claims, as they are; none make the
	// client anonymous. An error refuses the request with 401. Nil: everybody is anonymous.
	Authenticate func(*http.Request) (claims []byte, err error)

	Context Context // what subgraphs are told about the circumstances of a request; nothing by default

	// Observe is told of every request when it is answered. It keeps nothing of what it is given. Nil: nobody is told.
	Observe func(*http.Request, *Seen)

	Origins   []string      // of pages that may ask: https://example.com or https://*.example.com
	SafeCodes []string      // codes of subgraphs' errors whose message clients see, beside the usual ones
	Share     fetch.Sharing // which equal requests to a subgraph are one; off by default
	Propagate []string      // headers of clients that subgraphs receive; X-Router-* never
	Timeout   time.Duration // of one operation; 30 s by default
	MaxBody   int64         // bytes of a request body, decompressed as well; 2 MiB by default
	MaxURL    int           // bytes of the URL of a GET request; 16 KiB by default
	MaxAnswer int           // bytes of an answer before it is compressed; 20 MiB by default
	Limits    operation.Limits
	Plan      plan.Options
	Log       *slog.Logger // of what clients are not told; discarded by default
}

// Router is an http.Handler for one GraphQL endpoint. It is safe for concurrent use.
type Router struct {
	opt        Options
	origins    origins
	headers    []string        // that are propagated, in canonical form
	safe       map[string]bool // codes of errors whose message clients see
	context    *requestContext
	compressed http.Handler // serve, with compressed answers
	schema     http.Handler // serveSchema, compressed by gzip only
	current    atomic.Pointer[generation]
	swap       sync.Mutex // held while a generation is made
}

// generation is a supergraph with all that was made for it. Requests that are running keep theirs.
type generation struct {
	model     *supergraph.Model
	subgraphs []fetch.Transport
	memo      *memo
	sdl       func() sdl
}

// New returns a router that answers from the model. There is one transport for each of its graphs, by GraphID.
func New(m *supergraph.Model, subgraphs []fetch.Transport, opt Options) (*Router, error) {
	opt.Timeout = cmp.Or(opt.Timeout, 30*time.Second)
	opt.MaxBody = cmp.Or(opt.MaxBody, 2<<20)
	opt.MaxURL = cmp.Or(opt.MaxURL, 16<<10)
	opt.MaxAnswer = cmp.Or(opt.MaxAnswer, 20<<20)
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Share != "" && opt.Share != fetch.ShareOff && opt.Share != fetch.ShareAll {
		return nil, fmt.Errorf("requests are shared %q: use %s or %s", opt.Share, fetch.ShareOff, fetch.ShareAll)
	}
	allowed, err := readOrigins(opt.Origins, opt.Dev)
	if err != nil {
		return nil, err
	}
	context, err := readContext(opt.Context)
	if err != nil {
		return nil, err
	}
	if opt.Share == fetch.ShareAll {
		opt.Log.Warn("equal requests of different clients to a subgraph share one answer")
	}
	r := &Router{opt: opt, origins: allowed, headers: propagated(opt.Propagate), safe: safeCodes(opt.SafeCodes), context: context}
	if r.compressed, err = compressing(r.serve, true); err != nil {
		return nil, fmt.Errorf("prepare compression: %w", err)
	}
	// Code generators on older Node.js ask for zstd and cannot read it.
	if r.schema, err = compressing(r.serveSchema, false); err != nil {
		return nil, fmt.Errorf("prepare compression: %w", err)
	}
	if err := r.Swap(m, subgraphs); err != nil {
		return nil, err
	}
	return r, nil
}

// Swap makes the router answer from another model. Before, it makes ready what clients ask most, which takes up to 20 s;
// requests go on meanwhile, and those that are running finish with the model they began with.
func (r *Router) Swap(m *supergraph.Model, subgraphs []fetch.Transport) error {
	if len(subgraphs) != len(m.Graphs) {
		return fmt.Errorf("the supergraph has %d subgraphs, %d transports are given", len(m.Graphs), len(subgraphs))
	}
	r.swap.Lock()
	defer r.swap.Unlock()
	m, err := r.context.extend(m, r.opt.Log)
	if err != nil {
		return err
	}
	memo, err := newMemo(m, r.opt.Limits, r.opt.Plan)
	if err != nil {
		return fmt.Errorf("make caches: %w", err)
	}
	if old := r.current.Load(); old != nil {
		memo.warm(old.memo, time.Now().Add(warmTime), r.opt.Log)
	}
	if r.opt.Share == fetch.ShareAll {
		shared := make([]fetch.Transport, len(subgraphs))
		for i, t := range subgraphs {
			shared[i] = fetch.NewShared(t)
		}
		subgraphs = shared
	}
	r.current.Store(&generation{model: m, subgraphs: subgraphs, memo: memo, sdl: writeSDL(m)})
	return nil
}
