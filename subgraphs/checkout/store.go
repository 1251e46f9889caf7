package checkout

import "context"

// Store keeps the shop's methods, checkouts and orders.
type Store interface {
	// Methods returns the methods of all currencies, in the order in which they are offered.
	Methods(ctx context.Context) ([]Method, error)
}
