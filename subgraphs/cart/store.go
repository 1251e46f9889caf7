package cart

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Store keeps carts.
type Store interface {
	// ByIDs returns the carts that exist, with their lines, in a constant number of statements.
	ByIDs(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Cart, error)
	// Insert keeps a new cart.
	Insert(ctx context.Context, c *Cart) error
	// Update changes one cart in one transaction, one caller after another (rule C-1), and returns it. Beside a fault it
	// returns the cart as it is; a cart that does not exist is nil and NotFound, one that others hold for two seconds is
	// Busy. change may run more than once, each time on a freshly read cart.
	Update(ctx context.Context, id uuid.UUID, now time.Time, change func(*Cart) error) (*Cart, error)
}
