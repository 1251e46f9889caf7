package e2e

import (
	"strings"
	"testing"
)

const anything = `query Anything($ids: [ID!]!, $one: ID!) {
  nodes(ids: $ids) {
    __typename
    id
    ... on Product { handle }
    ... on ProductVariant { sku }
    ... on Cart { totalQuantity }
    ... on Customer { firstName }
  }
  node(id: $one) { id }
}`

// TestNode finds objects of all services by their ids alone, in one process and as five (rule B-4).
func TestNode(t *testing.T) {
	t.Parallel()
	for mode, begin := range map[string]func(*testing.T) *shop{
		"one process":    func(t *testing.T) *shop { return startOne(t) },
		"five processes": func(t *testing.T) *shop { return startFive(t) },
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := begin(t)
			s.load(catalogue(t, 2))
			ada, bob := s.signUp("ada@example.com", "Ada"), s.signUp("bob@example.com", "Bob")
			a := s.must("", `{ product(handle: "lantern") { id variants(first: 2) { nodes { id } } } }`, nil)
			product, variant := get[string](t, a.Data, "product", "id"), get[string](t, a.Data, "product", "variants", "nodes", 1, "id")
			customer := get[string](t, s.must(ada, `{ customer { id } }`, nil).Data, "customer", "id")
			cart := get[string](t, s.must(ada, createCart, map[string]any{"i": map[string]any{"lines": lines(s.variantIDs(1))}}).Data, "cartCreate", "cart", "id")
			bare, _, _ := strings.Cut(cart, "?")

			const nowhere = "gid://souk/Product/019a0000-0000-7000-8000-000000000000"
			ids := []string{variant, customer, nowhere, cart, bare, product, "gid://souk/Pen/019a0000-0000-7000-8000-000000000000", "x", "gid://souk/Product/x", variant}
			want := map[string][]any{ // by who asks: the ids that are found, and what is read of them
				ada: {variant, customer, nil, cart, nil, product, nil, nil, nil, variant},
				bob: {variant, nil, nil, cart, nil, product, nil, nil, nil, variant},
				"":  {variant, nil, nil, cart, nil, product, nil, nil, nil, variant},
			}
			for token, found := range want {
				a := s.must(token, anything, map[string]any{"ids": ids, "one": nowhere})
				for i := range found {
					var got any
					if object, is := get[[]any](t, a.Data, "nodes")[i].(map[string]any); is {
						got = object["id"]
					}
					if got != found[i] {
						t.Errorf("%s: found %v, want %v", ids[i], got, found[i])
					}
				}
				if a.Data["node"] != nil {
					t.Errorf("node = %v, want null", a.Data["node"])
				}
				for service, n := range map[string]int{"product": 1, "cart": 1, "customer": 1, "checkout": 0} {
					if a.Extensions.Souk.Fetches[service] != n {
						t.Errorf("requests %v, want %d of %s", a.Extensions.Souk.Fetches, n, service)
					}
				}
			}
			a = s.must(ada, anything, map[string]any{"ids": ids, "one": customer})
			for i, read := range map[int]string{0: "sku", 1: "firstName", 5: "handle"} {
				if get[string](t, a.Data, "nodes", i, read) == "" {
					t.Errorf("nodes[%d] = %v, want it with its %s", i, get[map[string]any](t, a.Data, "nodes", i), read)
				}
			}
			if get[string](t, a.Data, "node", "id") != customer || get[float64](t, a.Data, "nodes", 3, "totalQuantity") != 1 {
				t.Errorf("answered %v", a.Data)
			}
			many := make([]string, 251)
			for i := range many {
				many[i] = product
			}
			if a := s.ask("", anything, map[string]any{"ids": many, "one": product}); len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "PAGE_TOO_LARGE" {
				t.Errorf("251 ids: %+v", a.Errors)
			}
		})
	}
}
