// Package graph answers the customer's part of the graph.
package graph

import (
	"context"
	"runtime"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/customer"
	"github.com/soukhq/souk/subgraphs/customer/graph/generated"
)

// Resolver holds what the resolvers need.
type Resolver struct {
	Store  customer.Store
	Tokens *identity.Verifier // verifies access tokens
	Issuer *identity.Issuer   // makes them
	Now    func() time.Time

	hashing chan struct{} // holds a value for each password that is being hashed
	refresh []byte        // the key from which refresh tokens are derived
}

// Schema makes the executable schema. It hashes as many passwords at once as there are processors, because each takes all
// of one and 19 MiB.
func Schema(r *Resolver) graphql.ExecutableSchema {
	r.hashing = make(chan struct{}, runtime.GOMAXPROCS(0))
	r.refresh = r.Issuer.Derive("refresh tokens")
	return generated.NewExecutableSchema(generated.Config{Resolvers: root{r}})
}

type root struct{ *Resolver }

// The resolvers of each type that has any.
type (
	query    struct{ *Resolver }
	mutation struct{ *Resolver }
	entity   struct{ *Resolver }
)

func (r root) Query() generated.QueryResolver       { return query{r.Resolver} }
func (r root) Mutation() generated.MutationResolver { return mutation{r.Resolver} }
func (r root) Entity() generated.EntityResolver     { return entity{r.Resolver} }

// Customer answers the customer to whom the token belongs, by default the signed-in one; null for nobody.
func (r query) Customer(ctx context.Context, token *string) (*customer.Customer, error) {
	id := identity.From(ctx).Customer
	if token != nil {
		var err error
		if id, err = r.Tokens.Verify(*token, r.Now()); err != nil {
			return nil, nil // A token that proves nothing is nobody's.
		}
	}
	customers, err := r.read(ctx, []string{id}, id)
	return customers[0], err
}

// FindManyCustomerByIDs answers the customer to himself and null for all others (rule A-3).
func (r entity) FindManyCustomerByIDs(ctx context.Context, reps []*generated.CustomerByIDsInput) ([]*customer.Customer, error) {
	ids := make([]string, len(reps))
	for i, rep := range reps {
		ids[i] = rep.ID
	}
	return r.read(ctx, ids, identity.From(ctx).Customer)
}

// read returns one customer, or nil where it is not the caller, for each id.
func (r *Resolver) read(ctx context.Context, ids []string, caller string) ([]*customer.Customer, error) {
	found := make([]*customer.Customer, len(ids))
	key, ok := gid.Parse("Customer", caller)
	if !ok {
		return found, nil
	}
	customers, err := r.Store.ByIDs(ctx, []uuid.UUID{key})
	if err != nil {
		return found, err
	}
	for i, id := range ids {
		if id == caller {
			found[i] = customers[key]
		}
	}
	return found, nil
}

// bounded runs work on a password when it is its turn, or gives up with the request.
func (r *Resolver) bounded(ctx context.Context, work func()) error {
	select {
	case r.hashing <- struct{}{}:
		defer func() { <-r.hashing }()
		work()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
