package product_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
)

func euro(minor int64) money.Money { return money.Money{Minor: minor, Currency: "EUR"} }

// shirt is a product in two sizes and two colours; the large blue one does not exist.
func shirt() *product.Product {
	value := func(name string) *product.OptionValue { return &product.OptionValue{Key: gid.New(), Name: name} }
	p := &product.Product{Key: gid.New(), Title: "Shirt", Options: []*product.Option{
		{Name: "Size", OptionValues: []*product.OptionValue{value("Small"), value("Large")}},
		{Name: "Colour", OptionValues: []*product.OptionValue{value("Red"), value("Blue")}},
	}}
	add := func(size, colour int, price int64, stock product.Stock) {
		p.Variants = append(p.Variants, &product.Variant{
			Key: gid.New(), Values: []uuid.UUID{p.Options[0].OptionValues[size].Key, p.Options[1].OptionValues[colour].Key},
			Offer: &product.Price{Amount: euro(price)}, Tracked: true, Stock: stock,
		})
	}
	add(0, 0, 1000, product.Stock{})
	add(0, 1, 900, product.Stock{OnHand: 5})
	add(1, 0, 1200, product.Stock{OnHand: 5})
	p.Link()
	return p
}

// Rule I-1: available = on hand − allocated − held − safety; what is sellable may be more by the backorder limit.
func TestStock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stock               product.Stock
		tracked             bool
		left                int
		buyable, notInStock bool
	}{
		{product.Stock{OnHand: 10, Allocated: 2, Held: 3, Safety: 4}, true, 1, true, false},
		{product.Stock{OnHand: 10, Allocated: 2, Held: 3, Safety: 5}, true, 0, false, false},
		{product.Stock{OnHand: 10, Allocated: 2, Held: 3, Safety: 5, BackorderLimit: 1}, true, 0, true, true},
		{product.Stock{OnHand: -5, BackorderLimit: product.Unlimited}, true, 0, true, true},
		{product.Stock{OnHand: -5, BackorderLimit: 5}, true, 0, false, false},
		{product.Stock{}, false, -1, true, false},
	} {
		v := product.Variant{Tracked: c.tracked, Stock: c.stock}
		left := -1
		if n := v.QuantityAvailable(); n != nil {
			left = *n
		}
		if left != c.left || v.AvailableForSale() != c.buyable || v.CurrentlyNotInStock() != c.notInStock {
			t.Errorf("%+v tracked %t: %d left, for sale %t, not in stock %t; want %d, %t, %t",
				c.stock, c.tracked, left, v.AvailableForSale(), v.CurrentlyNotInStock(), c.left, c.buyable, c.notInStock)
		}
	}
}

// Rule P-5: an earlier price is shown only if it was more.
func TestCompareAtPrice(t *testing.T) {
	t.Parallel()
	p := shirt()
	if got := p.CompareAtPriceRange(); got != nil {
		t.Errorf("no earlier prices: %v", got)
	}
	for i, before := range []int64{1000, 1500, 1100} { // Equal, more, less.
		amount := euro(before)
		p.Variants[i].Offer.CompareAt = &amount
	}
	if p.Variants[0].CompareAtPrice() != nil || p.Variants[2].CompareAtPrice() != nil {
		t.Error("an earlier price that was not more is shown")
	}
	if got := p.CompareAtPriceRange(); got == nil || got.MinVariantPrice != euro(1500) || got.MaxVariantPrice != euro(1500) {
		t.Errorf("earlier prices %v, want 15.00 to 15.00", got)
	}
	if got := p.PriceRange(); got.MinVariantPrice != euro(900) || got.MaxVariantPrice != euro(1200) {
		t.Errorf("prices %v, want 9.00 to 12.00", got)
	}
}

func TestVariantWith(t *testing.T) {
	t.Parallel()
	p := shirt()
	choose := func(pairs ...string) (chosen []product.SelectedOption) {
		for i := 0; i < len(pairs); i += 2 {
			chosen = append(chosen, product.SelectedOption{Name: pairs[i], Value: pairs[i+1]})
		}
		return chosen
	}
	for name, c := range map[string]struct {
		chosen []product.SelectedOption
		match  product.Match
		want   *product.Variant
	}{
		"both options":               {choose("Size", "Small", "Colour", "Blue"), product.Match{}, p.Variants[1]},
		"in another order":           {choose("Colour", "Red", "Size", "Large"), product.Match{}, p.Variants[2]},
		"one option only":            {choose("Size", "Small"), product.Match{}, nil},
		"a form that does not exist": {choose("Size", "Large", "Colour", "Blue"), product.Match{}, nil},
		"an unknown option":          {choose("Size", "Small", "Colour", "Blue", "Fit", "Slim"), product.Match{}, nil},
		"an unknown option ignored":  {choose("Size", "Small", "Colour", "Blue", "Fit", "Slim"), product.Match{IgnoreUnknown: true}, p.Variants[1]},
		"another case":               {choose("size", "small", "colour", "blue"), product.Match{}, nil},
		"another case ignored":       {choose("size", "small", "colour", "blue"), product.Match{IgnoreCase: true}, p.Variants[1]},
		"an option twice":            {choose("Size", "Small", "Size", "Small"), product.Match{}, nil},
		"nothing":                    {nil, product.Match{}, nil},
	} {
		if got := p.VariantWith(c.chosen, c.match); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	plain := &product.Product{Variants: []*product.Variant{{Key: gid.New()}}}
	plain.Link()
	for _, chosen := range [][]product.SelectedOption{nil, choose("Title", "Default Title")} {
		if got := plain.VariantWith(chosen, product.Match{IgnoreUnknown: true}); got != plain.Variants[0] || got.Title() != "Default Title" {
			t.Errorf("a product without options, %v chosen: %v, want its only variant", chosen, got)
		}
	}
	if got := p.FirstAvailable(); got != p.Variants[1] {
		t.Errorf("the first that can be bought is %s, want Small / Blue", got.Title())
	}
	if got := p.Options[1].OptionValues[1].FirstSelectableVariant; got != p.Variants[1] {
		t.Errorf("the first blue one is %v, want Small / Blue", got)
	}
}

func TestDescriptionIsCut(t *testing.T) {
	t.Parallel()
	p := product.Product{Text: "Füße und Hände"}
	for at, want := range map[int]string{0: "", -1: "", 1: "…", 5: "Füße…", 14: "Füße und Hände", 100: "Füße und Hände"} {
		if got := p.Description(&at); got != want {
			t.Errorf("cut at %d: %q, want %q", at, got, want)
		}
	}
}

func ExampleVariant_Title() {
	fmt.Println(shirt().Variants[1].Title())
	// Output: Small / Blue
}
