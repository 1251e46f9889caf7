package product

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
)

// Edit is what a product is to be. What is nil stays as it is.
type Edit struct {
	Handle          *string
	Title           *string
	DescriptionHTML *string // with any markup
	Vendor          *string
	ProductType     *string
	Tags            []string
	Published       *bool
	Seo             *SEO
	ProductOptions  []*OptionEdit
	Variants        []*VariantEdit
}

// OptionEdit is an option as it is to be.
type OptionEdit struct {
	Name   string
	Values []*ValueEdit
}

// ValueEdit is a value of an option as it is to be.
type ValueEdit struct {
	Name  string
	Color *string // of its swatch
}

// VariantEdit is a variant as it is to be, with the values by which it is known.
type VariantEdit struct {
	OptionValues     []*ChoiceEdit
	Sku              *string
	Barcode          *string
	Prices           []*AmountEdit
	Tracked          *bool
	RequiresShipping *bool
	TaxClass         *string
	Weight           *WeightEdit
}

// ChoiceEdit is the value that a variant has for an option.
type ChoiceEdit struct{ OptionName, Name string }

// WeightEdit is a weight in a unit.
type WeightEdit struct {
	Value float64
	Unit  WeightUnit
}

// Set returns what a product becomes by an edit, and the prices that follow, where anything differs; old is nil for a new
// one. What does not go together is a fault. The edit must be checked.
func Set(old *Product, e Edit, now time.Time) (next *Product, prices []PriceChange, changed bool, err error) {
	before := old
	if before == nil {
		before = &Product{Key: gid.New(), Tags: []string{}}
		if err := missing(e); err != nil {
			return nil, nil, false, err
		}
		if e.Variants == nil {
			e.Variants = []*VariantEdit{{}}
		}
	}
	wanted := *before
	e.apply(&wanted, now)
	if e.ProductOptions != nil {
		if wanted.Options, err = optionsOf(e.ProductOptions); err != nil {
			return nil, nil, false, err
		}
	}
	if e.Variants != nil {
		if wanted.Variants, err = e.variantsOf(before, wanted.Options); err != nil {
			return nil, nil, false, err
		}
	}
	if old == nil {
		next, changed = &wanted, true
		next.Begin(now)
	} else {
		next, changed = old.Become(&wanted, now)
	}
	for i, v := range e.Variants {
		for _, p := range v.Prices {
			price, err := p.price()
			if err != nil {
				return nil, nil, false, err
			}
			prices = append(prices, PriceChange{Variant: next.Variants[i].Key, Currency: p.CurrencyCode, Price: price})
		}
	}
	return next, prices, changed, nil
}

func missing(e Edit) error {
	var faults fault.List
	for field, text := range map[string]*string{"handle": e.Handle, "title": e.Title} {
		if text == nil {
			faults.Addf("REQUIRED", []string{"input", field}, "A new product needs a %s.", field)
		}
	}
	return faults.Err()
}

// apply takes over the texts and whether it is for sale.
func (e *Edit) apply(p *Product, now time.Time) {
	for text, to := range map[*string]*string{e.Handle: &p.Handle, e.Title: &p.Title, e.Vendor: &p.Vendor, e.ProductType: &p.ProductType} {
		if text != nil {
			*to = *text
		}
	}
	if e.DescriptionHTML != nil {
		p.DescriptionHTML = SafeHTML(*e.DescriptionHTML)
		p.Text = PlainText(p.DescriptionHTML)
	}
	if e.Tags != nil {
		p.Tags = SortedTags(e.Tags)
	}
	if e.Seo != nil && e.Seo.Title != nil {
		p.Seo.Title = e.Seo.Title
	}
	if e.Seo != nil && e.Seo.Description != nil {
		p.Seo.Description = e.Seo.Description
	}
	switch {
	case e.Published == nil:
	case !*e.Published:
		p.Published = nil
	case p.Published == nil:
		p.Published = &now
	}
}

func optionsOf(edits []*OptionEdit) ([]*Option, error) {
	var faults fault.List
	var options []*Option
	for i, e := range edits {
		at := []string{"input", "productOptions", strconv.Itoa(i)}
		if slices.ContainsFunc(options, func(o *Option) bool { return strings.EqualFold(o.Name, e.Name) }) {
			faults.Addf("INVALID", append(at, "name"), "The option %q is there twice.", e.Name)
		}
		o := &Option{Key: gid.New(), Name: e.Name}
		for j, v := range e.Values {
			if slices.Contains(o.Values(), v.Name) {
				faults.Addf("INVALID", append(at, "values", strconv.Itoa(j), "name"), "The value %q is there twice.", v.Name)
			}
			value := &OptionValue{Key: gid.New(), Name: v.Name}
			if v.Color != nil {
				color := strings.ToLower(*v.Color)
				value.Swatch = &Swatch{Color: &color}
			}
			o.OptionValues = append(o.OptionValues, value)
		}
		options = append(options, o)
	}
	return options, faults.Err()
}

// variantsOf makes the variants of an edit; those with the values of one that is there begin as that one.
func (e *Edit) variantsOf(before *Product, options []*Option) ([]*Variant, error) {
	there := map[string]*Variant{}
	for _, v := range before.Variants {
		there[fmt.Sprintf("%q", v.SelectedOptions())] = v
	}
	var faults fault.List
	var variants []*Variant
	known := map[string]bool{}
	for i, edit := range e.Variants {
		at := []string{"input", "variants", strconv.Itoa(i), "optionValues"}
		values, chosen, wrong := choose(options, edit.OptionValues)
		if wrong != "" {
			faults.Addf("INVALID", at, "%s", wrong)
			continue
		}
		name := fmt.Sprintf("%q", chosen)
		if known[name] {
			faults.Addf("INVALID", at, "The variant is there twice.")
		}
		known[name] = true
		v := &Variant{Key: gid.New(), Tracked: true, RequiresShipping: true, TaxClass: "standard"}
		if old := there[name]; old != nil {
			*v = *old
		}
		v.Values = values
		edit.apply(v)
		variants = append(variants, v)
	}
	return variants, faults.Err()
}

// choose finds the values that are named, one for each option in their order. What is wrong with them is a sentence.
func choose(options []*Option, choices []*ChoiceEdit) (keys []uuid.UUID, chosen []SelectedOption, wrong string) {
	chosen = []SelectedOption{}
	for _, o := range options {
		at := slices.IndexFunc(choices, func(c *ChoiceEdit) bool { return c.OptionName == o.Name })
		if at < 0 {
			return nil, nil, fmt.Sprintf("The value of the option %q is missing.", o.Name)
		}
		value := slices.IndexFunc(o.OptionValues, func(v *OptionValue) bool { return v.Name == choices[at].Name })
		if value < 0 {
			return nil, nil, fmt.Sprintf("The option %q has no value %q.", o.Name, choices[at].Name)
		}
		keys, chosen = append(keys, o.OptionValues[value].Key), append(chosen, SelectedOption{Name: o.Name, Value: choices[at].Name})
	}
	if len(choices) > len(options) {
		return nil, nil, "A value belongs to no option, or is there twice."
	}
	return keys, chosen, ""
}

func (e *VariantEdit) apply(v *Variant) {
	if e.Sku != nil {
		v.Sku = said(*e.Sku)
	}
	if e.Barcode != nil {
		v.Barcode = said(*e.Barcode)
	}
	if e.Tracked != nil {
		v.Tracked = *e.Tracked
	}
	if e.RequiresShipping != nil {
		v.RequiresShipping = *e.RequiresShipping
	}
	if e.TaxClass != nil {
		v.TaxClass = *e.TaxClass
	}
	if e.Weight != nil {
		v.Weight = e.Weight.weight()
	}
}

// said is nil for a text that is not said.
func said(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
