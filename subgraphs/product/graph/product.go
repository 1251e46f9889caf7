package graph

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
)

// Variants answers a page of the variants in the catalogue.
func (r productResolver) Variants(_ context.Context, p *product.Product, after, before *string, first, last *int, reverse *bool) (*generated.ProductVariantConnection, error) {
	variants, list := p.Variants, "variants "+p.Key.String()
	if yes(reverse) {
		variants, list = slices.Clone(variants), list+" reversed"
		slices.Reverse(variants)
	}
	page, err := paging.Slice(variants, list, (*product.Variant).ID, paging.Args{First: first, Last: last, After: after, Before: before})
	if err != nil {
		return nil, err
	}
	return variantConnection(page), nil
}

// VariantsCount answers how many variants are in the catalogue.
func (r productResolver) VariantsCount(_ context.Context, p *product.Product) (*generated.Count, error) {
	return exactly(len(p.Variants)), nil
}

// VariantBySelectedOptions answers the variant with exactly these option values.
func (r productResolver) VariantBySelectedOptions(_ context.Context, p *product.Product, chosen []*generated.SelectedOptionInput, ignoreUnknown, ignoreCase *bool) (*product.Variant, error) {
	return p.VariantWith(options(chosen), match(ignoreUnknown, ignoreCase)), nil
}

// SelectedOrFirstAvailableVariant answers the chosen variant, else the first that can be bought, else the first.
func (r productResolver) SelectedOrFirstAvailableVariant(_ context.Context, p *product.Product, chosen []*generated.SelectedOptionInput, ignoreUnknown, ignoreCase *bool) (*product.Variant, error) {
	if v := p.VariantWith(options(chosen), match(ignoreUnknown, ignoreCase)); v != nil {
		return v, nil
	}
	return p.FirstAvailable(), nil
}

func options(inputs []*generated.SelectedOptionInput) []product.SelectedOption {
	chosen := make([]product.SelectedOption, len(inputs))
	for i, o := range inputs {
		chosen[i] = product.SelectedOption{Name: o.Name, Value: o.Value}
	}
	return chosen
}

func match(ignoreUnknown, ignoreCase *bool) product.Match {
	return product.Match{IgnoreUnknown: ignoreUnknown == nil || *ignoreUnknown, IgnoreCase: yes(ignoreCase)}
}

// Images answers a page of the pictures.
func (r productResolver) Images(_ context.Context, p *product.Product, first *int, after *string, last *int, before *string) (*generated.ImageConnection, error) {
	key := func(i *product.Image) string { return *i.ID() }
	page, err := paging.Slice(p.Pictures, "images "+p.Key.String(), key, paging.Args{First: first, Last: last, After: after, Before: before})
	if err != nil {
		return nil, err
	}
	return imageConnection(page), nil
}

// membership is what is read once for products that came together.
type membership struct {
	keys  map[uuid.UUID][]uuid.UUID // of collections, by product
	found map[uuid.UUID]*product.Collection
}

// Collections answers a page of the collections that the product is in.
func (r productResolver) Collections(ctx context.Context, p *product.Product, first *int, after *string) (*generated.CollectionConnection, error) {
	all, err := once(recall(ctx).ofProduct(p), "collections", func(products []uuid.UUID) (m membership, err error) {
		if m.keys, err = r.Store.CollectionsOf(ctx, products); err != nil {
			return m, err
		}
		var keys []uuid.UUID
		for _, of := range m.keys {
			keys = append(keys, of...)
		}
		m.found, err = r.collections(ctx, keys)
		return m, err
	})
	if err != nil {
		return nil, err
	}
	page, err := paging.Slice(all.keys[p.Key], "collections "+p.Key.String(), uuid.UUID.String, paging.Args{First: first, After: after})
	if err != nil {
		return nil, err
	}
	shown := product.Page{Keys: page.Items, Cursors: page.Cursors, HasNext: page.HasNext, HasPrevious: page.HasPrevious}
	return collectionConnection(shown, all.found, func(int) (int, error) { return page.Total, nil })
}
