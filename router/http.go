package router

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/soukhq/souk/router/operation"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// ServeHTTP answers a GraphQL request by GET, HEAD or POST as GraphQL over HTTP says. It looks at neither host nor path.
func (r *Router) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.Header["Accept-Encoding"] != nil {
		r.compressed.ServeHTTP(w, q)
		return
	}
	addVary(w.Header(), varyAcceptEncoding)
	r.serve(w, q)
}

// serve answers without compression.
func (r *Router) serve(w http.ResponseWriter, q *http.Request) {
	media := mediaJSON
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			r.internal(q, fmt.Errorf("panic: %v\n%s", p, debug.Stack())).write(w, media)
		}
	}()
	r.origins.cors(w, q)
	addVary(w.Header(), varyAccept)
	if q.Method == http.MethodOptions {
		w.Header().Set("Allow", "GET, HEAD, POST, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if chosen := negotiate(q.Header["Accept"]); chosen != "" {
		media = chosen
	} else {
		refuse(http.StatusNotAcceptable, "NOT_ACCEPTABLE", "The answer is application/json or application/graphql-response+json.").write(w, media)
		return
	}
	x := newExchange()
	var started time.Time
	if r.opt.Observe != nil {
		started = time.Now()
	}
	status := http.StatusOK
	fail := r.answer(x, w, q)
	if fail != nil {
		status = fail.write(w, media)
	} else {
		send(w, status, media, x.out)
	}
	if r.opt.Observe != nil {
		r.observe(q, x, started, status, fail)
	}
	x.free()
}

// answer carries out a request up to the body of its answer.
func (r *Router) answer(x *exchange, w http.ResponseWriter, q *http.Request) *refusal {
	switch q.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		return refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "GraphQL is asked by GET or POST.").with("Allow", "GET, HEAD, POST, OPTIONS")
	}
	if r.origins.forged(q) {
		return refuse(http.StatusForbidden, "CSRF_PREVENTION_FAILED", "The request looks like one that a foreign page makes in the name of its visitor. Send a JSON content type or the header graphql-require-preflight.")
	}
	asked, fail := r.decode(x, w, q)
	if fail != nil {
		return fail
	}
	claims, fail := r.claims(q)
	if fail != nil {
		return fail
	}
	g := r.current.Load()
	d, errs := g.memo.document(asked.query, asked.name)
	if len(errs) > 0 {
		return refuseAll(errs)
	}
	d.uses.Add(1)
	x.seen.Operation, x.seen.Hash = d.Name(), d.hash
	if fail := r.permit(d, q.Method); fail != nil {
		return fail
	}
	values, errs := d.Coerce(asked.variables)
	if len(errs) > 0 {
		return refuseAll(errs)
	}
	p, use, err := g.memo.plan(d, values.Conditions)
	x.seen.Plan = use
	if err != nil {
		return r.unplanned(q, err)
	}
	ctx, cancel := context.WithTimeout(q.Context(), r.opt.Timeout)
	defer cancel()
	return r.execute(ctx, x, g, p, values, r.header(q, claims, d.Doc, values))
}

// permit refuses what this way of asking does not allow.
func (r *Router) permit(d *document, method string) *refusal {
	switch {
	case len(d.Name()) > maxName:
		return badRequest("The operation's name is too long.")
	case d.Kind() == ast.Mutation && method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "Mutations are asked by POST.").with("Allow", "POST")
	case d.Kind() == ast.Subscription:
		return refuse(http.StatusNotAcceptable, "SUBSCRIPTION_TRANSPORT_NOT_SUPPORTED", "Subscriptions are not answered over this transport.")
	case d.Introspects() && !r.opt.Introspection && !r.opt.Dev:
		return refuse(http.StatusBadRequest, "INTROSPECTION_DISABLED", "Introspection is off.")
	}
	return nil
}

// claims finds out who asks.
func (r *Router) claims(q *http.Request) ([]byte, *refusal) {
	if r.opt.Authenticate == nil {
		return nil, nil
	}
	claims, err := r.opt.Authenticate(q)
	if err != nil {
		r.opt.Log.InfoContext(q.Context(), "refused a client's token", slog.Any("error", err))
		return nil, refuse(http.StatusUnauthorized, "UNAUTHENTICATED", "The token is not valid.").with("Www-Authenticate", `Bearer error="invalid_token"`)
	}
	return claims, nil
}

// header makes the headers that go to every subgraph: who asks for what under which circumstances, and those of the
// client that are propagated.
func (r *Router) header(q *http.Request, claims []byte, d *operation.Doc, v operation.Values) http.Header {
	h := make(http.Header, len(r.headers)+3)
	for _, name := range r.headers {
		if values := q.Header[name]; len(values) > 0 {
			h[name] = values
		}
	}
	if len(claims) > 0 {
		h["X-Router-Claims"] = []string{string(claims)}
	}
	if text := r.context.write(d, v, q.Header, claims); text != "" {
		h[headerContext] = []string{text}
	}
	if d.Name() != "" {
		h["X-Router-Operation"] = []string{d.Name()}
	}
	return h
}

// unplanned turns an error of planning into an answer.
func (r *Router) unplanned(q *http.Request, err error) *refusal {
	var coded interface{ Code() string }
	if !errors.As(err, &coded) {
		return r.internal(q, err)
	}
	r.opt.Log.WarnContext(q.Context(), "found no plan", slog.Any("error", err), slog.String("code", coded.Code()))
	return refuse(http.StatusBadRequest, coded.Code(), "The operation cannot be answered by the subgraphs.")
}

// internal logs an error that is ours under an id, and tells the client the id only.
func (r *Router) internal(q *http.Request, err error) *refusal {
	var random [8]byte
	_, _ = rand.Read(random[:]) // It never fails.
	id := hex.EncodeToString(random[:])
	r.opt.Log.ErrorContext(q.Context(), "answering a request went wrong", slog.Any("error", err), slog.String("error_id", id))
	return &refusal{status: http.StatusInternalServerError, errs: gqlerror.List{{
		Message:    "Internal server error",
		Extensions: map[string]any{"code": "INTERNAL_SERVER_ERROR", "errorId": id},
	}}}
}
