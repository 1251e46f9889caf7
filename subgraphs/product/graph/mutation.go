package graph

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Mutation returns the resolvers of mutations.
func (r *Resolver) Mutation() generated.MutationResolver { return mutationResolver{r} }

type mutationResolver struct{ *Resolver }

// ProductSet makes a product, or changes one.
func (r mutationResolver) ProductSet(ctx context.Context, input product.Edit, identifier *generated.ProductSetIdentifiers, given *string) (*generated.ProductSetPayload, error) {
	a, err := r.asked(ctx, identity.ProductsWrite, "productSet", given, input, identifier)
	which, err2 := named(identifier)
	if err == nil {
		err = cmp.Or(err2, input.Check())
	}
	if err != nil {
		return r.productSet(ctx, which.Key, err)
	}
	key, err := r.Store.SetProduct(ctx, a, which, input)
	return r.productSet(ctx, key, err)
}

// productSet answers with the product as it is now.
func (r *Resolver) productSet(ctx context.Context, key uuid.UUID, err error) (*generated.ProductSetPayload, error) {
	var used *product.InUseError
	if errors.As(err, &used) {
		err = fault.New("VARIANT_IN_USE", "Variants of which pieces are sold or reserved cannot be removed.", "input", "variants")
	}
	payload := new(generated.ProductSetPayload)
	if payload.UserErrors, err = fault.Split(err); err != nil {
		return nil, err
	}
	if key == uuid.Nil {
		return payload, nil
	}
	id := gid.Format("Product", key)
	found, err := r.products(ctx, []uuid.UUID{key})
	payload.ProductID, payload.Product = &id, found[key]
	return payload, err
}

// named reads which product is meant.
func named(identifier *generated.ProductSetIdentifiers) (which product.Which, err error) {
	if identifier == nil {
		return which, nil
	}
	which.Handle = identifier.Handle
	if identifier.ID != nil {
		var ok bool
		if which.Key, ok = gid.Parse("Product", *identifier.ID); !ok {
			return which, fault.New("NOT_FOUND", "There is no such product.", "identifier", "id")
		}
	}
	if identifier.Handle != nil && !product.IsHandle(*identifier.Handle) {
		return which, fault.New("INVALID", "That is no handle.", "identifier", "handle")
	}
	return which, nil
}

// PricesSet says what variants cost from now on.
func (r mutationResolver) PricesSet(ctx context.Context, prices []*product.PriceEdit, given *string) (*generated.PricesSetPayload, error) {
	a, err := r.asked(ctx, identity.ProductsWrite, "pricesSet", given, prices)
	var changes []product.PriceChange
	if err == nil {
		changes, err = product.PriceChanges(prices)
	}
	if err == nil {
		err = r.Store.SetPrices(ctx, a, changes)
	}
	payload := &generated.PricesSetPayload{Variants: []*product.Variant{}}
	if payload.UserErrors, err = fault.Split(err); err != nil {
		return nil, err
	}
	keys := make([]uuid.UUID, len(changes))
	for i, c := range changes {
		keys[i] = c.Variant
	}
	found, err := r.variants(ctx, keys)
	for _, key := range keys {
		if v := found[key]; v != nil {
			payload.Variants = append(payload.Variants, v)
			delete(found, key)
		}
	}
	return payload, err
}

// InventorySet says how many pieces there are.
func (r mutationResolver) InventorySet(ctx context.Context, edits []*product.CountEdit, given *string) (*generated.InventorySetPayload, error) {
	a, err := r.asked(ctx, identity.InventoryWrite, "inventorySet", given, edits)
	var counts []product.Tally
	if err == nil {
		counts, err = product.Tallies(edits)
	}
	if err == nil {
		err = r.Store.SetInventory(ctx, a, counts)
	}
	payload := &generated.InventorySetPayload{Levels: []*product.Level{}}
	if payload.UserErrors, err = fault.Split(err); err != nil {
		return nil, err
	}
	keys := make([]uuid.UUID, len(counts))
	for i, c := range counts {
		keys[i] = c.Variant
	}
	levels, err := r.Store.Levels(ctx, keys)
	for _, key := range keys {
		if l := levels[key]; l != nil {
			payload.Levels = append(payload.Levels, l)
		}
	}
	return payload, err
}

// asked checks that the caller has a scope (rule A-1), and reads the idempotency key of the mutation. The request is all that
// decides its effect.
func (r *Resolver) asked(ctx context.Context, scope, mutation string, given *string, request ...any) (product.Asked, error) {
	id := identity.From(ctx)
	if !id.May(scope) {
		return product.Asked{}, &gqlerror.Error{
			Message: "The scope " + scope + " is needed for this.", Extensions: map[string]any{"code": "FORBIDDEN"},
		}
	}
	key, err := idempotency.Read(given, idempotency.Scope{Caller: "client:" + id.Client, Mutation: mutation}, request...)
	now := r.view(ctx).At.Truncate(time.Microsecond) // PostgreSQL keeps no more.
	return product.Asked{Key: key, Actor: "client:" + id.Client, Currency: r.Shop.Currencies[0], Now: now}, err
}
