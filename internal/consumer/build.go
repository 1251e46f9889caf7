package consumer

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
)

const (
	// lockSource keeps two instances from building the same, also where there is no cursor yet.
	lockSource = `SELECT pg_advisory_xact_lock(hashtextextended('souk cursor of ' || current_schema() || ' ' || $1, 0))`
	setCursor  = `INSERT INTO cursor (source, epoch, position, event_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (source) DO UPDATE SET epoch = excluded.epoch, position = excluded.position, event_id = excluded.event_id, rebuild = false`
)

// build makes the projection of what the owner's aggregates are now and sets the cursor, in one transaction, so that nobody
// sees half of it. It is needed at first, in a new epoch, where the log does not reach back to the cursor, and where an
// operator wants it (rules E-9, E-10, E-12).
func (f *Follower) build(ctx context.Context) error {
	head, err := f.Feed.Head(ctx)
	if err != nil {
		return err
	}
	var from, to cursor
	err = f.DB.DB.Transact(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, lockSource, f.Source.Service); err != nil {
			return err
		}
		from = cursor{}
		err := tx.Get(ctx, &from, lockCursor, f.Source.Service)
		if err != nil && !errors.Is(err, database.ErrNotFound) {
			return err
		}
		if to = from; !from.stale(head) {
			return nil // Another instance was faster.
		}
		if err := f.project(ctx, tx, head, from.Rebuild); err != nil {
			return err
		}
		to = f.start(from, head)
		_, err = tx.Exec(ctx, setCursor, f.Source.Service, to.Epoch, to.Position, to.EventID)
		return err
	})
	if err != nil {
		return fmt.Errorf("build from the state feed of %s: %w", f.Source.Service, err)
	}
	f.behind = behind{}
	f.ready.Store(true)
	if from != to {
		f.tellStart(from, to)
	}
	return nil
}

// stale tells whether the log does not go on behind the cursor, or an operator does not trust what was built.
func (c cursor) stale(head event.Head) bool {
	return c.Rebuild || c.Epoch != head.Epoch || c.Position+1 < head.First
}

// start returns the place behind which the log is read after a build.
func (f *Follower) start(from cursor, head event.Head) cursor {
	beginning := cursor{Epoch: head.Epoch, Position: head.First - 1}
	if f.Source.Projection != nil {
		beginning.Position = head.Position
	}
	if from.Epoch == uuid.Nil {
		return beginning
	}
	to := cursor{Epoch: head.Epoch, Position: from.Position, EventID: from.EventID}
	if from.Epoch != head.Epoch {
		to = cursor{Epoch: head.Epoch, Position: min(from.Position, head.Started)}
	}
	if to.Position+1 < head.First {
		return beginning
	}
	return to
}

// project writes the projection, if there is one. afresh removes all that was there before.
func (f *Follower) project(ctx context.Context, tx *database.Tx, head event.Head, afresh bool) error {
	p := f.Source.Projection
	if p == nil {
		return nil
	}
	if afresh {
		if err := p.Prune(ctx, tx, uuid.Nil); err != nil {
			return err
		}
	}
	for after, more := int64(0), true; more; {
		page, err := f.Feed.States(ctx, p.Kind, after)
		if err != nil {
			return err
		}
		if page.Head.Epoch != head.Epoch {
			return errors.New("a new epoch began meanwhile")
		}
		if len(page.States) == 0 {
			break
		}
		if err := p.Apply(ctx, tx, head.Epoch, page.States); err != nil {
			return err
		}
		after = page.States[len(page.States)-1].Position
		more = page.More && after < head.Position // What was told later is in the log.
	}
	if err := p.Prune(ctx, tx, head.Epoch); err != nil {
		return err
	}
	// What is parked of these aggregates is older than what was just written, and would overwrite it.
	_, err := tx.Exec(ctx, `DELETE FROM parked WHERE source = $1 AND starts_with(subject, $2)`, f.Source.Service, "gid://souk/"+p.Kind+"/")
	return err
}

func (f *Follower) tellStart(from, to cursor) {
	log := f.Log.With("source", f.Source.Service, "epoch", to.Epoch, "position", to.Position)
	switch {
	case from.Epoch == uuid.Nil:
		log.Info("source followed for the first time")
	case from.Rebuild:
		log.Info("projection built again")
	case from.Epoch != to.Epoch:
		log.Warn("a new epoch began, projection built again", "old_epoch", from.Epoch, "old_position", from.Position)
	case f.Source.Projection == nil:
		log.Error("events lost: the log did not reach back to the cursor", "old_position", from.Position)
	default:
		log.Warn("the log did not reach back to the cursor, projection built again", "old_position", from.Position)
	}
}
