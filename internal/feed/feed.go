// Package feed lets services read each other's logs of events, and the aggregates that these are about.
package feed

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/outbox"
)

// Events is a part of the log of a service (rule E-12).
type Events struct {
	Head event.Head `json:"head"`
	// Entries follow the place that was asked for. There are none where it is in another epoch than the log, or where the
	// entry behind it is not kept any more.
	Entries []event.Entry `json:"entries"`
}

// States is a part of the state feed of a service (rule E-12): aggregates of one kind as they are now.
type States struct {
	Head   event.Head    `json:"head"`
	States []event.State `json:"states"` // by position
	More   bool          `json:"more"`   // there are further ones behind the last
}

// Render returns aggregates of one kind as they are now, by their subjects; those that are gone are missing.
type Render func(ctx context.Context, subjects []string) ([]event.State, error)

// Owner answers what other services ask about the events of this one.
type Owner struct {
	DB     *outbox.DB
	States map[string]Render // by kind
	Log    *slog.Logger
}

// Mount adds GET /events, /events/head and /states/{kind} to the questions that are answered. Only services may ask: guard
// puts the signed identity of a request into its context.
func (o *Owner) Mount(mux *http.ServeMux, guard func(http.Handler) http.Handler) {
	for pattern, answer := range map[string]answerer{
		"GET /events": o.events, "GET /events/head": o.head, "GET /states/{kind}": o.states,
	} {
		mux.Handle(pattern, guard(o.forServices(answer)))
	}
}
