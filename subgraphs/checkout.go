package subgraphs

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph"
	"github.com/soukhq/souk/subgraphs/checkout/payment"
	"github.com/soukhq/souk/subgraphs/checkout/postgres"
)

var openCheckout = subgraph.Parts[checkout.Store]{
	Migrations: postgres.Migrations,
	Store:      postgres.New,
	Schema: func(s checkout.Store, e subgraph.Env) graphql.ExecutableSchema {
		return graph.Schema(&graph.Resolver{
			Store: s, Carts: graph.Carts{Client: e.Calls.Client("checkout", "cart"), Keys: e.CartKeys}, Keys: e.CartKeys,
			Gateways: offered(e), Completions: completions(e), Now: e.Now,
		})
	},
	Sources: func(_ *outbox.DB, e subgraph.Env) []consumer.Source { return postgres.Sources(e.Now) },
	Work:    settle,
}.Open

// offered are the ways to pay.
func offered(e subgraph.Env) []graph.Gateway {
	if e.FakepayURL == "" {
		return nil
	}
	return []graph.Gateway{{Name: "fakepay", Title: "Test payment", Gateway: payment.NewFakepay(e.FakepayURL)}}
}
