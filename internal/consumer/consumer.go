// Package consumer applies the events of other services, each exactly once.
package consumer

import (
	"context"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
)

// Handler applies one event in the transaction that moves the cursor past it, and returns what it caused. It must lock the
// aggregates that those events are about. An error that is database.Transient, or call.ErrUnavailable, is tried again for
// ever; any other one is the event's own fault, and the event is parked in the end (rule E-11). The savepoint "event" is the
// caller's.
type Handler func(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error)

// Source is what a service follows of another one (rule E-10).
type Source struct {
	// Service is the name of the other one.
	Service string
	// Handlers are by type of event; other events are passed over.
	Handlers map[string]Handler
	// Singly gives each event a transaction of its own: its handlers lock rows that others lock too, in one order for each
	// event, which those of several events together would not keep (rule I-2).
	Singly bool
	// Projection is what the service keeps of the other's aggregates; nil where it keeps nothing.
	Projection *Projection
}

// Projection is a copy of what a service needs of another's aggregates (rule B-2). It is built from the state feed, then
// follows the events of Source.Handlers.
type Projection struct {
	// Kind is that of the aggregates, such as Product.
	Kind string
	// Apply writes states as they are in an epoch. A row of the same epoch and a higher version is newer and stays.
	Apply func(ctx context.Context, tx *database.Tx, epoch uuid.UUID, states []event.State) error
	// Prune removes the rows that no state of the epoch wrote.
	Prune func(ctx context.Context, tx *database.Tx, epoch uuid.UUID) error
}

type epochKey struct{}

// WithEpoch returns a context for handlers of an event from an epoch.
func WithEpoch(ctx context.Context, epoch uuid.UUID) context.Context {
	return context.WithValue(ctx, epochKey{}, epoch)
}

// Epoch returns the epoch of the log that the event of a handler's context is from.
func Epoch(ctx context.Context) uuid.UUID {
	epoch, _ := ctx.Value(epochKey{}).(uuid.UUID)
	return epoch
}
