package consumer

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
)

const (
	// wishRetry takes all parked events of a subject with one that is to be tried again: their order must stay.
	wishRetry = `UPDATE parked SET retry = true WHERE source = $1 AND NOT retry
		AND subject IN (SELECT subject FROM parked WHERE source = $1 AND retry)`
	selectRetry  = `SELECT seq, epoch, event FROM parked WHERE source = $1 AND retry ORDER BY seq LIMIT $2`
	deleteParked = `DELETE FROM parked WHERE seq = $1`
	keepParked   = `UPDATE parked SET retry = false, reason = CASE WHEN seq = $3 THEN $4 ELSE reason END WHERE source = $1 AND subject = $2`
)

// retry tries parked events again that an operator wants to be tried, in their order, and returns how many are applied. Of
// a subject whose event fails again all stay parked.
func (f *Follower) retry(ctx context.Context) (int, error) {
	var applied []event.Event
	err := f.DB.DB.Transact(ctx, func(tx *database.Tx) error {
		applied = nil
		var c cursor
		if err := tx.Get(ctx, &c, lockCursor, f.Source.Service); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, wishRetry, f.Source.Service); err != nil {
			return err
		}
		var rows []struct {
			Seq   int64
			Epoch uuid.UUID
			Event string
		}
		if err := tx.Select(ctx, &rows, selectRetry, f.Source.Service, batch); err != nil {
			return err
		}
		stays := map[string]bool{}
		for _, row := range rows {
			var e event.Event
			if err := json.Unmarshal([]byte(row.Event), &e); err != nil {
				return fmt.Errorf("read parked event: %w", err)
			}
			if stays[e.Subject] {
				continue
			}
			own, err := f.replay(ctx, tx, row.Epoch, e)
			switch {
			case err != nil:
				return err
			case own != nil:
				stays[e.Subject] = true
				_, err = tx.Exec(ctx, keepParked, f.Source.Service, e.Subject, row.Seq, own.Error())
			default:
				applied = append(applied, e)
				_, err = tx.Exec(ctx, deleteParked, row.Seq)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("retry parked events of %s: %w", f.Source.Service, err)
	}
	f.DB.Wake()
	f.Log.Info("parked events tried again", "source", f.Source.Service, "applied", len(applied))
	return len(applied), nil
}

// replay applies a parked event; one that nobody handles any more is done with.
func (f *Follower) replay(ctx context.Context, tx *database.Tx, epoch uuid.UUID, e event.Event) (own, err error) {
	if h := f.Source.Handlers[e.Type]; h != nil {
		return f.handle(ctx, tx, epoch, e, h)
	}
	return nil, nil
}

func encode(e event.Event) (string, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("write event %s: %w", e.ID, err)
	}
	return string(text), nil
}
