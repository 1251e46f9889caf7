package consumer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/crash"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/outbox"
)

const (
	tries    = 5                      // of an event before it is parked (rule E-11)
	tryPause = 250 * time.Millisecond // after the first, doubled each time: all are within ten seconds
	longest  = 30 * time.Second       // that a batch may take before it is tried again
)

// Failure says that an event could not be applied through its own fault. It will be tried again.
type Failure struct {
	Event  uuid.UUID
	Tries  int // so far
	Reason error
}

func (f *Failure) Error() string { return fmt.Sprintf("apply event %s: %v", f.Event, f.Reason) }

// Unwrap returns the reason.
func (f *Failure) Unwrap() error { return f.Reason }

func (f *Failure) pause() time.Duration { return tryPause << (f.Tries - 1) }

// again returns the failure of an event, counted on from the last one.
func (f *Follower) again(e event.Entry, reason error) *Failure {
	n := &Failure{Event: e.Event.ID, Tries: 1, Reason: reason}
	if f.failed != nil && f.failed.Event == n.Event {
		n.Tries += f.failed.Tries
	}
	return n
}

// parking is an event that was parked, and why.
type parking struct {
	entry  event.Entry
	reason string
}

// passed is what a transaction did.
type passed struct {
	applied []event.Event // by a handler
	parked  []parking
	count   int      // with those that nobody handles
	failed  *Failure // of the event at which it stopped
}

// apply passes entries that follow each other in one transaction with the cursor (rule E-10). It stops at the first that
// fails through its own fault, until that was tried often enough to be parked.
func (f *Follower) apply(ctx context.Context, epoch uuid.UUID, entries []event.Entry) (int, error) {
	if f.single > 0 || f.Source.Singly {
		entries = entries[:1]
	}
	for _, e := range entries {
		f.point(e.Event, "before")
	}
	var p passed
	committing := false
	within, stop := context.WithTimeout(ctx, longest)
	defer stop()
	err := f.DB.DB.Transact(within, func(tx *database.Tx) (err error) {
		committing = false
		p, err = f.pass(within, tx, epoch, entries)
		committing = err == nil
		return err
	})
	switch {
	case err != nil && within.Err() != nil && ctx.Err() == nil: // All together take too long.
		f.single = batch
		return 0, err
	case err != nil && (!committing || transient(err)): // What is an event's own fault is in p.
		return 0, err
	case err != nil && len(entries) > 1:
		f.single = batch // A constraint is checked by the commit only: which event breaks it shows when each is alone.
		return 0, nil
	case err != nil:
		f.failed = f.again(entries[0], err)
		return 0, f.failed
	}
	f.single = max(0, f.single-1)
	for _, e := range p.applied {
		f.point(e, "after")
	}
	f.DB.Wake()
	f.tell(p)
	if p.failed != nil {
		f.failed = p.failed
		return p.count, p.failed
	}
	return p.count, nil
}

func (f *Follower) tell(p passed) {
	for _, k := range p.parked {
		f.Log.Error("event parked", "source", f.Source.Service, "event", k.entry.Event.ID, "type", k.entry.Event.Type, "position", k.entry.Position, "reason", k.reason)
	}
}

const (
	lockCursor   = `SELECT epoch, position, event_id, rebuild FROM cursor WHERE source = $1 FOR UPDATE`
	moveCursor   = `UPDATE cursor SET position = $2, event_id = $3 WHERE source = $1`
	parkedOf     = `SELECT DISTINCT subject FROM parked WHERE source = $1 AND subject IN (SELECT jsonb_array_elements_text($2::jsonb))`
	insertParked = `INSERT INTO parked (source, epoch, position, subject, event, reason, retry)
SELECT $1, $2, $3, $4, $5, $6, coalesce((SELECT bool_or(retry) FROM parked WHERE source = $1 AND subject = $4), false)`
)

// pass is what apply does within its transaction.
func (f *Follower) pass(ctx context.Context, tx *database.Tx, epoch uuid.UUID, entries []event.Entry) (p passed, err error) {
	var c cursor
	if err := tx.Get(ctx, &c, lockCursor, f.Source.Service); err != nil || c.Epoch != epoch {
		return p, err // In another epoch another instance was faster.
	}
	parked, err := f.parkedSubjects(ctx, tx, entries)
	if err != nil {
		return p, err
	}
	last := c
	for _, e := range entries {
		if e.Position <= last.Position {
			continue
		}
		if e.Position != last.Position+1 {
			break // Another instance set the cursor back.
		}
		if err := f.passOne(ctx, tx, epoch, e, parked, &p); err != nil {
			return p, err
		}
		if p.failed != nil {
			break
		}
		p.count++
		last.Position, last.EventID = e.Position, uuid.NullUUID{UUID: e.Event.ID, Valid: true}
	}
	if p.count > 0 {
		_, err = tx.Exec(ctx, moveCursor, f.Source.Service, last.Position, last.EventID)
	}
	return p, err
}

// passOne applies an event, parks it, or says in p.failed that it is to be tried again.
func (f *Follower) passOne(ctx context.Context, tx *database.Tx, epoch uuid.UUID, e event.Entry, parked map[string]bool, p *passed) error {
	handler := f.Source.Handlers[e.Event.Type]
	if handler == nil {
		return nil
	}
	reason := "an earlier event of the same subject is parked"
	if !parked[e.Event.Subject] {
		failed := f.failed
		if failed == nil || failed.Event != e.Event.ID || failed.Tries < tries { // Else it was its commit that failed.
			own, err := f.handle(ctx, tx, epoch, e.Event, handler)
			if err != nil {
				return err
			}
			if own == nil {
				p.applied = append(p.applied, e.Event)
				return nil
			}
			if failed = f.again(e, own); failed.Tries < tries {
				p.failed = failed
				return nil
			}
		}
		reason = printable(failed.Reason)
		parked[e.Event.Subject] = true
	}
	p.parked = append(p.parked, parking{e, reason})
	text, err := encode(e.Event)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, insertParked, f.Source.Service, epoch, e.Position, e.Event.Subject, text, reason)
	return err
}

// printable returns the text of an error as Postgres takes it.
func printable(err error) string {
	return strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "?"), "\x00", "?")
}

// parkedSubjects returns those of the entries of which an event is parked.
func (f *Follower) parkedSubjects(ctx context.Context, tx *database.Tx, entries []event.Entry) (map[string]bool, error) {
	var subjects []string
	asked := make([]string, len(entries))
	for i, e := range entries {
		asked[i] = e.Event.Subject
	}
	text, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	if err := tx.Select(ctx, &subjects, parkedOf, f.Source.Service, string(text)); err != nil {
		return nil, fmt.Errorf("read parked events: %w", err)
	}
	parked := map[string]bool{}
	for _, s := range subjects {
		parked[s] = true
	}
	return parked, nil
}

// handle applies one event within a savepoint and appends what it caused. own is its own fault, after which the
// transaction is as before; err is any other one.
func (f *Follower) handle(ctx context.Context, tx *database.Tx, epoch uuid.UUID, e event.Event, h Handler) (own, err error) {
	if _, err := tx.Exec(ctx, `SAVEPOINT event`); err != nil {
		return nil, err
	}
	err = func() (err error) {
		defer func() {
			if panicked := recover(); panicked != nil {
				err = fmt.Errorf("panic: %v", panicked)
			}
		}()
		caused, err := h(WithEpoch(ctx, epoch), tx, e)
		if err != nil {
			return err
		}
		for i := range caused {
			caused[i] = caused[i].Because(e)
		}
		return outbox.Append(ctx, tx, caused...)
	}()
	switch {
	case err == nil:
		_, err = tx.Exec(ctx, `RELEASE SAVEPOINT event`)
		return nil, err
	case transient(err):
		return nil, err
	}
	if _, broken := tx.Exec(ctx, `ROLLBACK TO SAVEPOINT event; RELEASE SAVEPOINT event`); broken != nil {
		return nil, errors.Join(broken, err)
	}
	return err, nil
}

// point passes a fault point of an event that somebody handles: product.completion.requested.before.
func (f *Follower) point(e event.Event, when string) {
	if f.Source.Handlers[e.Type] == nil {
		return
	}
	name := e.Type
	if i := strings.LastIndex(name, ".v"); i > 0 {
		name = name[:i]
	}
	crash.Point(f.Service + "." + name + "." + when)
}
