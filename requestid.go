package main

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// headerRequest carries the id of a request.
const headerRequest = "X-Request-Id"

// requestID is the key of the id in contexts.
type requestID struct{}

// identified gives every request an id: its own, if that is a plain word, else a new one. The answer names it, and so do all
// messages that are logged on its behalf.
func identified(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(headerRequest)
		if id == "" || len(id) > 64 || strings.ContainsFunc(id, notInID) {
			id = uuid.NewString()
		}
		w.Header().Set(headerRequest, id)
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestID{}, id)))
	})
}

func notInID(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r))
}

// withRequest adds the id of the request to messages.
type withRequest struct{ slog.Handler }

// Handle implements slog.Handler.
func (h withRequest) Handle(ctx context.Context, r slog.Record) error {
	if id, _ := ctx.Value(requestID{}).(string); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h withRequest) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequest{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h withRequest) WithGroup(name string) slog.Handler {
	return withRequest{h.Handler.WithGroup(name)}
}

// trace tells subgraphs which request they work for.
func trace(ctx context.Context, h http.Header) {
	if id, _ := ctx.Value(requestID{}).(string); id != "" {
		h[headerRequest] = []string{id}
	}
}
