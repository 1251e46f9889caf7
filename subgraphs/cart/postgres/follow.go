package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/cart"
)

// Follow is what carts follow of other services: the products, and what becomes of carts in checkout.
func Follow(now func() time.Time) []consumer.Source {
	r := reactions{now}
	return []consumer.Source{products(), {
		Service: "checkout",
		Handlers: map[string]consumer.Handler{
			event.TypeOf[event.CompletionRequested](): r.requested,
			event.TypeOf[event.CompletionFailed]():    r.failed,
			event.TypeOf[event.OrderPlaced]():         r.placed,
		},
	}}
}

// reactions are cart's steps in the making of an order (rule O-2).
type reactions struct{ now func() time.Time }

func (r reactions) requested(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
	told, err := event.Read[event.CompletionRequested](e)
	if err != nil {
		return nil, err
	}
	return r.react(ctx, tx, told.CompletionID, told.CartID, func(p *cart.Completion, c *cart.Cart) []event.Event {
		return p.Request(c, told.CartVersion, r.now())
	})
}

func (r reactions) failed(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
	told, err := event.Read[event.CompletionFailed](e)
	if err != nil || told.CartID == "" { // Of a completion that checkout knows no more; it asks for the cart when cart said yes.
		return nil, err
	}
	return r.react(ctx, tx, told.CompletionID, told.CartID, func(p *cart.Completion, c *cart.Cart) []event.Event {
		return p.Fail(c, r.now())
	})
}

func (r reactions) placed(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
	told, err := event.Read[event.OrderPlaced](e)
	if err != nil {
		return nil, err
	}
	return r.react(ctx, tx, told.CompletionID, told.CartID, func(p *cart.Completion, c *cart.Cart) []event.Event {
		return p.Place(c, told.OrderID, r.now())
	})
}

const (
	lockCompletion   = `SELECT id, cart_id, state, version FROM completions WHERE id = $1 FOR UPDATE`
	upsertCompletion = `INSERT INTO completions AS p (id, cart_id, state, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, version = excluded.version`
)

// react lets a completion and its cart, both locked, answer to an event.
func (r reactions) react(ctx context.Context, tx *database.Tx, completion, cartID string, answer func(*cart.Completion, *cart.Cart) []event.Event) ([]event.Event, error) {
	p, err := completionOf(completion, cartID)
	if err != nil {
		return nil, err
	}
	c, err := lock(ctx, tx, p.Cart) // The cart first, as everybody does.
	if err != nil {
		return nil, err
	}
	var row struct {
		ID      uuid.UUID `db:"id"`
		CartID  uuid.UUID `db:"cart_id"`
		State   string    `db:"state"`
		Version int64     `db:"version"`
	}
	switch err := tx.Get(ctx, &row, lockCompletion, p.ID.String()); {
	case err == nil:
		p = &cart.Completion{ID: row.ID, Cart: row.CartID, State: row.State, Version: row.Version}
	case !errors.Is(err, database.ErrNotFound):
		return nil, fmt.Errorf("read completion: %w", err)
	}
	before := *p
	events := answer(p, c)
	if *p != before {
		if _, err := tx.Exec(ctx, upsertCompletion, p.ID.String(), p.Cart.String(), p.State, p.Version); err != nil {
			return nil, fmt.Errorf("write completion: %w", err)
		}
	}
	if c != nil && len(events) > 0 {
		err = saveHead(ctx, tx, c)
	}
	return events, err
}

func completionOf(completion, cartID string) (*cart.Completion, error) {
	id, ok := gid.Parse("CheckoutCompletion", completion)
	if !ok {
		return nil, fmt.Errorf("%q is not the id of a completion", completion)
	}
	key, ok := gid.Parse("Cart", cartID)
	if !ok {
		return nil, fmt.Errorf("%q is not the id of a cart", cartID)
	}
	return &cart.Completion{ID: id, Cart: key}, nil
}
