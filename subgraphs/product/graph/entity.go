package graph

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
)

// FindManyProductByIDs answers products for other services, nil for those that are not in the catalogue.
func (r entityResolver) FindManyProductByIDs(ctx context.Context, reps []*generated.ProductByIDsInput) ([]*product.Product, error) {
	return many(ctx, "Product", reps, func(i *generated.ProductByIDsInput) string { return i.ID }, r.products)
}

// FindManyProductByHandles answers products for those who know them by name, nil for those that are not in the catalogue.
func (r entityResolver) FindManyProductByHandles(ctx context.Context, reps []*generated.ProductByHandlesInput) ([]*product.Product, error) {
	handles := make([]string, len(reps))
	for i, rep := range reps {
		handles[i] = rep.Handle
	}
	keys, err := r.Store.ProductKeys(ctx, handles)
	if err != nil {
		return nil, err
	}
	found, err := r.products(ctx, slices.Collect(maps.Values(keys)))
	if err != nil {
		return nil, err
	}
	entities := make([]*product.Product, len(reps))
	for i, handle := range handles {
		entities[i] = found[keys[handle]]
	}
	return entities, nil
}

// FindManyShopByIDs answers the shop for other services, nil where the id is that of another one.
func (r entityResolver) FindManyShopByIDs(_ context.Context, reps []*generated.ShopByIDsInput) ([]*product.Shop, error) {
	entities := make([]*product.Shop, len(reps))
	for i, rep := range reps {
		if rep.ID == r.Shop.ID() {
			entities[i] = &r.Shop
		}
	}
	return entities, nil
}

// FindManyCollectionByIDs answers collections for other services, nil for those that do not exist.
func (r entityResolver) FindManyCollectionByIDs(ctx context.Context, reps []*generated.CollectionByIDsInput) ([]*product.Collection, error) {
	return many(ctx, "Collection", reps, func(i *generated.CollectionByIDsInput) string { return i.ID }, r.collections)
}

// FindManyProductVariantByIDs answers variants for other services, nil for those that are not in the catalogue.
func (r entityResolver) FindManyProductVariantByIDs(ctx context.Context, reps []*generated.ProductVariantByIDsInput) ([]*product.Variant, error) {
	return many(ctx, "ProductVariant", reps, func(i *generated.ProductVariantByIDsInput) string { return i.ID }, r.variants)
}

func (r *Resolver) variants(ctx context.Context, keys []uuid.UUID) (map[uuid.UUID]*product.Variant, error) {
	found, err := r.Store.Variants(ctx, r.view(ctx), keys)
	products := make(map[uuid.UUID]*product.Product, len(found))
	for _, v := range found {
		products[v.Product.Key] = v.Product
	}
	productsTogether(ctx, products)
	return found, err
}

// many answers as many entities as there are representations, in their order (rule F-4). What is no id of the type is
// answered like what does not exist (rule A-3).
func many[R, T any](ctx context.Context, typeName string, reps []R, id func(R) string, read func(context.Context, []uuid.UUID) (map[uuid.UUID]*T, error)) ([]*T, error) {
	keys := make([]uuid.UUID, len(reps))
	distinct := map[uuid.UUID]bool{}
	for i, rep := range reps {
		if key, ok := gid.Parse(typeName, id(rep)); ok {
			keys[i] = key
			distinct[key] = true
		}
	}
	asked := make([]uuid.UUID, 0, len(distinct))
	for key := range distinct {
		asked = append(asked, key)
	}
	found, err := read(ctx, asked)
	if err != nil {
		return nil, err
	}
	entities := make([]*T, len(reps))
	for i, key := range keys {
		entities[i] = found[key]
	}
	return entities, nil
}
