// Package graph answers the cart's part of the graph.
package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/graph/generated"
)

// Resolver holds what the resolvers need.
type Resolver struct {
	Store   cart.Store
	Product *call.Client       // tells of variants that are not known yet (rule B-1 c)
	Tokens  *identity.Verifier // verifies customers' access tokens
	Keys    *cartkey.Ring      // signs and verifies the ids of carts (rule C-6)
	// Currencies are those in which the shop sells, its own first: ISO 4217.
	Currencies []string
	MediaURL   string // the address below which picture files are served
	Shop       string // the address of the storefront, where buyers order
	Now        func() time.Time
}

// Schema makes the executable schema.
func Schema(r *Resolver) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: root{r}})
}

type root struct{ *Resolver }

// The resolvers of each type that has any.
type (
	query     struct{ *Resolver }
	mutation  struct{ *Resolver }
	entity    struct{ *Resolver }
	cartField struct{ *Resolver }
	lineField struct{ *Resolver }
)

func (r root) Query() generated.QueryResolver       { return query{r.Resolver} }
func (r root) Mutation() generated.MutationResolver { return mutation{r.Resolver} }
func (r root) Entity() generated.EntityResolver     { return entity{r.Resolver} }
func (r root) Cart() generated.CartResolver         { return cartField{r.Resolver} }
func (r root) CartLine() generated.CartLineResolver { return lineField{r.Resolver} }

// Cart answers one cart, null where the id or its key is wrong.
func (r query) Cart(ctx context.Context, id string) (*cart.Cart, error) {
	carts, err := r.read(ctx, []string{id})
	return carts[0], err
}

// FindManyCartByIDs answers carts for other services' fields; null where the id or its key is wrong (rules A-3, F-4).
func (r entity) FindManyCartByIDs(ctx context.Context, reps []*generated.CartByIDsInput) ([]*cart.Cart, error) {
	ids := make([]string, len(reps))
	for i, rep := range reps {
		ids[i] = rep.ID
	}
	return r.read(ctx, ids)
}

// read returns one cart, as the caller may see it, or nil for each full id.
func (r *Resolver) read(ctx context.Context, ids []string) ([]*cart.Cart, error) {
	keys := make([]uuid.UUID, len(ids))
	var wanted []uuid.UUID
	for i, id := range ids {
		if key, ok := r.Keys.Parse(id); ok {
			keys[i] = key
			wanted = append(wanted, key)
		}
	}
	seen := make([]*cart.Cart, len(ids))
	carts, err := r.Store.ByIDs(ctx, wanted, r.Now())
	if err != nil {
		return seen, err
	}
	for i, key := range keys {
		if c := carts[key]; c != nil {
			if seen[i] = c; !forCheckout(ctx) {
				seen[i] = c.SeenBy(identity.From(ctx).Customer)
			}
		}
	}
	return seen, nil
}

// outcome is what every mutation of a cart answers.
type outcome struct {
	cart     *cart.Cart
	faults   []*fault.Error
	warnings []*cart.Warning
}

// outcome makes an answer of what a command returned, as the viewer may see it.
func (r *Resolver) outcome(viewer string, result cart.Result, err error) (outcome, error) {
	o := outcome{warnings: []*cart.Warning{}}
	if o.faults, err = fault.Split(err); err != nil {
		return o, err
	}
	if result.Cart != nil {
		o.cart = result.Cart.SeenBy(viewer)
	}
	if len(o.faults) == 0 {
		o.warnings = pointers(result.Warnings)
	}
	return o, nil
}

// pointers and values convert between the slices of generated code and those of the domain.
func pointers[T any](values []T) []*T {
	p := make([]*T, len(values))
	for i := range values {
		p[i] = &values[i]
	}
	return p
}

func values[T any](pointers []*T) []T {
	v := make([]T, len(pointers))
	for i, p := range pointers {
		v[i] = *p
	}
	return v
}
