package consumer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/feed"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/run"
	"github.com/soukhq/souk/internal/stream"
)

const (
	batch   = 64              // events of a transaction at most (rule E-10)
	wait    = time.Second     // for the stream to bring something, before the wishes of operators are looked at
	silence = 5 * time.Second // after which the owner is asked whether something was missed
	poll    = 250 * time.Millisecond
	blind   = 8 // polls of the owner's log before a stream that failed is tried again
)

// Feed is how the log and the aggregates of the owner are read: a feed.Reader.
type Feed interface {
	Head(ctx context.Context) (event.Head, error)
	Events(ctx context.Context, after event.Place, limit int) (feed.Events, error)
	States(ctx context.Context, kind string, after int64) (feed.States, error)
}

// Follower applies the events of one source to the database of a service. Several may follow the same source on one
// database: the row of the cursor keeps them apart.
type Follower struct {
	Service string // who follows
	Source  Source
	DB      *outbox.DB
	Stream  stream.Stream
	Feed    Feed
	Log     *slog.Logger

	ready  atomic.Bool
	behind behind
	failed *Failure // the last
	single int      // so many of the next events are applied alone: a batch could not be committed, and each shows which one it is
}

// behind is what is known of the way by which the next events come.
type behind struct {
	caughtUp bool          // the log holds nothing that the stream may lack
	silent   time.Duration // since the stream brought something
	blind    int           // polls until a stream that failed is tried again
	failing  bool          // the stream failed when it was read last
}

// Ready tells whether the source was followed at least once up to its end then: whether there is a cursor.
func (f *Follower) Ready() bool { return f.ready.Load() }

// Run follows the source until the context ends.
func (f *Follower) Run(ctx context.Context) error {
	run.Keep(ctx, f.Log, "follow "+f.Source.Service, func(ctx context.Context) error {
		_, err := f.Step(ctx, wait)
		var own *Failure
		if errors.As(err, &own) {
			f.Log.Warn("event not applied, will try again", "event", own.Event, "try", own.Tries, "error", own.Reason)
			run.Pause(ctx, own.pause())
			return nil
		}
		return err
	})
	return nil
}

// Step does what comes next, and returns how many events it passed: it builds what is to be built, tries parked events
// again where that was asked for, or applies the next events. Where there are none it waits for some.
func (f *Follower) Step(ctx context.Context, wait time.Duration) (int, error) {
	c, err := f.look(ctx)
	switch {
	case errors.Is(err, database.ErrNotFound):
		return 0, f.build(ctx)
	case err != nil:
		return 0, err
	}
	f.ready.Store(true)
	switch {
	case c.Rebuild:
		return 0, f.build(ctx)
	case c.Retry:
		return f.retry(ctx)
	}
	entries, err := f.next(ctx, c, wait)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	return f.apply(ctx, c.Epoch, entries)
}

// cursor is how far a source was followed.
type cursor struct {
	Epoch    uuid.UUID
	Position int64
	EventID  uuid.NullUUID `db:"event_id"`
	Rebuild  bool          // an operator wants the projection to be built again
	Retry    bool          // an operator wants parked events to be tried again
}

func (c cursor) place() event.Place {
	return event.Place{Epoch: c.Epoch, Position: c.Position, Event: c.EventID.UUID}
}

const selectCursor = `SELECT epoch, position, event_id, rebuild,
	EXISTS (SELECT FROM parked WHERE source = $1 AND retry) AS retry FROM cursor WHERE source = $1`

func (f *Follower) look(ctx context.Context) (c cursor, err error) {
	if err = f.DB.Get(ctx, &c, selectCursor, f.Source.Service); err != nil {
		return c, fmt.Errorf("read cursor of %s: %w", f.Source.Service, err)
	}
	return c, nil
}

// next returns the entries that follow the cursor, from the stream as long as it has them, else from the owner's log.
func (f *Follower) next(ctx context.Context, c cursor, wait time.Duration) ([]event.Entry, error) {
	if f.behind.caughtUp && f.behind.blind == 0 {
		entries, done := f.fromStream(ctx, c, wait)
		if done || ctx.Err() != nil {
			return entries, ctx.Err()
		}
	}
	events, err := f.Feed.Events(ctx, c.place(), batch)
	if err != nil {
		return nil, err
	}
	f.behind.silent = 0
	if events.Head.Epoch != c.Epoch || c.Position+1 < events.Head.First {
		f.behind.caughtUp = false
		return nil, f.build(ctx)
	}
	f.behind.caughtUp = c.Position+int64(len(events.Entries)) >= events.Head.Position
	if f.behind.blind > 0 {
		f.behind.blind--
		if len(events.Entries) == 0 {
			run.Pause(ctx, min(wait, poll))
		}
	}
	return events.Entries, nil
}

// fromStream returns the entries that follow the cursor without a gap. It is done unless the log has to be read: because
// entries lack, the stream failed, or nothing came for a while.
func (f *Follower) fromStream(ctx context.Context, c cursor, wait time.Duration) (entries []event.Entry, done bool) {
	log := stream.Log{Service: f.Source.Service, Epoch: c.Epoch}
	entries, err := f.Stream.Read(ctx, log, c.Position, batch, wait)
	switch {
	case err != nil:
		if ctx.Err() == nil && !f.behind.failing {
			f.Log.Warn("stream not read, the log is read instead", "source", f.Source.Service, "error", err)
		}
		f.behind.blind, f.behind.failing = blind, true
		return nil, false
	case f.behind.failing:
		f.Log.Info("stream read again", "source", f.Source.Service)
		f.behind.failing = false
	}
	if len(entries) == 0 {
		f.behind.silent += wait
		return nil, f.behind.silent < silence
	}
	n, at := 0, c.place()
	for n < len(entries) && follows(entries[n], at) {
		at.Position, at.Event = entries[n].Position, entries[n].Event.ID
		n++
	}
	if n == 0 {
		f.behind.caughtUp = false
		return nil, false
	}
	f.behind.silent = 0
	return entries[:n], true
}

// follows tells whether an entry is the next one behind a place, and not that of another log.
func follows(e event.Entry, at event.Place) bool {
	return e.Position == at.Position+1 && (e.After == at.Event || e.After == uuid.Nil || at.Event == uuid.Nil)
}

// transient tells whether an error says nothing about the event (rule E-11).
func transient(err error) bool { return database.Transient(err) || errors.Is(err, call.ErrUnavailable) }
