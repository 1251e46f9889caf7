package checkout_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/checkout"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func eur(minor int64) money.Money { return money.Money{Minor: minor, Currency: "EUR"} }

func shop() checkout.Shop {
	return checkout.Shop{Methods: methods(), Rates: []checkout.Rate{
		{Country: "DE", TaxClass: "standard", Title: "VAT", PPM: 190_000}, {Country: "DE", TaxClass: "reduced", Title: "VAT", PPM: 70_000},
		{Country: "CH", TaxClass: "standard", Title: "VAT", PPM: 81_000},
		{Country: "US", TaxClass: "standard", Title: "Sales tax", PPM: 0}, {Country: "US", TaxClass: "reduced", Title: "Sales tax", PPM: 0},
	}}
}

func line(title string, price int64, quantity int, class string) checkout.Line {
	return checkout.Line{ID: gid.Format("CartLine", gid.New()), Availability: checkout.Available, Goods: checkout.Goods{
		VariantID: gid.Format("ProductVariant", gid.New()), PriceID: gid.New().String(), UnitPrice: eur(price), Quantity: quantity,
		Title: title, TaxClass: class, RequiresShipping: true,
	}}
}

// facts are a cart with 3 pieces at 19.99 of the standard class and 2 at 7.50 of the reduced one.
func facts(changes ...func(*checkout.Facts)) checkout.Facts {
	f := checkout.Facts{Version: 4, State: checkout.CartActive, CurrencyCode: "EUR", Email: new("a@b.test"), Lines: []checkout.Line{
		line("Pot", 1999, 3, "standard"), line("Tea", 750, 2, "reduced"),
	}}
	for _, change := range changes {
		change(&f)
	}
	return f
}

func address(country string) *checkout.Address {
	return &checkout.Address{FirstName: new("Ada"), LastName: new("L"), Address1: new("Way 1"), City: new("B"), Zip: new("10115"), CountryCode: &country}
}

func begin(t *testing.T, f checkout.Facts) *checkout.Checkout {
	t.Helper()
	c, err := checkout.Begin(gid.New(), f, shop(), noon)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ready makes a checkout to Germany that can be completed.
func ready(t *testing.T, changes ...func(*checkout.Facts)) *checkout.Checkout {
	t.Helper()
	c := begin(t, facts(changes...))
	must(t, c.Update(checkout.Change{ShippingAddress: address("DE")}, shop()))
	group := c.DeliveryGroups()[0]
	must(t, c.SelectDelivery([]checkout.Selection{{GroupID: group.ID, OptionHandle: group.DeliveryOptions[0].Handle}}, shop()))
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func codes(err error) []string {
	faults, other := fault.Split(err)
	if other != nil {
		return []string{other.Error()}
	}
	list := []string{}
	for _, f := range faults {
		list = append(list, f.Code)
	}
	return list
}

// The figures are worked out by hand: 59.97 at 19 % holds 9.575… of tax, 15.00 at 7 % 0.981…, 4.90 at 19 % 0.782….
func TestTheCostOfACheckout(t *testing.T) { // Rules T-1, T-3, M-5, M-8.
	t.Parallel()
	c := begin(t, facts())
	if c.Cost.Subtotal != eur(7497) || c.Cost.Total != eur(7497) || c.Cost.Shipping != nil || c.Cost.TotalTax != nil || len(c.Cost.TaxLines) != 0 {
		t.Errorf("cost at the beginning = %+v, want 74.97 and nothing else known", c.Cost)
	}
	c = ready(t)
	want := checkout.Cost{
		Subtotal: eur(7497), Shipping: new(eur(490)), Total: eur(7987), TotalTax: new(eur(958 + 98 + 78)), PricesIncludeTax: true,
		TaxLines: []checkout.TaxLine{
			{Title: "VAT", Rate: "0.07", Amount: eur(98), Jurisdiction: new("DE")},
			{Title: "VAT", Rate: "0.19", Amount: eur(958 + 78), Jurisdiction: new("DE")},
		},
		TaxedShipping: c.Cost.TaxedShipping, TaxedTotal: c.Cost.TaxedTotal,
	}
	if diff := cmp.Diff(want, c.Cost); diff != "" {
		t.Errorf("cost (-want +got):\n%s", diff)
	}
	if got := *c.Cost.TaxedShipping; got.Gross != eur(490) || got.Tax != eur(78) || got.Net != eur(412) {
		t.Errorf("shipping = %+v, want 4.90 with 0.78 of tax", got)
	}
	if got := c.Lines[0]; got.Total != eur(5997) || got.Taxed.Tax != eur(958) || got.TaxLines[0].Rate != "0.19" {
		t.Errorf("first line = %+v, want 59.97 with 9.58 of tax", got)
	}
	total := c.Cost.Total
	must(t, c.Update(checkout.Change{ShippingAddress: address("US")}, shop()))
	if c.Cost.Total != total || *c.Cost.TotalTax != eur(0) || len(c.Cost.TaxLines) != 1 {
		t.Errorf("cost in another country = %+v: the buyer pays the same, without tax (rule T-1)", c.Cost)
	}
}

func TestARateThatLacksIsNotZero(t *testing.T) { // Rule T-5.
	t.Parallel()
	for country, want := range map[string]string{"DE": "", "CH": "TAX_RATE_MISSING", "JP": "TAX_RATE_MISSING"} {
		c := ready(t)
		must(t, c.Update(checkout.Change{ShippingAddress: address(country)}, shop()))
		if got := strings.Join(codes(c.Ready(c.Cost.Total, false, noon)), " "); got != want {
			t.Errorf("%s: Ready = %q, want %q", country, got, want)
		}
		if (c.Cost.TotalTax == nil) != (want != "") {
			t.Errorf("%s: tax = %v", country, c.Cost.TotalTax)
		}
	}
}

func TestBeginRefusesWhatCannotBeOrdered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*checkout.Facts)
		want   string
	}{
		"an empty cart":   {func(f *checkout.Facts) { f.Lines = nil }, "CART_EMPTY"},
		"a locked cart":   {func(f *checkout.Facts) { f.State = "LOCKED" }, "CART_LOCKED"},
		"too much":        {func(f *checkout.Facts) { f.Lines[0].UnitPrice = eur(math.MaxInt64 / 2) }, "INVALID"},
		"a finished cart": {func(f *checkout.Facts) { f.State = "COMPLETED" }, "CART_LOCKED"},
	} {
		_, err := checkout.Begin(gid.New(), facts(c.change), shop(), noon)
		if got := strings.Join(codes(err), " "); got != c.want {
			t.Errorf("%s: Begin = %q, want %q", name, got, c.want)
		}
	}
}

func TestRefreshLocksPricesAnewAndKeepsWhatWasSaid(t *testing.T) { // Rule P-6.
	t.Parallel()
	c := ready(t)
	must(t, c.Update(checkout.Change{Email: new("mine@b.test")}, shop()))
	later := noon.Add(time.Hour)
	if !c.Stale(later) || c.Stale(noon) {
		t.Fatal("the lock does not end after 15 minutes")
	}
	dearer := shop()
	dearer.Methods[0].Price = eur(590)
	changed, err := c.Apply(later, func(c *checkout.Checkout) error {
		return c.Refresh(facts(func(f *checkout.Facts) { f.Version, f.Lines = 9, f.Lines[:1] }), dearer, later)
	})
	if err != nil || !changed {
		t.Fatalf("Apply = %v, %v", changed, err)
	}
	if c.CartVersion != 9 || len(c.Lines) != 1 || c.PriceLockedUntil != later.Add(checkout.PriceLock) || c.Stale(later) || c.Version != 2 {
		t.Errorf("refreshed = %+v", c)
	}
	if *c.Email != "mine@b.test" || c.ShippingAddress == nil || c.Delivery == nil || *c.Cost.Shipping != eur(590) || c.Cost.Total != eur(5997+590) {
		t.Errorf("refreshed: contact %+v, delivery %+v, cost %+v", c.Contact, c.Delivery, c.Cost)
	}
	must(t, c.Refresh(facts(), checkout.Shop{Rates: shop().Rates}, later))
	if c.Delivery != nil || c.Cost.Shipping != nil {
		t.Error("a way of delivery that is not offered any more stays chosen")
	}
}

func TestApplyUndoesWhatFailed(t *testing.T) {
	t.Parallel()
	c := ready(t)
	before := *c
	before.Lines = slices.Clone(c.Lines)
	changed, err := c.Apply(noon, func(c *checkout.Checkout) error {
		must(t, c.Update(checkout.Change{ShippingAddress: address("JP")}, shop()))
		return checkout.NotFound()
	})
	if changed || err == nil || !cmp.Equal(before, *c) {
		t.Errorf("Apply = %v, %v: %s", changed, err, cmp.Diff(before, *c))
	}
	if changed, err := c.Apply(noon, func(c *checkout.Checkout) error { return c.Update(checkout.Change{}, shop()) }); changed || err != nil {
		t.Errorf("a change of nothing = %v, %v, want no new version", changed, err)
	}
}

func TestSelectDelivery(t *testing.T) {
	t.Parallel()
	c := begin(t, facts())
	group := c.DeliveryGroups()[0]
	for name, s := range map[string]struct {
		group, handle, want string
	}{
		"another group":   {gid.Format("CartDeliveryGroup", gid.New()), "standard", "NOT_FOUND at selections.0.groupId"},
		"another handle":  {group.ID, "pigeon", "DELIVERY_OPTION_UNAVAILABLE at selections.0.optionHandle"},
		"another's price": {group.ID, "none", "DELIVERY_OPTION_UNAVAILABLE at selections.0.optionHandle"},
	} {
		faults, _ := fault.Split(c.SelectDelivery([]checkout.Selection{{GroupID: s.group, OptionHandle: s.handle}}, shop()))
		if len(faults) != 1 || faults[0].Code+" at "+strings.Join(faults[0].Field, ".") != s.want {
			t.Errorf("%s: %v, want %s", name, faults, s.want)
		}
	}
	must(t, c.SelectDelivery([]checkout.Selection{{GroupID: group.ID, OptionHandle: "express"}}, shop()))
	if got := c.DeliveryGroups()[0].SelectedDeliveryOption; got == nil || got.Handle != "express" || c.Cost.Total != eur(7497+990) {
		t.Errorf("selected %+v, cost %+v", got, c.Cost)
	}
}

func TestChangesAreChecked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 256)
	for name, c := range map[string]struct {
		change checkout.Change
		want   string
	}{
		"good":                  {checkout.Change{Email: new("a@b.test"), Phone: new("+49 30 1"), ShippingAddress: address("DE")}, ""},
		"empty takes away":      {checkout.Change{Email: new(""), Phone: new("")}, ""},
		"no e-mail address":     {checkout.Change{Email: new("a b")}, "EMAIL_INVALID at input.email"},
		"a name with e-mail":    {checkout.Change{Email: new("A <a@b.test>")}, "EMAIL_INVALID at input.email"},
		"a long e-mail address": {checkout.Change{Email: new(long + "@b.test")}, "TOO_LONG at input.email"},
		"no phone number":       {checkout.Change{Phone: new("call me")}, "INVALID at input.phone"},
		"a long street":         {checkout.Change{ShippingAddress: &checkout.Address{Address1: &long}}, "TOO_LONG at input.shippingAddress.address1"},
		"a zero byte":           {checkout.Change{BillingAddress: &checkout.Address{City: new("a\x00")}}, "INVALID at input.billingAddress.city"},
		"no known country":      {checkout.Change{BillingAddress: &checkout.Address{CountryCode: new("ZZ")}}, "ADDRESS_INVALID at input.billingAddress.countryCode"},
	} {
		faults, other := fault.Split(c.change.Check())
		got := ""
		if len(faults) > 0 {
			got = faults[0].Code + " at " + strings.Join(faults[0].Field, ".")
		}
		if other != nil || len(faults) > 1 || got != c.want {
			t.Errorf("%s: Check = %v %v, want %q", name, faults, other, c.want)
		}
	}
}
