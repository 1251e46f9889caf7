package graph

import (
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
)

// readFilters reads what products of a list have to be like; prices are in that currency.
func readFilters(inputs []*generated.ProductFilter, currency string) (product.Filters, error) {
	var f product.Filters
	for _, in := range inputs {
		f.Available = given(f.Available, in.Available)
		f.Types = given(f.Types, in.ProductType)
		f.Vendors = given(f.Vendors, in.ProductVendor)
		f.Tags = given(f.Tags, in.Tag)
		if o := in.VariantOption; o != nil {
			f.Choices = append(f.Choices, product.SelectedOption{Name: o.Name, Value: o.Value})
		}
		if in.Price != nil {
			span, err := product.NewSpan(currency, in.Price.Min, in.Price.Max)
			if err != nil {
				return product.Filters{}, err
			}
			f.Prices = append(f.Prices, span)
		}
	}
	return f.Normal()
}

func given[T any](values []T, value *T) []T {
	if value == nil {
		return values
	}
	return append(values, *value)
}
