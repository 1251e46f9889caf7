package checkout_test

import (
	"testing"

	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/totals"
	"github.com/soukhq/souk/subgraphs/checkout"
)

func TestARateIsToldAsAFraction(t *testing.T) { // Rule M-6.
	t.Parallel()
	for rate, want := range map[totals.Rate]string{
		0: "0", 1: "0.000001", 55_000: "0.055", 81_000: "0.081", 190_000: "0.19", 999_999: "0.999999", 1_000_000: "1",
	} {
		s := shop()
		s.Rates = []checkout.Rate{{Country: "DE", TaxClass: "standard", PPM: rate}}
		c, err := checkout.Begin(gid.New(), facts(func(f *checkout.Facts) { f.Lines, f.CountryCode = f.Lines[:1], "DE" }), s, noon)
		must(t, err)
		if got := c.Lines[0].TaxLines[0].Rate; got != want || c.Cost.TaxLines[0].Rate != want {
			t.Errorf("%d is told as %q and %q, want %q", rate, got, c.Cost.TaxLines[0].Rate, want)
		}
	}
}

func TestGoodsAreTaxedWhereTheyGo(t *testing.T) { // Rule T-5.
	t.Parallel()
	for name, c := range map[string]struct {
		told     string // to cart
		shipping string
		billing  string
		want     string
	}{
		"nothing is known":        {"", "", "", ""},
		"what cart was told":      {"CH", "", "", "CH"},
		"a billing address":       {"CH", "", "US", "US"},
		"where it goes is before": {"CH", "DE", "US", "DE"},
	} {
		got := begin(t, facts(func(f *checkout.Facts) { f.Lines, f.CountryCode = f.Lines[:1], c.told }))
		var change checkout.Change
		if c.shipping != "" {
			change.ShippingAddress = address(c.shipping)
		}
		if c.billing != "" {
			change.BillingAddress = address(c.billing)
		}
		must(t, got.Update(change, shop()))
		country := ""
		if len(got.Cost.TaxLines) > 0 {
			country = *got.Cost.TaxLines[0].Jurisdiction
		}
		if country != c.want {
			t.Errorf("%s: taxed in %q, want %q", name, country, c.want)
		}
	}
}
