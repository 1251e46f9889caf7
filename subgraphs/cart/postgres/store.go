// Package postgres keeps carts, and what they are told of products, in PostgreSQL.
package postgres

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/subgraphs/cart"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the schema of the cart database, step by step.
var Migrations = database.Embedded(files)

type store struct{ db *outbox.DB }

// New makes a store on the cart database.
func New(db *outbox.DB) cart.Store { return store{db} }

func (s store) ByIDs(ctx context.Context, ids []uuid.UUID, now time.Time) (map[uuid.UUID]*cart.Cart, error) {
	carts, err := load(ctx, s.db, ids)
	if err != nil {
		return nil, err
	}
	var variants []uuid.UUID
	for _, c := range carts {
		variants = append(variants, c.Variants()...)
	}
	rows, err := readOffers(ctx, s.db, variants, now)
	if err != nil {
		return nil, err
	}
	for _, c := range carts {
		c.Know(rows.in(c.CurrencyCode, now), now)
	}
	return carts, nil
}

// outcome is what is remembered of a command with an idempotency key.
type outcome = idempotency.Outcome

func (s store) Create(ctx context.Context, k cart.Command, open func(cart.Offers) (*cart.Cart, []cart.Warning, error)) (cart.Result, error) {
	return s.once(ctx, "cart.create", k, func(tx *database.Tx) (did, error) {
		offers, err := known(ctx, tx, k, k.Named, k.Currency)
		if err != nil {
			return did{}, err
		}
		c, warnings, err := open(offers)
		if err != nil {
			return did{err: err}, nil
		}
		if err := insert(ctx, tx, c); err != nil {
			return did{}, err
		}
		c.Know(offers, k.Now)
		return did{cart: c, warnings: warnings, events: []event.Event{c.Updated(k.Now)}}, nil
	})
}

func (s store) Update(ctx context.Context, id uuid.UUID, k cart.Command, change func(*cart.Cart, cart.Offers) ([]cart.Warning, error)) (cart.Result, error) {
	r, err := s.once(ctx, "cart.update", k, func(tx *database.Tx) (did, error) {
		c, err := lock(ctx, tx, id)
		if err != nil || c == nil {
			return did{err: cart.NotFound()}, err
		}
		offers, err := known(ctx, tx, k, append(c.Variants(), k.Named...), c.CurrencyCode)
		if err != nil {
			return did{}, err
		}
		d := did{cart: c}
		changed, wrong := c.Apply(k.Now, offers, func(c *cart.Cart) (err error) {
			d.warnings, err = change(c, offers)
			return err
		})
		if d.err = wrong; changed {
			d.events = []event.Event{c.Updated(k.Now)}
			err = save(ctx, tx, c)
		}
		c.Know(offers, k.Now)
		return d, err
	})
	if !database.Locked(err) {
		return r, err
	}
	carts, err := s.ByIDs(ctx, []uuid.UUID{id}, k.Now)
	if err != nil {
		return cart.Result{}, err
	}
	return cart.Result{Cart: carts[id]}, cart.Busy()
}

// did is what came of a command that ran: err stands against it.
type did struct {
	cart     *cart.Cart
	warnings []cart.Warning
	events   []event.Event
	err      error
}

const setLockTimeout = `SET LOCAL lock_timeout = '2s'` // rule C-1

// once runs a command in a transaction, once for its key. What stands against it for good is remembered with the key; all
// else that stands against it leaves the key unused.
func (s store) once(ctx context.Context, name string, k cart.Command, run func(*database.Tx) (did, error)) (cart.Result, error) {
	var d did
	var told outcome
	repeated := false
	err := s.db.Transact(ctx, name, func(tx *database.Tx) ([]event.Event, error) {
		d = did{} // It may run again.
		if _, err := tx.Exec(ctx, setLockTimeout); err != nil {
			return nil, fmt.Errorf("limit wait for cart: %w", err)
		}
		var err error
		told, repeated, err = idempotency.Once(ctx, tx, k.Key, k.Now, func() (outcome, error) {
			var err error
			if d, err = run(tx); err != nil {
				return outcome{}, err
			}
			return d.outcome()
		})
		return d.events, err
	})
	switch {
	case err != nil:
		return cart.Result{Cart: d.cart}, err
	case repeated:
		return s.again(ctx, told, k.Now)
	default:
		return cart.Result{Cart: d.cart, Warnings: d.warnings}, d.err
	}
}

// outcome is what is to be remembered; an error is to be forgotten.
func (d did) outcome() (o outcome, err error) {
	if d.err != nil && !cart.Settled(d.err) {
		return o, d.err
	}
	id := ""
	if d.cart != nil {
		id = d.cart.UUID.String()
	}
	if o, err = idempotency.Done(id, d.err); err == nil {
		o.Warnings, err = json.Marshal(d.warnings)
	}
	return o, err
}

// again answers a command that is repeated: with the cart as it is now.
func (s store) again(ctx context.Context, told outcome, now time.Time) (cart.Result, error) {
	var r cart.Result
	if told.ID != "" {
		id, err := uuid.Parse(told.ID)
		if err != nil {
			return r, fmt.Errorf("read outcome: %w", err)
		}
		carts, err := s.ByIDs(ctx, []uuid.UUID{id}, now)
		if err != nil {
			return r, err
		}
		r.Cart = carts[id]
	}
	if err := json.Unmarshal(told.Warnings, &r.Warnings); err != nil {
		return r, fmt.Errorf("read outcome: %w", err)
	}
	return r, told.Err()
}

const lockCart = `SELECT FROM carts WHERE id = $1 FOR UPDATE`

// lock waits for the cart and reads it; nil where there is none.
func lock(ctx context.Context, tx *database.Tx, id uuid.UUID) (*cart.Cart, error) {
	if _, err := tx.Exec(ctx, lockCart, id.String()); err != nil {
		return nil, fmt.Errorf("lock cart: %w", err)
	}
	carts, err := load(ctx, tx, []uuid.UUID{id}) // A statement of its own: it sees what was written before the lock was free.
	return carts[id], err
}

// One statement, so that version and lines fit together while others write.
const selectCarts = `SELECT id, version, revision, state, locked_by, currency, customer, country, email, phone, note, attributes, created_at, updated_at,
  (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.position) FROM cart_lines l WHERE l.cart_id = c.id) AS lines
FROM carts c WHERE id = ANY($1::uuid[])`

func load(ctx context.Context, q database.Queryer, ids []uuid.UUID) (map[uuid.UUID]*cart.Cart, error) {
	carts := make(map[uuid.UUID]*cart.Cart, len(ids))
	if len(ids) == 0 {
		return carts, nil
	}
	var rows []cartRow
	if err := q.Select(ctx, &rows, selectCarts, pq.Array(texts(ids))); err != nil {
		return nil, fmt.Errorf("read carts: %w", err)
	}
	for _, r := range rows {
		carts[r.ID] = r.cart()
	}
	return carts, nil
}

func texts(ids []uuid.UUID) []string {
	t := make([]string, len(ids))
	for i, id := range ids {
		t[i] = id.String()
	}
	return t
}
