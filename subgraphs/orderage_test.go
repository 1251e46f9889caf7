package subgraphs_test

import (
	"testing"
	"time"

	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
)

// TestACheckoutTellsNoMoreThanItsOrder asks for guests' checkouts by their key, in each way, when the orders are old.
func TestACheckoutTellsNoMoreThanItsOrder(t *testing.T) { // Rule A-5.
	t.Parallel()
	p := startPlacer(t)
	ada := identity.Identity{Customer: gid.Format("Customer", gid.New())}
	guests, hers, open := p.ready(t, nobody, 1), p.ready(t, ada, 1), p.ready(t, nobody, 1)
	for who, c := range map[string]*checkoutData{"": guests, ada.Customer: hers} {
		p.update(t, identity.Identity{Customer: who}, c.ID, map[string]any{"phone": "+49 30 1234"})
		p.order(t, identity.Identity{Customer: who}, c)
	}
	const day = 24 * time.Hour
	for _, x := range []struct {
		age                time.Duration
		guests, hers, open string
	}{
		{0, "Berlin +49 30 1234", "Berlin +49 30 1234", "Berlin"},
		{30*day - 1, "Berlin +49 30 1234", "Berlin +49 30 1234", "Berlin"},
		{30 * day, "DE", "Berlin +49 30 1234", "Berlin"},
		{90*day - 1, "DE", "Berlin +49 30 1234", "Berlin"},
		{90 * day, "nothing", "Berlin +49 30 1234", "Berlin"},
	} {
		p.later.Store(int64(x.age))
		brief := func(c *checkoutData) string {
			switch {
			case c == nil:
				return "nothing"
			case c.ShippingAddress.City == "" && c.Phone == nil && len(c.ShippingAddress.Formatted) == 1:
				return c.ShippingAddress.CountryCode
			case c.Phone == nil:
				return c.ShippingAddress.City
			}
			return c.ShippingAddress.City + " " + *c.Phone
		}
		if g, h, o := brief(p.read(t, nobody, guests.ID)), brief(p.read(t, ada, hers.ID)), brief(p.read(t, nobody, open.ID)); g != x.guests || h != x.hers || o != x.open {
			t.Errorf("after %v a guest reads %q, a customer %q, who did not order %q; want %+v", x.age, g, h, o, x)
		}
		changed, _ := p.update(t, nobody, guests.ID, map[string]any{"phone": "12345"})
		if got := brief(changed.Checkout); got != x.guests || len(changed.UserErrors) != 1 {
			t.Errorf("after %v a change answers %q and %+v", x.age, got, changed.UserErrors)
		}
		if got := brief(p.create(t, nobody, guests.Cart.ID).Checkout); got != x.guests {
			t.Errorf("after %v a new beginning answers %q", x.age, got)
		}
	}
}

// TestAttemptsAreReadTogether counts the statements for the attempts, orders and secrets of one and of many.
func TestAttemptsAreReadTogether(t *testing.T) { // Rule F-4.
	t.Parallel()
	p := startPlacer(t)
	carts, checkouts := []any{}, []any{}
	for range 5 {
		c := p.ready(t, nobody, 1)
		p.order(t, nobody, c)
		carts = append(carts, map[string]any{"__typename": "Cart", "id": c.Cart.ID})
		checkouts = append(checkouts, map[string]any{"__typename": "Checkout", "id": c.ID})
	}
	const query = `query ($r: [_Any!]!) { _entities(representations: $r) {
		... on Cart { completion { order { name } orderAccessToken } } ... on Checkout { completion { order { name } orderAccessToken } } } }`
	for name, x := range map[string]struct {
		all  []any
		want int
	}{"carts": {carts, 2}, "checkouts": {checkouts, 3}} {
		for _, n := range []int{1, 5} {
			var data struct {
				Entities []struct{ Completion placed } `json:"_entities"`
			}
			if got := p.ask(t, nobody, query, map[string]any{"r": x.all[:n]}, &data); got != x.want {
				t.Errorf("%d %s take %d statements, want %d", n, name, got, x.want)
			}
			for _, e := range data.Entities {
				if e.Completion.Order.Name == "" || e.Completion.OrderAccessToken == "" {
					t.Errorf("%s tell %+v", name, e.Completion)
				}
			}
		}
	}
}
