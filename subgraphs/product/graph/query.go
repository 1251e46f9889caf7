package graph

import (
	"context"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
)

// Shop answers the shop.
func (r queryResolver) Shop(context.Context) (*product.Shop, error) { return &r.Resolver.Shop, nil }

// Localization answers in which country, language and currency the request is answered.
func (r queryResolver) Localization(ctx context.Context) (*product.Localization, error) {
	return r.Resolver.Shop.Localize(r.view(ctx), identity.ContextFrom(ctx).Country), nil
}

// Product answers one product by id or handle.
func (r queryResolver) Product(ctx context.Context, id, handle *string) (*product.Product, error) {
	key, err := keyOf(ctx, "Product", id, handle, r.productKey)
	if err != nil || key == uuid.Nil {
		return nil, err
	}
	found, err := r.products(ctx, []uuid.UUID{key})
	return found[key], err
}

// Collection answers one collection by id or handle.
func (r queryResolver) Collection(ctx context.Context, id, handle *string) (*product.Collection, error) {
	key, err := keyOf(ctx, "Collection", id, handle, r.Store.CollectionKey)
	if err != nil || key == uuid.Nil {
		return nil, err
	}
	found, err := r.collections(ctx, []uuid.UUID{key})
	return found[key], err
}

func (r queryResolver) productKey(ctx context.Context, handle string) (uuid.UUID, error) {
	keys, err := r.Store.ProductKeys(ctx, []string{handle})
	return keys[handle], err
}

// keyOf finds the key of an object that is asked for by id or handle: uuid.Nil where there is none, or where both are
// given and do not name the same.
func keyOf(ctx context.Context, typeName string, id, handle *string, look func(context.Context, string) (uuid.UUID, error)) (uuid.UUID, error) {
	if id == nil && handle == nil {
		return uuid.Nil, fault.New("REQUIRED", "Give an id or a handle.", "id")
	}
	var key uuid.UUID
	if id != nil {
		var ok bool
		if key, ok = gid.Parse(typeName, *id); !ok || handle == nil {
			return key, nil
		}
	}
	named, err := look(ctx, *handle)
	if err != nil || id != nil && named != key {
		return uuid.Nil, err
	}
	return named, nil
}

// Products answers a page of the products that are for sale.
func (r queryResolver) Products(ctx context.Context, after, before *string, first, last *int, reverse *bool, filters []*generated.ProductFilter, sortKey *generated.ProductSortKeys) (*generated.ProductConnection, error) {
	order := product.ByKey
	if sortKey != nil {
		order = product.Order(*sortKey) // Orders are named as in the schema.
	}
	view := r.view(ctx)
	narrow, err := readFilters(filters, view.Currency)
	if err != nil {
		return nil, err
	}
	list := listing(order, reverse, paging.Args{First: first, Last: last, After: after, Before: before})
	list.Filters = narrow
	page, err := r.Store.ProductPage(ctx, view, list)
	if err != nil {
		return nil, err
	}
	found, err := r.products(ctx, page.Keys)
	if err != nil {
		return nil, err
	}
	count := func(limit int) (int, error) { return r.Store.CountProducts(ctx, view, narrow, limit) }
	facets := func() ([]product.Facet, error) { return r.Store.ProductFacets(ctx, view, narrow) }
	return productConnection(page, found, countIf(ctx, count), r.listIf(ctx, facets))
}

// Collections answers a page of the collections of the shop.
func (r queryResolver) Collections(ctx context.Context, after, before *string, first, last *int, reverse *bool, sortKey *generated.CollectionSortKeys) (*generated.CollectionConnection, error) {
	order := product.ByKey
	if sortKey != nil {
		order = product.Order(*sortKey) // Orders are named as in the schema.
	}
	page, err := r.Store.CollectionPage(ctx, listing(order, reverse, paging.Args{First: first, Last: last, After: after, Before: before}))
	if err != nil {
		return nil, err
	}
	found, err := r.collections(ctx, page.Keys)
	if err != nil {
		return nil, err
	}
	return collectionConnection(page, found, countIf(ctx, func(limit int) (int, error) { return r.Store.CountCollections(ctx, limit) }))
}

func listing(order product.Order, reverse *bool, args paging.Args) product.Listing {
	return product.Listing{Order: order, Reverse: yes(reverse), Args: args}
}

// yes reads an argument that is false when it is null.
func yes(argument *bool) bool { return argument != nil && *argument }

// products reads products of the catalogue that are shown together.
func (r *Resolver) products(ctx context.Context, keys []uuid.UUID) (map[uuid.UUID]*product.Product, error) {
	found, err := r.Store.Products(ctx, r.view(ctx), keys)
	productsTogether(ctx, found)
	return found, err
}

// collections reads collections that are shown together.
func (r *Resolver) collections(ctx context.Context, keys []uuid.UUID) (map[uuid.UUID]*product.Collection, error) {
	found, err := r.Store.Collections(ctx, r.view(ctx), keys)
	collectionsTogether(ctx, found)
	return found, err
}
