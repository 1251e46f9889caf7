package checkout

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/paging"
)

// Store keeps what the shop has set, checkouts, and orders.
type Store interface {
	Completions

	// Methods returns the methods of all currencies, in the order in which they are offered.
	Methods(ctx context.Context) ([]Method, error)
	// Shop returns all that the shop has set.
	Shop(ctx context.Context) (Shop, error)

	// Checkouts returns those that exist.
	Checkouts(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Checkout, error)
	// Begin keeps the new checkout of a cart, or refreshes the one that it has: a cart has one that is not cancelled. It
	// returns the one that is there now, also with a fault, nil where there is none. A repeated key has no second effect
	// (rule G-4).
	Begin(ctx context.Context, cart uuid.UUID, key idempotency.Key, now time.Time, open func() (*Checkout, error), refresh func(*Checkout) error) (*Checkout, error)
	// Update changes a checkout while nobody else does. It returns the checkout as it is now, also with a fault; NotFound
	// where there is none. A repeated key has no second effect (rule G-4).
	Update(ctx context.Context, id uuid.UUID, key idempotency.Key, now time.Time, change func(*Checkout) error) (*Checkout, error)

	// Orders returns those that exist.
	Orders(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Order, error)
	// OrdersOf returns a page of a customer's orders, the latest first, or the oldest first where oldest is true. A cursor of
	// another list is a fault.
	OrdersOf(ctx context.Context, customer string, oldest bool, args paging.Args) (paging.Page[*Order], error)
}
