package subgraphs

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph"
	"github.com/soukhq/souk/subgraphs/checkout/postgres"
)

var openCheckout = subgraph.Parts[checkout.Store]{
	Migrations: postgres.Migrations,
	Store:      postgres.New,
	Schema: func(s checkout.Store, e subgraph.Env) graphql.ExecutableSchema {
		return graph.Schema(&graph.Resolver{Store: s, Keys: e.CartKeys, Now: e.Now, Completions: completions(e)})
	},
	Sources: func(_ *outbox.DB, e subgraph.Env) []consumer.Source { return postgres.Sources(e.Now) },
	Work:    settle,
}.Open
