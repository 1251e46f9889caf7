package e2e

import (
	"context"
	"testing"
)

// orderAnswer is an order as its buyer sees it.
type orderAnswer struct {
	ID, Name, PaymentStatus string
	TotalQuantity           int
	Email                   string
	Cost                    struct {
		Total struct {
			Gross, Net, Tax struct{ Amount, CurrencyCode string }
		}
	}
	Lines struct {
		Nodes []struct {
			Title    string
			Quantity int
		}
	}
}

const orderFields = `id name paymentStatus totalQuantity email cost { total { gross { amount currencyCode } net { amount } tax { amount } } } lines(first: 10) { nodes { title quantity } }`

// history returns the orders of a customer, the latest first.
func (s *shop) history(token string) []orderAnswer {
	s.t.Helper()
	type customer struct{ Orders struct{ Nodes []orderAnswer } }
	c, err := tryAsk[customer](s.t.Context(), s.graph, token, `{ r: customer { orders(first: 20) { nodes { `+orderFields+` } } } }`, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return c.Orders.Nodes
}

// pieces returns how many pieces of a variant that catalogue made can be bought.
func (s *shop) pieces(variant string) int {
	s.t.Helper()
	type product struct {
		Variants struct {
			Nodes []struct {
				ID                string
				QuantityAvailable int
			}
		}
	}
	p, err := tryAsk[product](s.t.Context(), s.graph, "", `{ r: product(handle: "lantern") { variants(first: 250) { nodes { id quantityAvailable } } } }`, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, v := range p.Variants.Nodes {
		if v.ID == variant {
			return v.QuantityAvailable
		}
	}
	s.t.Fatalf("there is no variant %s", variant)
	return 0
}

// cartState returns ACTIVE, LOCKED or COMPLETED.
func (s *shop) cartState(p *purchase) string {
	s.t.Helper()
	type answer struct{ State string }
	c, err := tryAsk[answer](s.t.Context(), s.graph, p.token, `query($id: ID!) { r: cart(id: $id) { state } }`, map[string]any{"id": p.cart})
	if err != nil {
		s.t.Fatal(err)
	}
	return c.State
}

// ledger is what the gateway did for an attempt.
type ledger struct{ Authorizations, Voids, Captures int }

func askLedger(ctx context.Context, graph, attempt string) (ledger, error) {
	return tryAsk[ledger](ctx, graph, "", `query($r: String!) { r: fakepayLedger(reference: $r) { authorizations voids captures } }`, map[string]any{"r": attempt})
}

func (s *shop) ledger(attempt string) ledger {
	s.t.Helper()
	l, err := askLedger(s.t.Context(), s.graph, attempt)
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

// released waits until an attempt that failed has left nothing behind.
func (s *shop) released(p *purchase, before int) {
	s.t.Helper()
	eventually(s.t, "the stock is back and the cart is free", func() bool {
		return s.pieces(p.variant) == before && s.cartState(p) == "ACTIVE"
	})
	if l := s.ledger(p.attempt); l.Authorizations != l.Voids {
		s.t.Errorf("the gateway's ledger of a failed attempt is %+v", l)
	}
}

// with is the shop for a test within the test that started it.
func (s *shop) with(t *testing.T) *shop {
	of := *s
	of.t = t
	return &of
}

// shades returns the variants of the product that catalogue makes, once they can be ordered: cart keeps what it sells, and is
// told of an import a moment later.
func (s *shop) shades(n int) []string {
	s.t.Helper()
	a := s.must("", `{ product(handle: "lantern") { variants(first: 250) { nodes { id } } } }`, nil)
	var ids []string
	for i := range n {
		ids = append(ids, get[string](s.t, a.Data, "product", "variants", "nodes", i, "id"))
	}
	eventually(s.t, "the catalogue can be ordered", func() bool {
		_, err := s.prepare(s.t.Context(), "", ids[0], 1, "ok")
		return err == nil
	})
	return ids
}
