package graph

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
)

// fresh lets an administrator read what was written: results that are kept are forgotten before the change is answered. Their
// events would do it a little later.
type fresh struct {
	product.Store
	cache *cache.Cache
}

func (f fresh) SetProduct(ctx context.Context, a product.Asked, which product.Which, edit product.Edit) (uuid.UUID, error) {
	key, err := f.Store.SetProduct(ctx, a, which, edit)
	if err != nil {
		return key, err
	}
	return key, f.forget(ctx, []uuid.UUID{key})
}

func (f fresh) SetPrices(ctx context.Context, a product.Asked, changes []product.PriceChange) error {
	if err := f.Store.SetPrices(ctx, a, changes); err != nil {
		return err
	}
	variants := make([]uuid.UUID, len(changes))
	for i, c := range changes {
		variants[i] = c.Variant
	}
	return f.forgetVariants(ctx, variants)
}

func (f fresh) SetInventory(ctx context.Context, a product.Asked, counts []product.Tally) error {
	if err := f.Store.SetInventory(ctx, a, counts); err != nil {
		return err
	}
	variants := make([]uuid.UUID, len(counts))
	for i, c := range counts {
		variants[i] = c.Variant
	}
	return f.forgetVariants(ctx, variants)
}

func (f fresh) forgetVariants(ctx context.Context, variants []uuid.UUID) error {
	products, err := f.ProductsOf(ctx, variants)
	if err != nil {
		return err
	}
	return f.forget(ctx, slices.Collect(maps.Values(products)))
}

func (f fresh) forget(ctx context.Context, products []uuid.UUID) error {
	in, err := f.CollectionsOf(ctx, products)
	if err != nil {
		return err
	}
	var tags []string
	for _, key := range products {
		tags = append(tags, product.ChangedTags(gid.Format("Product", key), in[key])...)
	}
	_ = f.cache.Forget(ctx, tags...) // Where that fails, nothing is looked up until the events were heard.
	return nil
}
