package e2e

import (
	"slices"
	"strings"
	"testing"
)

// alone is a question that a service answers out of its own data, by service.
var alone = map[string]string{
	"product":  `{ products(first: 1) { nodes { handle } totalCount { value } } }`,
	"cart":     `mutation { cartCreate { cart { totalQuantity cost { totalAmount { amount currencyCode } } } userErrors { code } } }`,
	"checkout": `{ deliveryOptions(currency: USD) { handle title estimatedCost { amount } } }`,
	"customer": `{ customer { firstName } }`,
}

// TestEachServiceAlone asks each service for its schema and its own fields, without a router.
func TestEachServiceAlone(t *testing.T) {
	t.Parallel()
	for _, name := range services {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startFive(t, name)
			a := ask(t, s.subgraphs[name], "", `{ _service { sdl } }`, nil)
			if sdl := get[string](t, a.Data, "_service", "sdl"); !strings.Contains(sdl, "type Query") {
				t.Errorf("sdl = %q", sdl)
			}
			if a := ask(t, s.subgraphs[name], "", alone[name], nil); len(a.Errors) > 0 {
				t.Errorf("%s: %+v", alone[name], a.Errors)
			}
		})
	}
}

// TestEverySubsetServes composes every subset of the four services and serves it.
func TestEverySubsetServes(t *testing.T) {
	t.Parallel()
	servers := startServers(t)
	for subset := 1; subset < 1<<len(services); subset++ {
		var names []string
		for i, name := range services {
			if subset&(1<<i) != 0 {
				names = append(names, name)
			}
		}
		t.Run(strings.Join(names, " "), func(t *testing.T) {
			t.Parallel()
			s := servers.startSome(t, names)
			for _, name := range services {
				a := s.ask("", alone[name], nil)
				if slices.Contains(names, name) && len(a.Errors) > 0 {
					t.Errorf("%s: %+v", alone[name], a.Errors)
				}
				if !slices.Contains(names, name) && len(a.Errors) == 0 {
					t.Errorf("%s is answered, but %s is not there", alone[name], name)
				}
			}
			if slices.Contains(names, "cart") {
				a := s.must("", createCart, map[string]any{"i": map[string]any{"note": "hello"}})
				id := map[string]any{"id": get[string](t, a.Data, "cartCreate", "cart", "id")}
				s.must("", `query($id: ID!) { cart(id: $id) { note lines(first: 5) { nodes { merchandise { __typename ... on ProductVariant { id } } } } } }`, id)
			}
		})
	}
}
