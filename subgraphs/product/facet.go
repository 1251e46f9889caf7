package product

import (
	"cmp"
	"slices"
	"strconv"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// FacetKind is by what a list can be narrowed.
type FacetKind int

// Facets are shown in this order, options by their names.
const (
	ByAvailability FacetKind = iota
	ByPriceRange
	ByChoice
	ByProductType
	ByMaker
	ByTag
)

// MaxFacetValues is how many values a facet shows that are not selected.
const MaxFacetValues = 100

// Facet is a way to narrow a list (rule S-6).
type Facet struct {
	Kind   FacetKind
	Option string // of choices: the name of the option in the shop's own language
	Label  string // of choices: its name
	Values []FacetValue
	Range  *PriceRange // of prices: the lowest and the highest, whatever the filter of prices; nil where there are none
}

// FacetValue is something that products of a list have.
type FacetValue struct {
	Value    string  // in the shop's own language; "true" or "false" for availability, empty for prices
	Label    string  // its name
	Swatch   *Swatch // of choices: how it is shown beside its name; nil when not said
	Count    int     // how many products the list had if this were the only selected value of the facet
	Selected bool
}

// Facets puts counted facets in order: selected values first, then those of most products, then by label (rule S-6). Selected
// values that nothing has are added, facets without values left out.
func (f Filters) Facets(counted []Facet, lang string) []Facet {
	for _, wanted := range f.selected() {
		i := slices.IndexFunc(counted, func(c Facet) bool { return c.Kind == wanted.Kind && c.Option == wanted.Option })
		if i < 0 {
			counted = append(counted, Facet{Kind: wanted.Kind, Option: wanted.Option, Label: wanted.Option})
			i = len(counted) - 1
		}
		counted[i].choose(wanted.Values)
	}
	tag, _ := language.Parse(lang) // The root where it is none.
	order := collate.New(tag)
	counted = slices.DeleteFunc(counted, func(c Facet) bool { return len(c.Values) == 0 })
	for i := range counted {
		counted[i].sort(order)
	}
	slices.SortFunc(counted, func(a, b Facet) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), order.CompareString(a.Label, b.Label), cmp.Compare(a.Option, b.Option))
	})
	return counted
}

// choose marks values as selected.
func (f *Facet) choose(values []FacetValue) {
	for _, v := range values {
		if i := slices.IndexFunc(f.Values, func(known FacetValue) bool { return known.Value == v.Value }); i >= 0 {
			f.Values[i].Selected = true
		} else {
			f.Values = append(f.Values, FacetValue{Value: v.Value, Label: v.Value, Selected: true})
		}
	}
}

func (f *Facet) sort(order *collate.Collator) {
	slices.SortFunc(f.Values, func(a, b FacetValue) int {
		return cmp.Or(cmp.Compare(number(b.Selected), number(a.Selected)), cmp.Compare(b.Count, a.Count),
			order.CompareString(a.Label, b.Label), cmp.Compare(a.Value, b.Value))
	})
	others := slices.IndexFunc(f.Values, func(v FacetValue) bool { return !v.Selected })
	if others >= 0 {
		f.Values = f.Values[:min(len(f.Values), others+MaxFacetValues)]
	}
}

// selected returns the facets that the filters are of, with the values that they name.
func (f Filters) selected() []Facet {
	texts := func(values []string) []FacetValue {
		named := make([]FacetValue, len(values))
		for i, v := range values {
			named[i].Value = v
		}
		return named
	}
	facets := []Facet{
		{Kind: ByProductType, Values: texts(f.Types)}, {Kind: ByMaker, Values: texts(f.Vendors)}, {Kind: ByTag, Values: texts(f.Tags)},
	}
	for name, values := range f.Options() {
		facets = append(facets, Facet{Kind: ByChoice, Option: name, Values: texts(values)})
	}
	available := Facet{Kind: ByAvailability}
	for _, v := range f.Available {
		available.Values = append(available.Values, FacetValue{Value: strconv.FormatBool(v)})
	}
	prices := Facet{Kind: ByPriceRange}
	if len(f.Prices) > 0 {
		prices.Values = []FacetValue{{}}
	}
	return append(facets, available, prices)
}
