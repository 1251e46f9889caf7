package subgraphs

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/consumer"
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
			Currency: e.Currency, MediaURL: e.MediaURL, Shop: e.StorefrontURL, Now: e.Now,
		})
	},
	Sources: func(_ *outbox.DB, e subgraph.Env) []consumer.Source { return postgres.Follow(e.Now) },
}.Open
