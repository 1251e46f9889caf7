package product_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/subgraphs/product"
)

// codes writes faults in short.
func codes(t *testing.T, err error) string {
	t.Helper()
	faults, rest := fault.Split(err)
	if rest != nil {
		t.Fatal(rest)
	}
	var text []string
	for _, f := range faults {
		text = append(text, f.Code+" "+strings.Join(f.Field, "."))
	}
	return strings.Join(text, ", ")
}

func TestEditsAreChecked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	for want, edit := range map[string]product.Edit{
		"":                         {Title: new("Rug"), Handle: new("rug"), Vendor: new("")},
		"REQUIRED input.title":     {Title: new(" ")},
		"TOO_LONG input.title":     {Title: &long},
		"INVALID input.vendor":     {Vendor: new("a\x00b")},
		"INVALID input.handle":     {Handle: new("a/b")},
		"REQUIRED input.variants":  {ProductOptions: []*product.OptionEdit{}},
		"INVALID input.variants":   {Variants: []*product.VariantEdit{}},
		"REQUIRED input.tags.1":    {Tags: []string{"a", ""}},
		"TOO_LONG input.seo.title": {Seo: &product.SEO{Title: &long}},
		"INVALID input.productOptions.0.values.0.color": {
			ProductOptions: []*product.OptionEdit{{Name: "Color", Values: []*product.ValueEdit{{Name: "Red", Color: new("red")}}}}, Variants: []*product.VariantEdit{{}},
		},
		"INVALID input.variants.0.weight.value": {Variants: []*product.VariantEdit{{Weight: &product.WeightEdit{Value: -1, Unit: product.Grams}}}},
		"MONEY_PRECISION input.variants.0.prices.0.amount, INVALID input.variants.0.prices.0.compareAt": {
			Variants: []*product.VariantEdit{{Prices: []*product.AmountEdit{{CurrencyCode: "EUR", Amount: new("1.234"), CompareAt: new("-1")}}}},
		},
	} {
		if got := codes(t, edit.Check()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// rug is a product with two variants.
func rug(t *testing.T) *product.Product {
	t.Helper()
	p, prices, changed, err := product.Set(nil, product.Edit{
		Handle: new("rug"), Title: new("Rug"), DescriptionHTML: new("<p>Soft &amp; warm<script>alert(1)</script></p>"), Tags: []string{"wool", "Gift", "gift "}, Published: new(true),
		ProductOptions: []*product.OptionEdit{{Name: "Size", Values: []*product.ValueEdit{{Name: "S"}, {Name: "L", Color: new("#AABBCC")}}}},
		Variants: []*product.VariantEdit{
			{OptionValues: []*product.ChoiceEdit{{OptionName: "Size", Name: "S"}}, Sku: new("RUG-S"), Prices: []*product.AmountEdit{{CurrencyCode: "EUR", Amount: new("10")}}},
			{OptionValues: []*product.ChoiceEdit{{OptionName: "Size", Name: "L"}}, Weight: &product.WeightEdit{Value: 2, Unit: product.Kilograms}},
		},
	}, noon)
	if err != nil || !changed || len(prices) != 1 || prices[0].Variant != p.Variants[0].Key || prices[0].Price.Amount.Minor != 1000 {
		t.Fatalf("Set = %+v, %+v, %t, %v", p, prices, changed, err)
	}
	return p
}

func TestSetMakesAProduct(t *testing.T) {
	t.Parallel()
	p := rug(t)
	if p.Version != 1 || p.Text != "Soft & warm" || strings.Contains(p.DescriptionHTML, "script") || strings.Join(p.Tags, " ") != "Gift wool" || p.Published == nil ||
		len(p.Variants) != 2 || p.Variants[1].Title() != "L" || *p.Options[0].OptionValues[1].Swatch.Color != "#aabbcc" ||
		*p.Variants[1].Weight != (product.Weight{Milligrams: 2_000_000, Unit: product.Kilograms}) || !p.Variants[0].Tracked || p.Variants[0].TaxClass != "standard" {
		t.Errorf("%+v", p)
	}
	_, _, _, err := product.Set(nil, product.Edit{}, noon)
	if got := codes(t, err); got != "REQUIRED input.handle, REQUIRED input.title" && got != "REQUIRED input.title, REQUIRED input.handle" {
		t.Errorf("a product without anything: %s", got)
	}
}

func TestSetChangesWhatIsGivenOnly(t *testing.T) {
	t.Parallel()
	old := rug(t)
	if _, _, changed, err := product.Set(old, product.Edit{Title: new("Rug"), Published: new(true)}, noon.Add(time.Hour)); changed || err != nil {
		t.Errorf("an edit that changes nothing: %t, %v", changed, err)
	}
	next, prices, changed, err := product.Set(old, product.Edit{
		Title: new("Carpet"), Variants: []*product.VariantEdit{
			{OptionValues: []*product.ChoiceEdit{{OptionName: "Size", Name: "L"}}, Sku: new("RUG-L"), Prices: []*product.AmountEdit{{CurrencyCode: "USD"}}},
		},
	}, noon.Add(time.Hour))
	if err != nil || !changed || next.Version != 2 || next.Title != "Carpet" || next.Handle != "rug" || next.Text != old.Text || next.Key != old.Key ||
		len(next.Variants) != 1 || next.Variants[0].Key != old.Variants[1].Key || *next.Variants[0].Sku != "RUG-L" || next.Variants[0].Weight == nil ||
		len(prices) != 1 || prices[0].Price != nil || prices[0].Variant != old.Variants[1].Key {
		t.Errorf("Set = %+v, %+v, %t, %v", next, prices, changed, err)
	}
	if old.Title != "Rug" || len(old.Variants) != 2 || old.Variants[1].Sku != nil {
		t.Errorf("the old product was changed: %+v", old)
	}
	size := func(name string) *product.VariantEdit {
		return &product.VariantEdit{OptionValues: []*product.ChoiceEdit{{OptionName: "Size", Name: name}}}
	}
	for want, edit := range map[string]product.Edit{
		"INVALID input.variants.0.optionValues": {Variants: []*product.VariantEdit{{}}},
		"INVALID input.variants.1.optionValues": {Variants: []*product.VariantEdit{size("S"), size("XL")}},
		"INVALID input.variants.2.optionValues": {Variants: []*product.VariantEdit{size("S"), size("L"), size("L")}},
		"INVALID input.productOptions.1.name": {
			ProductOptions: []*product.OptionEdit{{Name: "Size"}, {Name: "size"}}, Variants: []*product.VariantEdit{size("S")},
		},
	} {
		if _, _, _, err := product.Set(old, edit, noon); codes(t, err) != want {
			t.Errorf("%s, want %s", codes(t, err), want)
		}
	}
}
