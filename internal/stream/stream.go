// Package stream carries events from the service that tells them to those that follow it.
package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
)

// Log names the log of a service in one epoch. Each has a stream of its own.
type Log struct {
	Service string
	Epoch   uuid.UUID
}

// Stream is a copy of the end of each log, and wakes those who wait for more. It may lose any of it at any time: the log
// itself is in the database of its service.
type Stream interface {
	// Publish adds entries, which are in order. What is there already stays; so does a stream that is further. Where it
	// holds another event in the place of an entry the error is a *Divergence.
	Publish(ctx context.Context, log Log, entries []event.Entry) error
	// Last returns the position of the newest entry that was ever in the stream as it is now, 0 where there is none.
	Last(ctx context.Context, log Log) (int64, error)
	// Read returns up to limit entries behind a position in their order; some may lack. Where there are none it waits for
	// one, no longer than the given time.
	Read(ctx context.Context, log Log, after int64, limit int, wait time.Duration) ([]event.Entry, error)
}

// Divergence says that a stream holds another event under a position than the one that was to be published there: the
// database of the teller is older than what it told.
type Divergence struct{ Position int64 }

func (d *Divergence) Error() string {
	return fmt.Sprintf("the stream holds another event at position %d", d.Position)
}
