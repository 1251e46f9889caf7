package subgraphs

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs/customer"
	"github.com/soukhq/souk/subgraphs/customer/graph"
	"github.com/soukhq/souk/subgraphs/customer/postgres"
)

var openCustomer = subgraph.Parts[customer.Store]{
	Migrations: postgres.Migrations,
	Store:      postgres.New,
	Schema: func(s customer.Store, e subgraph.Env) graphql.ExecutableSchema {
		return graph.Schema(&graph.Resolver{Store: s, Tokens: e.Tokens, Issuer: e.Issuer, Now: e.Now})
	},
}.Open
