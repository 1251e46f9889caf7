package subgraphs

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/graph"
	"github.com/soukhq/souk/subgraphs/cart/postgres"
)

var openCart = subgraph.Parts[cart.Store]{
	Migrations: postgres.Migrations,
	Store:      postgres.New,
	Schema: func(s cart.Store, e subgraph.Env) graphql.ExecutableSchema {
		return graph.Schema(&graph.Resolver{
			Store: s, Product: e.Calls.Client("cart", "product"), Tokens: e.Tokens, Keys: e.CartKeys,
			Currencies: e.Currencies(), MediaURL: e.MediaURL, Shop: e.StorefrontURL, Now: e.Now,
		})
	},
	States: func(s cart.Store, e subgraph.Env) map[string]subgraph.States {
		return map[string]subgraph.States{"Cart": func(ctx context.Context, ids []string) ([]event.State, error) {
			return cartStates(ctx, s, ids, e.Now())
		}}
	},
	Sources: func(_ *outbox.DB, e subgraph.Env) []consumer.Source { return postgres.Follow(e.Now) },
}.Open

// cartStates returns the carts that exist.
func cartStates(ctx context.Context, s cart.Store, ids []string, now time.Time) ([]event.State, error) {
	keys := make([]uuid.UUID, 0, len(ids))
	for _, id := range ids {
		if key, ok := gid.Parse("Cart", id); ok {
			keys = append(keys, key)
		}
	}
	carts, err := s.ByIDs(ctx, keys, now)
	if err != nil {
		return nil, err
	}
	states := make([]event.State, 0, len(keys))
	for _, key := range keys {
		if c := carts[key]; c != nil {
			told := c.Updated(now)
			states = append(states, event.State{Kind: told.Kind(), Subject: told.Subject, Version: told.AggregateVersion, Data: told.Data})
		}
	}
	return states, nil
}
