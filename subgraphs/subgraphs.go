// Package subgraphs wires the four services: for each, how its parts make a subgraph.
package subgraphs

import (
	"context"

	"github.com/soukhq/souk/internal/subgraph"
)

// Open opens a service by name.
type Open func(context.Context, subgraph.Config) (*subgraph.Service, error)

// All has the services of the shop by name.
var All = map[string]Open{
	"cart":     openCart,
	"checkout": openCheckout,
	"customer": openCustomer,
	"product":  openProduct,
}
