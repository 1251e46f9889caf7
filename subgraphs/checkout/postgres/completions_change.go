package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// change runs a change of a completion with its checkout. Whoever changes a completion locks the checkout first, then the
// completion: nobody waits for another in a circle.
func change(ctx context.Context, tx *database.Tx, id uuid.UUID, now time.Time, do func(*checkout.Completion, *checkout.Checkout) ([]event.Event, error)) ([]event.Event, error) {
	var checkoutID uuid.UUID
	if err := tx.Get(ctx, &checkoutID, `SELECT checkout_id FROM completions WHERE id = $1`, id); errors.Is(err, database.ErrNotFound) {
		return nil, errNoCompletion
	} else if err != nil {
		return nil, fmt.Errorf("read completion: %w", err)
	}
	c, err := lockCheckout(ctx, tx, checkoutID)
	if err != nil {
		return nil, err
	}
	return changeWith(ctx, tx, c, id, now, func(completion *checkout.Completion) ([]event.Event, error) { return do(completion, c) })
}

const lockCompletion = `SELECT ` + completionColumns + ` FROM completions WHERE id = $1 FOR UPDATE`

// changeWith runs a change of a completion whose checkout is locked, and saves both. Where the state changed, the update is
// conditional on the one before.
func changeWith(ctx context.Context, tx *database.Tx, c *checkout.Checkout, id uuid.UUID, now time.Time, do func(*checkout.Completion) ([]event.Event, error)) ([]event.Event, error) {
	var row completionRow
	if err := tx.Get(ctx, &row, lockCompletion, id); err != nil {
		return nil, fmt.Errorf("lock completion: %w", err)
	}
	completion, err := row.read()
	if err != nil || completion.Ended() { // Nothing changes it any more.
		return nil, err
	}
	before := *completion
	events, err := do(completion)
	if err != nil || *completion == before {
		return nil, err
	}
	if err := saveCompletion(ctx, tx, before.State, completion, now); err != nil {
		return nil, err
	}
	changed, err := c.Apply(now, func(c *checkout.Checkout) error { c.After(completion); return nil })
	if err != nil || !changed {
		return events, err
	}
	return events, saveCheckout(ctx, tx, c)
}

const updateCompletion = `UPDATE completions SET state = $3, stock_in = $4, cart_in = $5, cancelled = $6, failure = $7, order_id = $8, ended_at = $9,
  asked_at = CASE WHEN $3 = 'AUTHORIZING' THEN coalesce(asked_at, $10) ELSE asked_at END
WHERE id = $1 AND state = $2`

func saveCompletion(ctx context.Context, tx *database.Tx, before string, c *checkout.Completion, now time.Time) error {
	var failure *string
	if c.Failure != nil {
		text, err := json.Marshal(c.Failure)
		if err != nil {
			return fmt.Errorf("write failure of completion: %w", err)
		}
		failure = new(string(text))
	}
	n, err := tx.Exec(ctx, updateCompletion, c.UUID, before, c.State, c.StockIn, c.CartIn, c.Cancelled, failure, c.OrderUUID, c.EndedAt, now)
	if err != nil {
		return fmt.Errorf("write completion: %w", err)
	}
	if n != 1 { // The row is locked.
		return errors.New("write completion: it is in another state")
	}
	return nil
}

func (s store) AuthorizeCompletion(ctx context.Context, id uuid.UUID, now time.Time) (moved bool, err error) {
	err = s.db.Transact(ctx, "checkout.authorize", func(tx *database.Tx) ([]event.Event, error) {
		moved = false // It may be the second time.
		return change(ctx, tx, id, now, func(c *checkout.Completion, _ *checkout.Checkout) ([]event.Event, error) {
			moved = c.Authorize()
			return nil, nil
		})
	})
	return moved && err == nil, err
}

func (s store) PlaceOrder(ctx context.Context, id uuid.UUID, p checkout.Placement, now time.Time) error {
	return s.db.Transact(ctx, "checkout.place", func(tx *database.Tx) ([]event.Event, error) {
		return change(ctx, tx, id, now, func(completion *checkout.Completion, c *checkout.Checkout) ([]event.Event, error) {
			if completion.Cancelled {
				return nil, checkout.ErrCancelled
			}
			if completion.State != checkout.Authorizing {
				return nil, nil
			}
			number, err := nextOrderNumber(ctx, tx)
			if err != nil {
				return nil, err
			}
			order := checkout.NewOrder(c, completion.UUID, number, now, p)
			if err := insertOrder(ctx, tx, order); err != nil {
				return nil, err
			}
			if _, err := tx.Exec(ctx, `UPDATE completions SET payment_id = nullif($2, '') WHERE id = $1`, id, p.Payment.ID); err != nil {
				return nil, fmt.Errorf("write payment of completion: %w", err)
			}
			completion.Place(order.UUID, now)
			return []event.Event{order.Placed()}, nil
		})
	})
}

func (s store) FailCompletion(ctx context.Context, id uuid.UUID, f checkout.Failure, now time.Time) error {
	return s.db.Transact(ctx, "checkout.fail", func(tx *database.Tx) ([]event.Event, error) {
		return change(ctx, tx, id, now, func(c *checkout.Completion, _ *checkout.Checkout) ([]event.Event, error) {
			return c.Fail(f, now), nil
		})
	})
}

const selectOverdue = `SELECT id FROM completions WHERE state = 'REQUESTED' AND created_at <= $1 ORDER BY created_at`

func (s store) ExpireCompletions(ctx context.Context, now time.Time) (n int, failed error) {
	var ids []uuid.UUID
	if err := s.db.Select(ctx, &ids, selectOverdue, now.Add(-checkout.CompletionDeadline)); err != nil {
		return 0, fmt.Errorf("read overdue completions: %w", err)
	}
	for _, id := range ids {
		err := s.db.Transact(ctx, "checkout.expire", func(tx *database.Tx) ([]event.Event, error) {
			return change(ctx, tx, id, now, func(c *checkout.Completion, _ *checkout.Checkout) ([]event.Event, error) {
				return c.Expire(now), nil
			})
		})
		switch {
		case err == nil:
			n++
		case ctx.Err() != nil || database.Unavailable(err):
			return n, errors.Join(failed, err)
		default:
			failed = errors.Join(failed, fmt.Errorf("expire completion %s: %w", id, err))
		}
	}
	return n, failed
}
