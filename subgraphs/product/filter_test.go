package product_test

import (
	"errors"
	"math"
	"testing"

	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/subgraphs/product"
)

// Limits of prices are meant as they are written, and both ends belong to the range.
func TestNewSpan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency        string
		lowest, highest *float64
		want            product.Span
	}{
		{"EUR", nil, nil, product.Span{Max: math.MaxInt64}},
		{"EUR", new(0.29), new(1.10), product.Span{Min: 29, Max: 110}},
		{"EUR", new(8.005), new(8.005), product.Span{Min: 801, Max: 800}},
		{"JPY", new(99.5), new(100.5), product.Span{Min: 100, Max: 100}},
		{"BHD", new(1.001), new(1e300), product.Span{Min: 1001, Max: math.MaxInt64}},
		{"EUR", new(-1e300), new(-0.01), product.Span{Min: -math.MaxInt64, Max: -1}},
	} {
		if got, err := product.NewSpan(c.currency, c.lowest, c.highest); got != c.want || err != nil {
			t.Errorf("%+v, %v; want %+v", got, err, c.want)
		}
	}
	if _, err := product.NewSpan("euro", nil, nil); err == nil {
		t.Error("no such currency, but no error")
	}
}

func TestNormalFilters(t *testing.T) {
	t.Parallel()
	key := func(f product.Filters) string {
		n, err := f.Normal()
		if err != nil {
			t.Fatal(err)
		}
		return n.Key()
	}
	size := func(value string) product.SelectedOption { return product.SelectedOption{Name: "Size", Value: value} }
	one := key(product.Filters{Tags: []string{"b", "a", "b"}, Choices: []product.SelectedOption{size("S"), size("L")}, Available: []bool{true, false}})
	same := key(product.Filters{Available: []bool{false, true, true}, Tags: []string{"a", "b"}, Choices: []product.SelectedOption{size("L"), size("S")}})
	if one != same || one == "" {
		t.Errorf("equal filters have the keys %q and %q", one, same)
	}
	if other := key(product.Filters{Vendors: []string{"a", "b"}}); other == key(product.Filters{Types: []string{"a", "b"}}) {
		t.Errorf("different filters have the key %q", other)
	}
	if none := key(product.Filters{Tags: []string{}}); none != "" {
		t.Errorf("no filters have the key %q", none)
	}
	for name, f := range map[string]product.Filters{
		"too many": {Prices: spans(product.MaxFilters + 1)}, "no text": {Choices: []product.SelectedOption{{Name: "a\x00"}}},
	} {
		var refused *fault.Error
		if _, err := f.Normal(); !errors.As(err, &refused) || refused.Code != "INVALID" {
			t.Errorf("%s: %v, want INVALID", name, err)
		}
	}
	if _, err := (product.Filters{Prices: spans(product.MaxFilters)}).Normal(); err != nil {
		t.Errorf("fifty: %v", err)
	}
}

func spans(n int) []product.Span {
	all := make([]product.Span, n)
	for i := range all {
		all[i].Min = int64(i)
	}
	return all
}
