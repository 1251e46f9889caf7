package checkout_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/checkout"
)

func TestReady(t *testing.T) {
	t.Parallel()
	out := func(availability string) func(*checkout.Facts) {
		return func(f *checkout.Facts) { f.Lines[1].Availability = availability }
	}
	digital := func(f *checkout.Facts) {
		for i := range f.Lines {
			f.Lines[i].RequiresShipping = false
		}
	}
	same := func(*checkout.Checkout) {}
	for name, c := range map[string]struct {
		cart     func(*checkout.Facts)
		change   func(*checkout.Checkout)
		expected money.Money
		lower    bool
		after    time.Duration
		want     string
	}{
		"all is there":                  {expected: eur(7987)},
		"another total":                 {expected: eur(7986), want: "TOTAL_CHANGED"},
		"a lower total":                 {expected: eur(7988), want: "TOTAL_CHANGED"},
		"a lower total that is welcome": {expected: eur(7988), lower: true},
		"a higher total is not":         {expected: eur(7986), lower: true, want: "TOTAL_CHANGED"},
		"another currency":              {expected: money.Money{Minor: 7987, Currency: "CHF"}, want: "CURRENCY_MISMATCH"},
		"the last moment of the lock":   {expected: eur(7987), after: checkout.PriceLock - 1},
		"the lock is over":              {expected: eur(7987), after: checkout.PriceLock, want: "CHECKOUT_EXPIRED"},
		"too few pieces":                {cart: out(checkout.OutOfStock), expected: eur(7987), want: "OUT_OF_STOCK"},
		"no price":                      {cart: out(checkout.NoPrice), expected: eur(7987), want: "NO_PRICE"},
		"no price row":                  {cart: func(f *checkout.Facts) { f.Lines[0].PriceID = "" }, expected: eur(7987), want: "NO_PRICE"},
		"not sold":                      {cart: out(checkout.Unavailable), expected: eur(7987), want: "MERCHANDISE_UNAVAILABLE"},
		"no e-mail address":             {cart: func(f *checkout.Facts) { f.Email = nil }, expected: eur(7987), want: "EMAIL_INVALID"},
		"no address":                    {change: func(c *checkout.Checkout) { c.ShippingAddress = nil }, expected: eur(7987), want: "ADDRESS_INVALID"},
		"half an address":               {change: func(c *checkout.Checkout) { c.ShippingAddress = &checkout.Address{CountryCode: new("DE")} }, expected: eur(7987), want: "ADDRESS_INVALID"},
		"a company needs no name": {change: func(c *checkout.Checkout) {
			a := address("DE")
			a.LastName, a.Company = nil, new("Works")
			c.ShippingAddress = a
		}, expected: eur(7987)},
		"half a billing address":    {change: func(c *checkout.Checkout) { c.BillingAddress = &checkout.Address{} }, expected: eur(7987), want: "ADDRESS_INVALID"},
		"no delivery":               {change: func(c *checkout.Checkout) { c.Delivery = nil }, expected: eur(7987), want: "DELIVERY_OPTION_REQUIRED"},
		"nothing to deliver":        {cart: digital, expected: eur(7497)},
		"several things at once":    {cart: out(checkout.OutOfStock), change: func(c *checkout.Checkout) { c.Email, c.Delivery = nil, nil }, expected: eur(1), want: "OUT_OF_STOCK EMAIL_INVALID DELIVERY_OPTION_REQUIRED"},
		"its order is being placed": {change: func(c *checkout.Checkout) { c.State = checkout.Processing }, expected: eur(7987), want: "INVALID_STATE"},
		"its order was placed":      {change: func(c *checkout.Checkout) { c.State = checkout.Completed }, expected: eur(7987), want: "INVALID_STATE"},
		"it was given up":           {change: func(c *checkout.Checkout) { c.State = checkout.Cancelled }, expected: eur(7987), want: "INVALID_STATE"},
	} {
		t.Run(name, func(t *testing.T) { // Rules O-3, P-6, G-8.
			t.Parallel()
			if c.cart == nil {
				c.cart = func(*checkout.Facts) {}
			}
			if c.change == nil {
				c.change = same
			}
			got := ready(t, c.cart)
			c.change(got)
			if codes := strings.Join(codes(got.Ready(c.expected, c.lower, noon.Add(c.after))), " "); codes != c.want {
				t.Errorf("Ready(%s) = %q, want %q", c.expected, codes, c.want)
			}
		})
	}
}

func TestDemandTellsEachLine(t *testing.T) { // Rule O-2, step 1.
	t.Parallel()
	c := ready(t)
	want := []event.CompletionLine{
		{VariantID: c.Lines[0].VariantID, Quantity: 3, PriceID: c.Lines[0].PriceID, UnitPrice: "19.99"},
		{VariantID: c.Lines[1].VariantID, Quantity: 2, PriceID: c.Lines[1].PriceID, UnitPrice: "7.50"},
	}
	if diff := cmp.Diff(want, c.Demand()); diff != "" {
		t.Errorf("demand (-want +got):\n%s", diff)
	}
}
