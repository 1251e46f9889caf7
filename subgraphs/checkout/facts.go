package checkout

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
)

// Availabilities of a line: what cart says of it.
const (
	Available   = "AVAILABLE"
	OutOfStock  = "OUT_OF_STOCK"
	NoPrice     = "NO_PRICE"
	Unavailable = "UNAVAILABLE"
)

// CartActive is the state of a cart that can be ordered.
const CartActive = "ACTIVE"

// ErrNoCart says that there is no such cart.
var ErrNoCart = errors.New("there is no such cart")

// Facts are a cart as it would be sold at this moment.
type Facts struct {
	Version      int
	State        string
	CurrencyCode string
	Customer     string // the id of the customer who owns the cart; empty for a guest
	CountryCode  string // of the buyer; empty when not said
	Email        *string
	Phone        *string
	Lines        []Line
}

// Carts tell what is in carts. They answer ErrNoCart where there is none.
type Carts interface {
	Facts(ctx context.Context, cart uuid.UUID) (Facts, error)
}

// OwnedBy tells whether a caller may order the cart: that of a customer only the customer.
func (f Facts) OwnedBy(caller string) bool { return f.Customer == "" || f.Customer == caller }

// orderable answers why no order can be made of the cart.
func (f Facts) orderable() error {
	switch {
	case f.State != CartActive:
		return CartLocked()
	case len(f.Lines) == 0:
		return fault.New("CART_EMPTY", "There is nothing in the cart.", "cartId")
	}
	return nil
}

// CartNotFound is the fault of a cart that does not exist, whose key is wrong, or that is somebody else's: the caller cannot
// tell which (rule A-3).
func CartNotFound() *fault.Error {
	return fault.New("CART_NOT_FOUND", "There is no such cart.", "cartId")
}

// CartLocked is the fault of a cart whose order is being placed, or was.
func CartLocked() *fault.Error {
	return fault.New("CART_LOCKED", "The order of this cart is being placed, or was placed.", "cartId")
}

// CartUnknown is the fault of a cart that cannot be read now.
func CartUnknown() *fault.Error {
	return fault.New("SERVICE_UNAVAILABLE", "The cart cannot be read now. Try again.")
}
