package consumer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
)

const (
	// wishRetry takes all parked events of a subject with one that is to be tried again: their order must stay.
	wishRetry = `UPDATE parked SET retry = true WHERE source = $1 AND NOT retry
		AND subject IN (SELECT subject FROM parked WHERE source = $1 AND retry)`
	selectRetry  = `SELECT seq, epoch, event FROM parked WHERE source = $1 AND retry ORDER BY seq LIMIT 1`
	deleteParked = `DELETE FROM parked WHERE seq = $1`
	keepParked   = `UPDATE parked SET retry = false, reason = CASE WHEN seq = $3 THEN $4 ELSE reason END WHERE source = $1 AND subject = $2`
)

// retry tries the first of the parked events again that an operator wants to be tried. When it fails again, all of its
// subject stay parked.
func (f *Follower) retry(ctx context.Context) (int, error) {
	var row struct {
		Seq   int64
		Epoch uuid.UUID
		Event string
	}
	var e event.Event
	var own error
	committing := false
	err := f.DB.DB.Transact(ctx, func(tx *database.Tx) error {
		row.Seq, own, committing = 0, nil, false
		var c cursor
		if err := tx.Get(ctx, &c, lockCursor, f.Source.Service); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, wishRetry, f.Source.Service); err != nil {
			return err
		}
		switch err := tx.Get(ctx, &row, selectRetry, f.Source.Service); {
		case errors.Is(err, database.ErrNotFound): // Another instance was faster.
			return nil
		case err != nil:
			return err
		}
		e = event.Event{}
		if err := json.Unmarshal([]byte(row.Event), &e); err != nil {
			return fmt.Errorf("read parked event: %w", err)
		}
		if h := f.Source.Handlers[e.Type]; h != nil {
			var err error
			if own, err = f.handle(ctx, tx, row.Epoch, e, h); own != nil || err != nil {
				return errors.Join(own, err)
			}
		}
		_, err := tx.Exec(ctx, deleteParked, row.Seq)
		committing = err == nil
		return err
	})
	switch {
	case err != nil && (own == nil && !committing || transient(err)), err == nil && row.Seq == 0:
		return 0, err
	case err != nil:
		f.Log.Error("parked event failed again", "source", f.Source.Service, "event", e.ID, "type", e.Type, "reason", err)
		_, err = f.DB.Exec(ctx, keepParked, f.Source.Service, e.Subject, row.Seq, printable(err))
		return 0, err
	}
	f.DB.Wake()
	f.Log.Info("parked event applied", "source", f.Source.Service, "event", e.ID, "type", e.Type)
	return 1, nil
}

func encode(e event.Event) (string, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("write event %s: %w", e.ID, err)
	}
	return string(text), nil
}
