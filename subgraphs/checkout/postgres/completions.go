package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/checkout"
)

const completionColumns = `id, cart_id, checkout_id, customer, state, key, request_hash, stock_in, cart_in, charge, cancelled, failure, order_id, tries, created_at, ended_at`

// completionRow is a completion as the database keeps it.
type completionRow struct {
	ID          uuid.UUID
	CartID      uuid.UUID `db:"cart_id"`
	CheckoutID  uuid.UUID `db:"checkout_id"`
	Customer    *string
	State       string
	Key         []byte
	RequestHash []byte `db:"request_hash"`
	StockIn     bool   `db:"stock_in"`
	CartIn      bool   `db:"cart_in"`
	Charge      string
	Cancelled   bool
	Failure     *string
	OrderID     *uuid.UUID `db:"order_id"`
	Tries       int
	CreatedAt   time.Time  `db:"created_at"`
	EndedAt     *time.Time `db:"ended_at"`
}

func (r completionRow) read() (*checkout.Completion, error) {
	c := &checkout.Completion{
		UUID: r.ID, CartUUID: r.CartID, CheckoutUUID: r.CheckoutID, Customer: given(r.Customer), State: r.State,
		StockIn: r.StockIn, CartIn: r.CartIn, Cancelled: r.Cancelled, OrderUUID: r.OrderID, Tries: r.Tries, CreatedAt: r.CreatedAt.UTC(),
	}
	if r.EndedAt != nil {
		c.EndedAt = new(r.EndedAt.UTC())
	}
	if err := json.Unmarshal([]byte(r.Charge), &c.Charge); err != nil {
		return nil, fmt.Errorf("read charge of completion: %w", err)
	}
	if r.Failure != nil {
		if err := json.Unmarshal([]byte(*r.Failure), &c.Failure); err != nil {
			return nil, fmt.Errorf("read failure of completion: %w", err)
		}
	}
	return c, nil
}

func readCompletions(rows []completionRow) ([]*checkout.Completion, error) {
	completions := make([]*checkout.Completion, len(rows))
	for i, r := range rows {
		c, err := r.read()
		if err != nil {
			return nil, err
		}
		completions[i] = c
	}
	return completions, nil
}

// Complete locks the checkout, so that two requests for one checkout come one after another; the index on the carts of
// completions that did not fail lets only one of two checkouts of a cart through.
func (s store) Complete(ctx context.Context, id uuid.UUID, ask checkout.Ask, now time.Time) (completion *checkout.Completion, own bool, err error) {
	err = s.db.Transact(ctx, "checkout.complete", func(tx *database.Tx) ([]event.Event, error) {
		c, err := lockCheckout(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if completion, own, err = earlier(ctx, tx, c.CartUUID, ask); err != nil || completion != nil {
			return nil, err
		}
		var events []event.Event
		if _, err := c.Apply(now, func(c *checkout.Checkout) (err error) {
			completion, events, err = c.Request(gid.New(), ask, now)
			return err
		}); err != nil {
			return nil, err
		}
		if own, err = insertCompletion(ctx, tx, completion, ask); err != nil {
			return nil, err
		} else if own {
			return events, saveCheckout(ctx, tx, c)
		}
		completion, own, err = earlier(ctx, tx, c.CartUUID, ask) // Another checkout of the cart was faster: this one stays as it is.
		return nil, err
	})
	return completion, own, err
}

const selectEarlier = `SELECT ` + completionColumns + ` FROM completions WHERE cart_id = $1 AND (key = $2 OR state <> 'FAILED')`

// earlier returns the completion that a request for a cart is answered with: that of the same key, else the one that goes on
// or was placed; nil where there is none (rule O-4).
func earlier(ctx context.Context, tx *database.Tx, cart uuid.UUID, ask checkout.Ask) (c *checkout.Completion, own bool, err error) {
	var rows []completionRow
	if err := tx.Select(ctx, &rows, selectEarlier, cart, ask.Key); err != nil {
		return nil, false, fmt.Errorf("read completions of cart: %w", err)
	}
	for _, r := range rows {
		if own = slices.Equal(r.Key, ask.Key); !own {
			c, err = r.read()
			continue
		}
		if !slices.Equal(r.RequestHash, ask.Request) {
			return nil, true, fault.New("IDEMPOTENCY_KEY_REUSED", "This idempotency key was used for another request.", "idempotencyKey")
		}
		c, err = r.read()
		return c, true, err
	}
	return c, false, err
}

const insertCompletionRow = `INSERT INTO completions (id, cart_id, checkout_id, customer, state, key, request_hash, charge, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`

func insertCompletion(ctx context.Context, tx *database.Tx, c *checkout.Completion, ask checkout.Ask) (there bool, err error) {
	charge, err := json.Marshal(c.Charge)
	if err != nil {
		return false, fmt.Errorf("write charge of completion: %w", err)
	}
	n, err := tx.Exec(ctx, insertCompletionRow, c.UUID, c.CartUUID, c.CheckoutUUID, optional(c.Customer), c.State, ask.Key, ask.Request, string(charge), c.CreatedAt)
	if err != nil {
		return false, fmt.Errorf("write completion: %w", err)
	}
	return n == 1, nil
}

// CancelCheckout changes the checkout and its completion together.
func (s store) CancelCheckout(ctx context.Context, id uuid.UUID, now time.Time) error {
	return s.db.Transact(ctx, "checkout.cancel", func(tx *database.Tx) ([]event.Event, error) {
		c, err := lockCheckout(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		var live []uuid.UUID
		if err := tx.Select(ctx, &live, `SELECT id FROM completions WHERE checkout_id = $1 AND state NOT IN ('PLACED', 'FAILED')`, id); err != nil {
			return nil, fmt.Errorf("read completion of checkout: %w", err)
		}
		if len(live) > 0 {
			return changeWith(ctx, tx, c, live[0], now, func(completion *checkout.Completion) ([]event.Event, error) {
				return completion.Cancel(now), nil
			})
		}
		if changed, err := c.Apply(now, (*checkout.Checkout).Cancel); err != nil || !changed {
			return nil, err
		}
		return nil, saveCheckout(ctx, tx, c)
	})
}

const selectCompletions = `SELECT ` + completionColumns + ` FROM completions WHERE id = ANY($1::uuid[])`

func (s store) Completions(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*checkout.Completion, error) {
	return s.completionsBy(ctx, selectCompletions, ids, func(c *checkout.Completion) uuid.UUID { return c.UUID })
}

const selectLastCompletions = `SELECT DISTINCT ON (cart_id) ` + completionColumns + ` FROM completions WHERE cart_id = ANY($1::uuid[])
ORDER BY cart_id, created_at DESC, id DESC`

func (s store) LastCompletions(ctx context.Context, carts []uuid.UUID) (map[uuid.UUID]*checkout.Completion, error) {
	return s.completionsBy(ctx, selectLastCompletions, carts, func(c *checkout.Completion) uuid.UUID { return c.CartUUID })
}

func (s store) completionsBy(ctx context.Context, query string, ids []uuid.UUID, key func(*checkout.Completion) uuid.UUID) (map[uuid.UUID]*checkout.Completion, error) {
	var rows []completionRow
	if err := s.db.Select(ctx, &rows, query, array(ids)); err != nil {
		return nil, fmt.Errorf("read completions: %w", err)
	}
	completions, err := readCompletions(rows)
	by := make(map[uuid.UUID]*checkout.Completion, len(rows))
	for _, c := range completions {
		by[key(c)] = c
	}
	return by, err
}

func (s store) Watch() (<-chan struct{}, func()) { return s.db.Watch() }

var errNoCompletion = errors.New("there is no such completion")
