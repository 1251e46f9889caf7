package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// checkoutRow is a row of checkouts, read and written as one JSON object.
type checkoutRow struct {
	ID               uuid.UUID                `json:"id"`
	Version          int                      `json:"version"`
	State            string                   `json:"state"`
	CartID           uuid.UUID                `json:"cart_id"`
	CartVersion      int                      `json:"cart_version"`
	Customer         *string                  `json:"customer"`
	Currency         string                   `json:"currency"`
	Country          *string                  `json:"country"`
	Contact          checkout.Contact         `json:"contact"`
	Lines            []checkout.Line          `json:"lines"`
	Offered          []checkout.Method        `json:"offered"`
	Delivery         *checkout.Delivery       `json:"delivery"`
	Cost             checkout.Cost            `json:"cost"`
	PaymentSession   *checkout.PaymentSession `json:"payment_session"`
	PricedAt         time.Time                `json:"priced_at"`
	PriceLockedUntil time.Time                `json:"price_locked_until"`
	CreatedAt        time.Time                `json:"created_at"`
	UpdatedAt        time.Time                `json:"updated_at"`
}

const (
	selectCheckouts = `SELECT to_jsonb(c) FROM checkouts c WHERE id = ANY($1::uuid[])`
	lockOne         = `SELECT to_jsonb(c) FROM checkouts c WHERE id = $1 FOR UPDATE`
	lockOfCart      = `SELECT to_jsonb(c) FROM checkouts c WHERE cart_id = $1 AND state <> 'CANCELLED' FOR UPDATE`
)

func (s store) Checkouts(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*checkout.Checkout, error) {
	found := make(map[uuid.UUID]*checkout.Checkout, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	checkouts, err := readCheckouts(ctx, s.db, selectCheckouts, array(ids))
	for _, c := range checkouts {
		found[c.UUID] = c
	}
	return found, err
}

func readCheckouts(ctx context.Context, q database.Queryer, statement string, arg any) ([]*checkout.Checkout, error) {
	rows, err := readAll[checkoutRow](ctx, q, statement, arg)
	if err != nil {
		return nil, fmt.Errorf("read checkouts: %w", err)
	}
	checkouts := make([]*checkout.Checkout, len(rows))
	for i, r := range rows {
		checkouts[i] = r.checkout()
	}
	return checkouts, nil
}

// lockCheckout reads a checkout and keeps others from changing it until the transaction ends; NotFound where there is
// none.
func lockCheckout(ctx context.Context, tx *database.Tx, id uuid.UUID) (*checkout.Checkout, error) {
	checkouts, err := readCheckouts(ctx, tx, lockOne, id.String())
	if err != nil {
		return nil, err
	}
	if len(checkouts) == 0 {
		return nil, checkout.NotFound()
	}
	return checkouts[0], nil
}

const (
	checkoutColumns = `id, version, state, cart_id, cart_version, customer, currency, country, contact, lines, offered, delivery, cost,
  payment_session, priced_at, price_locked_until, created_at, updated_at`
	insertCheckout = `INSERT INTO checkouts (` + checkoutColumns + `) SELECT ` + checkoutColumns + `
FROM jsonb_populate_record(NULL::checkouts, $1::jsonb) ON CONFLICT (cart_id) WHERE state <> 'CANCELLED' DO NOTHING`
	updateCheckout = `UPDATE checkouts c SET (` + checkoutColumns + `) = (SELECT ` + checkoutColumns + `
FROM jsonb_populate_record(NULL::checkouts, $1::jsonb)) WHERE id = ($1::jsonb->>'id')::uuid`
)

// saveCheckout writes a checkout that is locked.
func saveCheckout(ctx context.Context, tx *database.Tx, c *checkout.Checkout) error {
	if _, err := write(ctx, tx, updateCheckout, rowOf(c)); err != nil {
		return fmt.Errorf("update checkout: %w", err)
	}
	return nil
}

func (s store) Begin(ctx context.Context, cart uuid.UUID, key idempotency.Key, now time.Time, open func() (*checkout.Checkout, error), refresh func(*checkout.Checkout) error) (*checkout.Checkout, error) {
	return s.once(ctx, "checkout.create", key, now, func(tx *database.Tx) (*checkout.Checkout, []event.Event, error) {
		for range 3 { // The checkout that stands in the way may be given up at the same time.
			checkouts, err := readCheckouts(ctx, tx, lockOfCart, cart.String())
			if err != nil {
				return nil, nil, err
			}
			if len(checkouts) > 0 {
				c := checkouts[0]
				return c, nil, applyAndSave(ctx, tx, c, now, refresh)
			}
			c, err := open()
			if err != nil {
				return nil, nil, err
			}
			n, err := write(ctx, tx, insertCheckout, rowOf(c))
			if err != nil {
				return nil, nil, fmt.Errorf("insert checkout: %w", err)
			}
			if n == 1 {
				return c, []event.Event{c.Started()}, nil
			}
		}
		return nil, nil, errors.New("insert checkout: others are always faster")
	})
}

func (s store) Update(ctx context.Context, id uuid.UUID, key idempotency.Key, now time.Time, change func(*checkout.Checkout) error) (*checkout.Checkout, error) {
	return s.once(ctx, "checkout.update", key, now, func(tx *database.Tx) (*checkout.Checkout, []event.Event, error) {
		c, err := lockCheckout(ctx, tx, id)
		if err != nil {
			return nil, nil, err
		}
		return c, nil, applyAndSave(ctx, tx, c, now, change)
	})
}

func applyAndSave(ctx context.Context, tx *database.Tx, c *checkout.Checkout, now time.Time, change func(*checkout.Checkout) error) error {
	changed, err := c.Apply(now, change)
	if err != nil || !changed {
		return err
	}
	return saveCheckout(ctx, tx, c)
}

const setLockTimeout = `SET LOCAL lock_timeout = '2s'`

// once runs a change of one checkout in a transaction, or finds out what came of it where its key was used before.
func (s store) once(ctx context.Context, name string, key idempotency.Key, now time.Time, change func(*database.Tx) (*checkout.Checkout, []event.Event, error)) (*checkout.Checkout, error) {
	var c *checkout.Checkout
	var outcome idempotency.Outcome
	err := s.db.Transact(ctx, name, func(tx *database.Tx) (events []event.Event, err error) {
		if _, err := tx.Exec(ctx, setLockTimeout); err != nil {
			return nil, fmt.Errorf("limit wait for checkout: %w", err)
		}
		var repeated bool
		outcome, repeated, err = idempotency.Once(ctx, tx, key, now, func() (idempotency.Outcome, error) {
			var err error
			c, events, err = change(tx)
			id := ""
			if c != nil {
				id = c.ID()
			}
			return idempotency.Done(id, err)
		})
		if repeated {
			c, err = remembered(ctx, tx, outcome)
		}
		return events, err
	})
	switch {
	case database.Locked(err):
		return nil, checkout.Busy()
	case err != nil:
		return nil, err
	default:
		return c, outcome.Err()
	}
}

// remembered reads the checkout of which an outcome tells, as it is now; nil where it tells of none.
func remembered(ctx context.Context, tx *database.Tx, o idempotency.Outcome) (*checkout.Checkout, error) {
	id, ok := gid.Parse("Checkout", o.ID)
	if !ok {
		return nil, nil
	}
	checkouts, err := readCheckouts(ctx, tx, selectCheckouts, array([]uuid.UUID{id}))
	if err != nil || len(checkouts) == 0 {
		return nil, err
	}
	return checkouts[0], nil
}

func (r checkoutRow) checkout() *checkout.Checkout {
	c := &checkout.Checkout{
		UUID: r.ID, Version: r.Version, State: r.State, CartUUID: r.CartID, CartVersion: r.CartVersion, Customer: given(r.Customer),
		CurrencyCode: r.Currency, CountryCode: given(r.Country), Contact: r.Contact, Lines: r.Lines, Offered: r.Offered, Delivery: r.Delivery, Cost: r.Cost,
		PaymentSession: r.PaymentSession, PricedAt: r.PricedAt.UTC(), PriceLockedUntil: r.PriceLockedUntil.UTC(),
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
	return c
}

func rowOf(c *checkout.Checkout) checkoutRow {
	return checkoutRow{
		ID: c.UUID, Version: c.Version, State: c.State, CartID: c.CartUUID, CartVersion: c.CartVersion, Customer: optional(c.Customer),
		Currency: c.CurrencyCode, Country: optional(c.CountryCode), Contact: c.Contact, Lines: c.Lines, Offered: c.Offered, Delivery: c.Delivery, Cost: c.Cost,
		PaymentSession: c.PaymentSession, PricedAt: c.PricedAt, PriceLockedUntil: c.PriceLockedUntil,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}
