package cart

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/idempotency"
)

// Store keeps carts, and what is known of what they hold. All carts that it returns were told what is known now.
type Store interface {
	// ByIDs returns the carts that exist, with their lines, in a constant number of statements.
	ByIDs(ctx context.Context, ids []uuid.UUID, now time.Time) (map[uuid.UUID]*Cart, error)
	// Create keeps the cart that open makes, told as cart.updated. open may run more than once.
	Create(ctx context.Context, k Command, open func(Offers) (*Cart, []Warning, error)) (Result, error)
	// Update changes one cart in one transaction, one caller after another (rule C-1), and tells of it as cart.updated.
	// Beside a fault it returns the cart as it is; a cart that does not exist is nil and NotFound, one that others hold
	// for two seconds is Busy. change may run more than once, each time on a freshly read cart.
	Update(ctx context.Context, id uuid.UUID, k Command, change func(*Cart, Offers) ([]Warning, error)) (Result, error)
}

// Command is what every change of a cart comes with.
type Command struct {
	Key      idempotency.Key // a repeated command has no effect and gets the outcome of the first (rule G-4)
	Now      time.Time
	Currency string      // ISO 4217, of a cart to be opened
	Named    []uuid.UUID // variants that the command names, to be known beside those of the cart
	Asked    Offers      // what product answered of variants that were not known; nil where it was not asked
}

// Result is a cart after a command.
type Result struct {
	Cart     *Cart // nil where there is none
	Warnings []Warning
}

// settled are the codes of faults that come from the state of things and not from the input alone. CART_LOCKED and CART_BUSY
// are not among them: they pass by themselves.
var settled = []string{
	"CART_COMPLETED", "CART_NOT_FOUND", "CART_TOO_LARGE", "CART_VERSION_CONFLICT", "INVALID_MERCHANDISE_LINE",
	"MERCHANDISE_NOT_FOUND", "MISSING_CUSTOMER_ACCESS_TOKEN", "NO_PRICE", "OUT_OF_STOCK",
}

// Settled tells whether a command was refused for good, so that its key is used up: input that is wrong by itself does not
// use up a key, nor does what may go well in a moment (rule G-4).
func Settled(err error) bool {
	faults, other := fault.Split(err)
	return other == nil && slices.ContainsFunc(faults, func(f *fault.Error) bool { return slices.Contains(settled, f.Code) })
}
