package checkout_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/checkout"
)

func methods() []checkout.Method {
	return []checkout.Method{
		{Handle: "standard", Title: "Standard", Price: money.Money{Minor: 490, Currency: "EUR"}},
		{Handle: "express", Title: "Express", Price: money.Money{Minor: 990, Currency: "EUR"}},
		{Handle: "standard", Title: "Standard", Price: money.Money{Minor: 790, Currency: "CHF"}},
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		facts checkout.DeliveryFacts
		want  [][]string // handle, kind and price of each option of each group
	}{
		"an empty cart":             {checkout.DeliveryFacts{Currency: "EUR"}, [][]string{}},
		"the methods of a currency": {checkout.DeliveryFacts{Currency: "EUR", Parcels: []checkout.Parcel{{RequiresShipping: true}}}, [][]string{{"standard SHIPPING 4.90 EUR", "express SHIPPING 9.90 EUR"}}},
		"a currency without method": {checkout.DeliveryFacts{Currency: "JPY", Parcels: []checkout.Parcel{{RequiresShipping: true}}}, [][]string{{}}},
		"nothing to ship":           {checkout.DeliveryFacts{Currency: "JPY", Parcels: []checkout.Parcel{{}}}, [][]string{{"none NONE 0 JPY"}}},
		"two parcels":               {checkout.DeliveryFacts{Currency: "CHF", Parcels: []checkout.Parcel{{}, {RequiresShipping: true}}}, [][]string{{"none NONE 0.00 CHF"}, {"standard SHIPPING 7.90 CHF"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := [][]string{}
			for _, g := range checkout.Groups(gid.New(), c.facts, methods()) {
				options := []string{}
				for _, o := range g.DeliveryOptions {
					options = append(options, o.Handle+" "+o.DeliveryMethodType+" "+o.EstimatedCost.String())
				}
				got = append(got, options)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheIdOfAGroupIsThatOfItsLines(t *testing.T) {
	t.Parallel()
	cart := gid.New()
	id := func(lines ...string) string {
		return checkout.Groups(cart, checkout.DeliveryFacts{Currency: "EUR", Parcels: []checkout.Parcel{{LineIDs: lines}}}, nil)[0].ID
	}
	if id("a", "b") != id("b", "a") || id("a", "b") != id("a", "b") {
		t.Error("the same lines make groups with different ids")
	}
	if _, ok := gid.Parse("CartDeliveryGroup", id("a")); !ok || id("a") == id("b") || id("a", "b") == id("a\nb ") {
		t.Errorf("ids %s, %s", id("a"), id("b"))
	}
	first := id("a")
	if cart = gid.New(); id("a") == first {
		t.Error("groups of two carts have one id")
	}
}
