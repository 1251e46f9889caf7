// Package graph answers the checkout's part of the graph.
package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph/generated"
)

// Resolver holds what the resolvers need.
type Resolver struct {
	Store       checkout.Store
	Carts       checkout.Carts // tells what is in carts
	Keys        *cartkey.Ring  // signs and verifies the ids of carts and checkouts (rule C-6)
	Gateways    []Gateway      // where payments are made
	Completions Completions    // places orders
	Now         func() time.Time
}

// Gateway is a way to pay.
type Gateway struct {
	Name    string // by which it is chosen
	Title   string // for people
	Gateway checkout.Gateway
}

// Schema makes the executable schema.
func Schema(r *Resolver) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: root{r}})
}

type root struct{ *Resolver }

// The resolvers of each type that has any.
type (
	query         struct{ *Resolver }
	mutation      struct{ *Resolver }
	entity        struct{ *Resolver }
	cartField     struct{ *Resolver }
	customerField struct{ *Resolver }
	checkoutField struct{ *Resolver }
	checkoutLine  struct{ *Resolver }
	orderField    struct{ *Resolver }
	orderLine     struct{ *Resolver }
)

func (r root) Query() generated.QueryResolver               { return query{r.Resolver} }
func (r root) Mutation() generated.MutationResolver         { return mutation{r.Resolver} }
func (r root) Entity() generated.EntityResolver             { return entity{r.Resolver} }
func (r root) Cart() generated.CartResolver                 { return cartField{r.Resolver} }
func (r root) Customer() generated.CustomerResolver         { return customerField{r.Resolver} }
func (r root) Checkout() generated.CheckoutResolver         { return checkoutField{r.Resolver} }
func (r root) CheckoutLine() generated.CheckoutLineResolver { return checkoutLine{r.Resolver} }
func (r root) Order() generated.OrderResolver               { return orderField{r.Resolver} }
func (r root) OrderLine() generated.OrderLineResolver       { return orderLine{r.Resolver} }

// DeliveryOptions answers the ways of delivery that the shop offers for a currency.
func (r query) DeliveryOptions(ctx context.Context, currency string) ([]*checkout.Option, error) {
	methods, err := r.Store.Methods(ctx)
	options := checkout.Options(currency, methods)
	return pointers(options), err
}

func pointers[T any](values []T) []*T {
	p := make([]*T, len(values))
	for i := range values {
		p[i] = &values[i]
	}
	return p
}
