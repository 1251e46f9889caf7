package postgres_test

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
)

// thing is a product of the oracle, which knows nothing of SQL.
type thing struct {
	key                 uuid.UUID
	title, vendor, kind string
	tags                []string
	published           bool
	forms               []form
}

// form is a variant of the oracle.
type form struct {
	choices       map[string]string
	before, after *int64 // what it costs before and from noon
	available     bool
}

func (f form) price(at time.Time) *int64 {
	if at.Before(noon) {
		return f.before
	}
	return f.after
}

func ok[T comparable](wanted []T, is T) bool { return len(wanted) == 0 || slices.Contains(wanted, is) }

func (f form) meets(wanted product.Filters, at time.Time) bool {
	price := f.price(at)
	if price == nil || !ok(wanted.Available, f.available) {
		return false
	}
	if len(wanted.Prices) > 0 && !slices.ContainsFunc(wanted.Prices, func(s product.Span) bool { return s.Min <= *price && *price <= s.Max }) {
		return false
	}
	for _, c := range wanted.Choices {
		if !slices.ContainsFunc(wanted.Choices, func(o product.SelectedOption) bool { return o.Name == c.Name && f.choices[o.Name] == o.Value }) {
			return false
		}
	}
	return true
}

func (p thing) meets(wanted product.Filters, at time.Time) bool {
	tagged := len(wanted.Tags) == 0 || slices.ContainsFunc(wanted.Tags, func(tag string) bool { return slices.Contains(p.tags, tag) })
	return p.published && ok(wanted.Vendors, p.vendor) && ok(wanted.Types, p.kind) && tagged &&
		slices.ContainsFunc(p.forms, func(f form) bool { return f.meets(wanted, at) })
}

func matching(things []thing, wanted product.Filters, at time.Time) (found []thing) {
	for _, p := range things {
		if p.meets(wanted, at) {
			found = append(found, p)
		}
	}
	return found
}

// facets counts by asking again for each value.
func facets(things []thing, wanted product.Filters, at time.Time) []product.Facet {
	values := map[string]map[string]bool{} // facet → value → selected
	note := func(facet, value string, selected bool) {
		if values[facet] == nil {
			values[facet] = map[string]bool{}
		}
		values[facet][value] = values[facet][value] || selected
	}
	for _, p := range things {
		if p.vendor != "" {
			note("vendor", p.vendor, false)
		}
		if p.kind != "" {
			note("type", p.kind, false)
		}
		for _, tag := range p.tags {
			note("tag", tag, false)
		}
		for _, f := range p.forms {
			for option, value := range f.choices {
				note("option "+option, value, false)
			}
		}
	}
	note("available", "true", slices.Contains(wanted.Available, true))
	note("available", "false", slices.Contains(wanted.Available, false))
	note("price", "", len(wanted.Prices) > 0)
	for _, v := range wanted.Vendors {
		note("vendor", v, true)
	}
	for _, v := range wanted.Types {
		note("type", v, true)
	}
	for _, v := range wanted.Tags {
		note("tag", v, true)
	}
	for _, c := range wanted.Choices {
		note("option "+c.Name, c.Value, true)
	}
	var all []product.Facet
	order := []string{"available", "price"}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if strings.HasPrefix(name, "option ") {
			order = append(order, name)
		}
	}
	for _, name := range append(order, "type", "vendor", "tag") {
		if f := facet(things, wanted, at, name, values[name]); len(f.Values) > 0 {
			all = append(all, f)
		}
	}
	return all
}

var kinds = map[string]product.FacetKind{
	"available": product.ByAvailability, "price": product.ByPriceRange, "type": product.ByProductType, "vendor": product.ByMaker, "tag": product.ByTag,
}

func facet(things []thing, wanted product.Filters, at time.Time, name string, values map[string]bool) product.Facet {
	option, chosen := strings.CutPrefix(name, "option ")
	f := product.Facet{Kind: kinds[name]}
	if chosen {
		f = product.Facet{Kind: product.ByChoice, Option: option, Label: option}
	}
	for value, selected := range values {
		only := wanted
		switch name {
		case "vendor":
			only.Vendors = []string{value}
		case "type":
			only.Types = []string{value}
		case "tag":
			only.Tags = []string{value}
		case "available":
			only.Available = []bool{value == "true"}
		case "price":
			only.Prices = nil
			f.Range = spread(matching(things, only, at), only, at)
		default:
			others := slices.DeleteFunc(slices.Clone(wanted.Choices), func(c product.SelectedOption) bool { return c.Name == option })
			only.Choices = append(others, product.SelectedOption{Name: option, Value: value})
		}
		if n := len(matching(things, only, at)); n > 0 || selected {
			f.Values = append(f.Values, product.FacetValue{Value: value, Label: value, Count: n, Selected: selected})
		}
	}
	slices.SortFunc(f.Values, func(a, b product.FacetValue) int {
		return cmp.Or(-strings.Compare(strconv.FormatBool(a.Selected), strconv.FormatBool(b.Selected)), cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return f
}

func spread(things []thing, wanted product.Filters, at time.Time) *product.PriceRange {
	lowest, highest := int64(math.MaxInt64), int64(-1)
	for _, p := range things {
		for _, f := range p.forms {
			if f.meets(wanted, at) {
				lowest, highest = min(lowest, *f.price(at)), max(highest, *f.price(at))
			}
		}
	}
	if highest < 0 {
		return nil
	}
	return &product.PriceRange{MinVariantPrice: money.Money{Minor: lowest, Currency: "EUR"}, MaxVariantPrice: money.Money{Minor: highest, Currency: "EUR"}}
}

// ordered returns the keys in the order of a list.
func ordered(things []thing, at time.Time, list product.Listing) []uuid.UUID {
	lowest := func(p thing) int64 {
		l := int64(math.MaxInt64)
		for _, f := range p.forms {
			if price := f.price(at); price != nil {
				l = min(l, *price)
			}
		}
		return l
	}
	slices.SortFunc(things, func(a, b thing) int {
		by := strings.Compare(a.title, b.title)
		if list.Order == product.ByPrice {
			by = cmp.Or(cmp.Compare(lowest(a), lowest(b)), strings.Compare(a.key.String(), b.key.String()))
		}
		if list.Reverse {
			return -by
		}
		return by
	})
	var keys []uuid.UUID
	for _, p := range things {
		keys = append(keys, p.key)
	}
	return keys
}
