package subgraphs

import (
	"context"
	"log/slog"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/run"
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
	States: func(s customer.Store, _ subgraph.Env) map[string]subgraph.States {
		return map[string]subgraph.States{"Customer": func(ctx context.Context, ids []string) ([]event.State, error) {
			return customerStates(ctx, s, ids)
		}}
	},
	Work: func(s customer.Store, e subgraph.Env, _ *slog.Logger) map[string]func(context.Context) error {
		return map[string]func(context.Context) error{"purge of sessions": func(ctx context.Context) error {
			return run.Every(ctx, time.Hour, func(ctx context.Context) error { return purgeSessions(ctx, s, e.Now()) })
		}}
	},
}.Open

// customerStates returns the accounts that exist.
func customerStates(ctx context.Context, s customer.Store, ids []string) ([]event.State, error) {
	keys := make([]uuid.UUID, 0, len(ids))
	for _, id := range ids {
		if key, ok := gid.Parse("Customer", id); ok {
			keys = append(keys, key)
		}
	}
	customers, err := s.ByIDs(ctx, keys)
	if err != nil {
		return nil, err
	}
	states := make([]event.State, 0, len(keys))
	for _, key := range keys {
		if c := customers[key]; c != nil {
			states = append(states, c.State())
		}
	}
	return states, nil
}

const purged = 1_000 // sessions in one statement

// purgeSessions forgets the sessions that ended.
func purgeSessions(ctx context.Context, s customer.Store, now time.Time) error {
	for {
		if n, err := s.PurgeSessions(ctx, now, purged); err != nil || n < purged {
			return err
		}
	}
}
