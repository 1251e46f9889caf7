package graph

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
)

// lister lists the facets of a list of products; nil where nobody asked.
type lister func() ([]*generated.Filter, error)

func (l lister) list() ([]*generated.Filter, error) {
	if l == nil {
		return nil, nil
	}
	return l()
}

// listIf returns the lister where filters are selected: counting facets reads the whole list.
func (r *Resolver) listIf(ctx context.Context, count func() ([]product.Facet, error)) lister {
	if !selected(ctx, "filters") {
		return nil
	}
	return func() ([]*generated.Filter, error) {
		facets, err := count()
		words := r.words(ctx)
		filters := make([]*generated.Filter, len(facets))
		for i, f := range facets {
			filters[i] = showFacet(f, words)
		}
		return filters, err
	}
}

// facetWords are the names of facets that are not of the catalogue, in a language.
type facetWords struct {
	facets             map[product.FacetKind]string
	available, soldOut string
}

var facetLanguages = map[string]facetWords{
	"en": {map[product.FacetKind]string{
		product.ByAvailability: "Availability", product.ByPriceRange: "Price", product.ByProductType: "Product type", product.ByMaker: "Vendor", product.ByTag: "Tag",
	}, "In stock", "Out of stock"},
	"de": {map[product.FacetKind]string{
		product.ByAvailability: "Verfügbarkeit", product.ByPriceRange: "Preis", product.ByProductType: "Produktart", product.ByMaker: "Hersteller", product.ByTag: "Schlagwort",
	}, "Lieferbar", "Ausverkauft"},
}

// words returns the names in the best language of the request that there is, else in English.
func (r *Resolver) words(ctx context.Context) facetWords {
	for _, language := range slices.Concat(r.view(ctx).Languages, r.Shop.Languages) {
		if words, known := facetLanguages[language]; known {
			return words
		}
	}
	return facetLanguages["en"]
}

// facetIDs name facets; those of options go on with the name of the option.
var facetIDs = map[product.FacetKind]string{
	product.ByAvailability: "filter.v.availability", product.ByPriceRange: "filter.v.price", product.ByChoice: "filter.v.option.",
	product.ByProductType: "filter.p.product_type", product.ByMaker: "filter.p.vendor", product.ByTag: "filter.p.tag",
}

func showFacet(f product.Facet, words facetWords) *generated.Filter {
	shown := &generated.Filter{ID: facetIDs[f.Kind] + f.Option, Label: words.facets[f.Kind], Type: generated.FilterTypeList}
	switch f.Kind {
	case product.ByAvailability:
		shown.Type = generated.FilterTypeBoolean
	case product.ByPriceRange:
		shown.Type = generated.FilterTypePriceRange
	case product.ByChoice:
		shown.Label = f.Label
	}
	if f.Range != nil {
		shown.Range = &generated.FilterRange{Min: &f.Range.MinVariantPrice, Max: &f.Range.MaxVariantPrice}
	}
	presentation := generated.FilterPresentationText
	for _, v := range f.Values {
		value := &generated.FilterValue{
			ID: shown.ID + "." + v.Value, Label: v.Label, Count: v.Count, Selected: v.Selected, Swatch: v.Swatch, Input: filterInput(f, v),
		}
		switch {
		case f.Kind == product.ByPriceRange:
			value.ID, value.Label = shown.ID, shown.Label
		case f.Kind == product.ByAvailability && v.Value == "true":
			value.Label = words.available
		case f.Kind == product.ByAvailability:
			value.Label = words.soldOut
		}
		if v.Swatch != nil {
			presentation = generated.FilterPresentationSwatch
		}
		shown.Values = append(shown.Values, value)
	}
	if shown.Type == generated.FilterTypeList {
		shown.Presentation = &presentation
	}
	return shown
}

// filterInput writes the filter of a value as JSON text.
func filterInput(f product.Facet, v product.FacetValue) string {
	var input any
	switch f.Kind {
	case product.ByAvailability:
		input = map[string]bool{"available": v.Value == "true"}
	case product.ByPriceRange:
		limits := map[string]json.Number{}
		if f.Range != nil {
			limits["min"], limits["max"] = json.Number(f.Range.MinVariantPrice.Amount()), json.Number(f.Range.MaxVariantPrice.Amount())
		}
		input = map[string]any{"price": limits}
	case product.ByChoice:
		input = map[string]any{"variantOption": map[string]string{"name": f.Option, "value": v.Value}}
	case product.ByProductType:
		input = map[string]string{"productType": v.Value}
	case product.ByMaker:
		input = map[string]string{"productVendor": v.Value}
	case product.ByTag:
		input = map[string]string{"tag": v.Value}
	}
	text, err := json.Marshal(input)
	if err != nil {
		panic(err) // Texts and numbers can always be written.
	}
	return string(text)
}
