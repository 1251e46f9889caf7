package graph

import (
	"context"

	"github.com/google/uuid"
	"github.com/soukhq/souk/subgraphs/product"
)

func (k *kept) ProductPage(ctx context.Context, view product.View, list product.Listing) (product.Page, error) {
	return theOne(ctx, k.productPages, k.request(view), list, func(ctx context.Context) (product.Page, error) {
		return k.Store.ProductPage(ctx, view, list)
	})
}

func (k *kept) CountProducts(ctx context.Context, view product.View, filters product.Filters, limit int) (int, error) {
	return theOne(ctx, k.productCounts, k.request(view), counted{filters, limit}, func(ctx context.Context) (int, error) {
		return k.Store.CountProducts(ctx, view, filters, limit)
	})
}

func (k *kept) ProductFacets(ctx context.Context, view product.View, filters product.Filters) ([]product.Facet, error) {
	return theOne(ctx, k.productFacets, k.request(view), filters, func(ctx context.Context) ([]product.Facet, error) {
		return k.Store.ProductFacets(ctx, view, filters)
	})
}

func (k *kept) Collections(ctx context.Context, view product.View, keys []uuid.UUID) (map[uuid.UUID]*product.Collection, error) {
	return byKey(ctx, k.collections, k.request(view), none{}, "Collection", keys, func(ctx context.Context, keys []uuid.UUID) (map[uuid.UUID]*product.Collection, error) {
		return k.Store.Collections(ctx, view, keys)
	})
}

func (k *kept) CollectionKey(ctx context.Context, handle string) (uuid.UUID, error) {
	found, err := k.handles.Get(ctx, k.timeless(), none{}, []string{handle}, func(ctx context.Context, _ []string) (map[string]uuid.UUID, error) {
		key, err := k.Store.CollectionKey(ctx, handle)
		if err != nil || key == uuid.Nil {
			return nil, err
		}
		return map[string]uuid.UUID{handle: key}, nil
	})
	return found[handle], err
}

func (k *kept) CollectionPage(ctx context.Context, list product.Listing) (product.Page, error) {
	return theOne(ctx, k.collectionPages, k.timeless(), list, func(ctx context.Context) (product.Page, error) {
		return k.Store.CollectionPage(ctx, list)
	})
}

func (k *kept) CountCollections(ctx context.Context, limit int) (int, error) {
	return theOne(ctx, k.collectionCount, k.timeless(), counted{Limit: limit}, func(ctx context.Context) (int, error) {
		return k.Store.CountCollections(ctx, limit)
	})
}

// CollectionsOf keeps also that a product is in no collection.
func (k *kept) CollectionsOf(ctx context.Context, products []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	return byKey(ctx, k.memberships, k.timeless(), none{}, "Product", products, func(ctx context.Context, keys []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
		found, err := k.Store.CollectionsOf(ctx, keys)
		if err != nil {
			return nil, err
		}
		of := make(map[uuid.UUID][]uuid.UUID, len(keys))
		for _, key := range keys {
			of[key] = found[key]
		}
		return of, nil
	})
}

func (k *kept) MemberPages(ctx context.Context, view product.View, collections []uuid.UUID, list product.Listing) (map[uuid.UUID]product.Page, error) {
	if list.Args.After != nil || list.Args.Before != nil {
		if len(collections) > 1 { // The store says what is wrong with that.
			return k.Store.MemberPages(ctx, view, collections, list)
		}
	}
	return byKey(ctx, k.memberPages, k.request(view), list, "Collection", collections, func(ctx context.Context, keys []uuid.UUID) (map[uuid.UUID]product.Page, error) {
		return k.Store.MemberPages(ctx, view, keys, list)
	})
}

func (k *kept) CountMembers(ctx context.Context, view product.View, collections []uuid.UUID, filters product.Filters, limit int) (map[uuid.UUID]int, error) {
	return byKey(ctx, k.memberCounts, k.request(view), counted{filters, limit}, "Collection", collections, func(ctx context.Context, keys []uuid.UUID) (map[uuid.UUID]int, error) {
		return k.Store.CountMembers(ctx, view, keys, filters, limit)
	})
}

func (k *kept) MemberFacets(ctx context.Context, view product.View, collections []uuid.UUID, filters product.Filters) (map[uuid.UUID][]product.Facet, error) {
	return byKey(ctx, k.memberFacets, k.request(view), filters, "Collection", collections, func(ctx context.Context, keys []uuid.UUID) (map[uuid.UUID][]product.Facet, error) {
		return k.Store.MemberFacets(ctx, view, keys, filters)
	})
}
