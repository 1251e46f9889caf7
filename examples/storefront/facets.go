package main

import (
	"encoding/json"
	"net/url"
	"slices"
)

// facet is a filter with its values, of which some are chosen.
type facet struct {
	Name, Label string
	Price       bool
	Lowest      string // of all prices
	Highest     string
	Min, Max    string // the chosen ends
	Values      []facetValue
	Chosen      int
}

type facetValue struct {
	Label, Input string
	Count        int
	Chosen       bool
}

// chip is a chosen filter, with the address of the list without it.
type chip struct{ Label, Address string }

// facets puts what the graph tells of filters together with what is chosen.
func facets(told []filter, chosen []map[string]any, form url.Values) []facet {
	inputs := make([]string, len(chosen))
	for i, c := range chosen {
		inputs[i] = canonical(c)
	}
	var all []facet
	for _, f := range told {
		x := facet{Name: f.ID, Label: f.Label, Price: f.Type == "PRICE_RANGE"}
		if x.Price {
			x.ends(f, form)
			all = append(all, x)
			continue
		}
		for _, value := range f.Values {
			var input map[string]any
			if json.Unmarshal([]byte(value.Input), &input) != nil {
				continue
			}
			c := facetValue{Label: value.Label, Input: canonical(input), Count: value.Count}
			c.Chosen = slices.Contains(inputs, c.Input)
			if c.Chosen {
				x.Chosen++
			}
			x.Values = append(x.Values, c)
		}
		if len(x.Values) > 1 || x.Chosen > 0 { // A single value does not part products.
			all = append(all, x)
		}
	}
	return all
}

// ends reads between which prices products are, and which of them are asked for.
func (x *facet) ends(f filter, form url.Values) {
	x.Min, x.Max = form.Get("min"), form.Get("max")
	if x.Min != "" || x.Max != "" {
		x.Chosen = 1
	}
	var range_ struct {
		Price struct{ Min, Max json.Number }
	}
	if len(f.Values) > 0 && json.Unmarshal([]byte(f.Values[0].Input), &range_) == nil {
		x.Lowest, x.Highest = range_.Price.Min.String(), range_.Price.Max.String()
	}
}

// canonical writes an input so that equal ones are equal texts.
func canonical(input map[string]any) string {
	b, err := json.Marshal(input)
	if err != nil {
		return "" // There is nothing in it that JSON does not have: it was read from JSON.
	}
	return string(b)
}

// chips are the chosen filters.
func chips(all []facet, form url.Values, path string) []chip {
	var chosen []chip
	for _, x := range all {
		if x.Price && x.Chosen > 0 {
			values := without(form, "min", "max")
			chosen = append(chosen, chip{Label: x.Label + ": " + x.Min + " – " + x.Max, Address: query(path, values)})
		}
		for _, value := range x.Values {
			if !value.Chosen {
				continue
			}
			values := without(form)
			values["filter"] = slices.DeleteFunc(slices.Clone(form["filter"]), func(text string) bool {
				var input map[string]any
				return json.Unmarshal([]byte(text), &input) == nil && canonical(input) == value.Input
			})
			chosen = append(chosen, chip{Label: value.Label, Address: query(path, values)})
		}
	}
	return chosen
}

// without copies parameters, without those that name a page of the list, and some others.
func without(form url.Values, names ...string) url.Values {
	values := url.Values{}
	for name, v := range form {
		if !slices.Contains(append(names, "after", "before"), name) {
			values[name] = v
		}
	}
	return values
}
