package main

import (
	"encoding/json"
	"net/url"
	"slices"
)

// facet is a filter that the graph offers for a list.
type facet struct {
	filter
	Name     string // for the document
	Min, Max string // the chosen ends of the prices
}

// Price tells whether the facet has two ends and no values.
func (x facet) Price() bool { return x.Type == "PRICE_RANGE" }

// chip is a chosen filter, with the address of the list without it.
type chip struct{ Label, Address string }

// facets puts what the graph tells of filters together with what is chosen.
func facets(told []filter, form url.Values) []facet {
	var all []facet
	for _, f := range told {
		x := facet{filter: f, Name: f.ID, Min: form.Get("min"), Max: form.Get("max")}
		if x.Price() && f.Range != nil || len(f.Values) > 1 || slices.ContainsFunc(f.Values, func(v filterValue) bool { return v.Selected }) {
			all = append(all, x) // Others do not part the products.
		}
	}
	return all
}

// chips are the chosen filters.
func chips(all []facet, form url.Values, path string) []chip {
	var chosen []chip
	for _, x := range all {
		if x.Price() {
			if x.Min != "" || x.Max != "" {
				chosen = append(chosen, chip{Label: x.ends(), Address: query(path, without(form, "min", "max"))})
			}
			continue
		}
		for _, value := range x.Values {
			if !value.Selected {
				continue
			}
			values := without(form)
			values["filter"] = slices.DeleteFunc(slices.Clone(form["filter"]), func(text string) bool { return text == value.Input })
			chosen = append(chosen, chip{Label: value.Label, Address: query(path, values)})
		}
	}
	return chosen
}

// ends writes the chosen prices.
func (x facet) ends() string {
	switch {
	case x.Max == "":
		return x.Label + " ≥ " + x.Min
	case x.Min == "":
		return x.Label + " ≤ " + x.Max
	default:
		return x.Label + " " + x.Min + " – " + x.Max
	}
}

// without copies the parameters of a list but for some, and for those that name a page of it.
func without(form url.Values, names ...string) url.Values {
	values := url.Values{}
	for name, v := range form {
		if !slices.Contains(append(names, "after", "before"), name) {
			values[name] = v
		}
	}
	return values
}

// chosenFilters reads the filters of an address: each is an input of the graph, as the graph told it.
func chosenFilters(form url.Values) []map[string]any {
	filters := []map[string]any{}
	for _, text := range form["filter"] {
		var f map[string]any
		if json.Unmarshal([]byte(text), &f) == nil && len(f) > 0 {
			filters = append(filters, f)
		}
	}
	price := map[string]any{}
	for _, end := range []string{"min", "max"} {
		var number json.Number
		if json.Unmarshal([]byte(form.Get(end)), &number) == nil && number != "" {
			price[end] = number
		}
	}
	if len(price) > 0 {
		filters = append(filters, map[string]any{"price": price})
	}
	return filters
}
