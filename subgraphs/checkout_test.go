package subgraphs_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/gid"
)

const groupsOfCarts = `query ($carts: [_Any!]!, $first: Int) { _entities(representations: $carts) { ... on Cart {
  id
  deliveryGroups(first: $first) {
    totalCount { value }
    nodes { id lineIds selectedDeliveryOption { handle }
      deliveryOptions { handle title deliveryMethodType estimatedCost { amount currencyCode } } }
  }
} } }`

type deliveryCart struct {
	ID             string
	DeliveryGroups struct {
		TotalCount struct{ Value int }
		Nodes      []struct {
			ID                     string
			LineIDs                []string
			SelectedDeliveryOption *struct{ Handle string }
			DeliveryOptions        []deliveryOption
		}
	}
}

type deliveryOption struct {
	Handle, Title, DeliveryMethodType string
	EstimatedCost                     struct{ Amount, CurrencyCode string }
}

func option(handle, title, kind, amount, currency string) deliveryOption {
	o := deliveryOption{Handle: handle, Title: title, DeliveryMethodType: kind}
	o.EstimatedCost.Amount, o.EstimatedCost.CurrencyCode = amount, currency
	return o
}

// representation is a cart as the router tells of it.
func representation(id, currency string, ships bool, lineIDs ...string) map[string]any {
	return map[string]any{"__typename": "Cart", "id": id, "deliveryFacts": map[string]any{
		"country": "DE", "region": nil, "postcode": nil, "subtotal": map[string]any{"amount": "1.00", "currencyCode": currency},
		"groups": []any{map[string]any{"lineIds": lineIDs, "weight": 5, "requiresShipping": ships}},
	}}
}

func TestDeliveryGroups(t *testing.T) {
	t.Parallel()
	s := start(t, "checkout")
	plain := gid.New()
	id := s.env.CartKeys.Format(plain)
	empty := map[string]any{"__typename": "Cart", "id": id, "deliveryFacts": nil}
	carts := []any{
		representation(id, "EUR", true, "l1", "l2"), representation(id, "CHF", true, "l2", "l1"), representation(id, "EUR", false, "l1"),
		representation(id, "JPY", true, "l1"), empty, representation(gid.Format("Cart", plain)+"?key=2.forged", "EUR", true, "l1"),
		representation(gid.Format("Cart", plain), "EUR", true, "l1"),
	}
	var data struct {
		Entities []*deliveryCart `json:"_entities"`
	}
	if n := s.ask(t, nobody, groupsOfCarts, map[string]any{"carts": carts, "first": 5}, &data); n != 1 {
		t.Errorf("%d statements, want 1 (rule F-4)", n)
	}
	for i, want := range [][]deliveryOption{
		{option("standard", "Standard shipping", "SHIPPING", "4.90", "EUR")},
		{option("standard", "Standard shipping", "SHIPPING", "7.90", "CHF")},
		{option("none", "No delivery needed", "NONE", "0.00", "EUR")},
		{},
	} {
		got := data.Entities[i]
		if got == nil || got.ID != id || len(got.DeliveryGroups.Nodes) != 1 || got.DeliveryGroups.Nodes[0].SelectedDeliveryOption != nil {
			t.Fatalf("cart %d = %+v, want one group", i, got)
		}
		if diff := cmp.Diff(want, got.DeliveryGroups.Nodes[0].DeliveryOptions); diff != "" {
			t.Errorf("options of cart %d (-want +got):\n%s", i, diff)
		}
	}
	group := func(i int) string { return data.Entities[i].DeliveryGroups.Nodes[0].ID }
	if group(0) != group(1) || group(0) == group(2) {
		t.Errorf("groups %s, %s of the same lines, %s of others: the id must depend on the lines only", group(0), group(1), group(2))
	}
	if got := data.Entities[4]; got == nil || len(got.DeliveryGroups.Nodes) != 0 || got.DeliveryGroups.TotalCount.Value != 0 {
		t.Errorf("the empty cart = %+v, want no group", got)
	}
	if data.Entities[5] != nil || data.Entities[6] != nil {
		t.Error("a cart without its key was answered (rules A-3, C-6)")
	}
}

func TestDeliveryGroupsOfManyCartsTakeOneStatement(t *testing.T) {
	t.Parallel()
	s := start(t, "checkout")
	for _, n := range []int{1, 50, 1000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			var carts []any
			for range n {
				carts = append(carts, representation(s.env.CartKeys.Format(gid.New()), "USD", true, "l"))
			}
			var data struct {
				Entities []*deliveryCart `json:"_entities"`
			}
			statements := s.ask(t, nobody, groupsOfCarts, map[string]any{"carts": carts}, &data)
			if statements != 1 || len(data.Entities) != n {
				t.Errorf("%d statements, %d carts, want 1, %d (rule F-4)", statements, len(data.Entities), n)
			}
			for i, c := range data.Entities {
				if c == nil || c.ID != carts[i].(map[string]any)["id"] {
					t.Fatalf("cart %d is %+v: the order is not kept", i, c)
				}
			}
		})
	}
}

func TestDeliveryOptions(t *testing.T) {
	t.Parallel()
	s := start(t, "checkout")
	for currency, want := range map[string][]deliveryOption{
		"USD": {option("standard", "Standard shipping", "SHIPPING", "4.90", "USD")},
		"GBP": {option("standard", "Standard shipping", "SHIPPING", "4.50", "GBP")},
		"JPY": {},
	} {
		var data struct{ DeliveryOptions []deliveryOption }
		s.ask(t, nobody, `query ($c: CurrencyCode!) { deliveryOptions(currency: $c) {
			handle title deliveryMethodType estimatedCost { amount currencyCode } } }`, map[string]any{"c": currency}, &data)
		if diff := cmp.Diff(want, data.DeliveryOptions); diff != "" {
			t.Errorf("deliveryOptions(%s) (-want +got):\n%s", currency, diff)
		}
	}
}
