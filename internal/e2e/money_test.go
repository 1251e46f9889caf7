package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMoney plays the whole story from the import to the order, in one process and as many.
func TestMoney(t *testing.T) {
	t.Parallel()
	t.Run("one process", func(t *testing.T) {
		t.Parallel()
		startOne(t, "SOUK_TEST_MODE=1").storiesOfMoney()
	})
	t.Run("many processes", func(t *testing.T) {
		t.Parallel()
		f := startFleet(t)
		shade := f.storiesOfMoney()
		t.Run("what the services told each other", func(t *testing.T) { f.with(t).storyOfEvents(shade) })
		f.balanced()
	})
}

// storiesOfMoney plays all that needs nothing but the graph, and returns a variant that nobody bought.
func (s *shop) storiesOfMoney() string {
	s.t.Helper()
	s.load(data(s.t, "shopify-home-and-garden.csv"))
	s.load(stocked(s.t, 6, 50))
	shades := s.shades(6)
	token := s.signUp("ada@example.com", "Ada")
	s.t.Run("a customer's order", func(t *testing.T) { s.with(t).storyOfACustomer(token, shades[0]) })
	s.t.Run("a guest's order", func(t *testing.T) { s.with(t).storyOfAGuest(shades[1]) })
	s.t.Run("a payment is declined", func(t *testing.T) { s.with(t).storyOfADecline(token, shades[2], "decline") })
	s.t.Run("a payment is declined after a time-out", func(t *testing.T) { s.with(t).storyOfADecline("", shades[2], "timeout_then_decline") })
	s.t.Run("a payment succeeds after a time-out", func(t *testing.T) { s.with(t).storyOfATimeout(shades[3]) })
	s.t.Run("the total is another", func(t *testing.T) { s.with(t).storyOfATotal(shades[3]) })
	s.t.Run("orders one after another", func(t *testing.T) { s.with(t).storyOfTimes(shades[4]) })
	return shades[5]
}

// storyOfTimes measures how long it takes from asking for an order to its confirmation.
func (s *shop) storyOfTimes(shade string) {
	s.t.Helper()
	var times []time.Duration
	for i := range 20 {
		p := s.prepared("", shade, 1, "ok")
		began := time.Now()
		if r, err := p.place(s.t.Context(), fmt.Sprintf("order %02d of a row", i)); err != nil || r.Completion == nil || r.Completion.Status != "COMPLETED" {
			s.t.Errorf("checkoutComplete = %+v, %v, want COMPLETED at once", r, err)
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	s.t.Logf("checkoutComplete took %s, the slowest of twenty %s", times[10].Round(time.Millisecond), times[19].Round(time.Millisecond))
}

func (s *shop) storyOfACustomer(token, shade string) {
	s.t.Helper()
	before, stock := len(s.history(token)), s.pieces(shade)
	began := time.Now()
	p := s.ordered(token, shade, 2, "ok", "the key of Ada's order")
	s.t.Logf("from an empty cart to an order: %s", time.Since(began).Round(time.Millisecond))
	orders := s.history(token)
	if len(orders) != before+1 || orders[0].ID != p.order {
		s.t.Fatalf("the history is %+v, want %s as its latest", orders, p.order)
	}
	o := orders[0]
	if o.TotalQuantity != 2 || len(o.Lines.Nodes) != 1 || o.Lines.Nodes[0].Title != "Lantern" || o.PaymentStatus != "AUTHORIZED" || !strings.HasPrefix(o.Name, "#") {
		s.t.Errorf("the order is %+v", o)
	}
	if total := o.Cost.Total; total.Gross.Amount != p.total["amount"] || total.Gross.CurrencyCode != p.total["currencyCode"] {
		s.t.Errorf("the order costs %+v, agreed was %v", total, p.total)
	}
	if l := s.ledger(p.attempt); l != (ledger{Authorizations: 1}) {
		s.t.Errorf("the gateway's ledger is %+v, want one authorisation", l)
	}
	eventually(s.t, "two pieces less, and the cart is completed", func() bool { return s.pieces(shade) == stock-2 && s.cartState(p) == "COMPLETED" })

	again := p.settled(s.t, "the key of Ada's order")
	other := p.settled(s.t, "quite another key")
	if again.Order == nil || again.Order.ID != orders[0].ID || other.Order == nil || other.Order.ID != orders[0].ID {
		s.t.Errorf("the same key tells of %+v and another key of %+v, want the one order", again, other)
	}
	c, err := tryAsk[completion](s.t.Context(), s.graph, token, askCompletion, map[string]any{"cart": p.cart})
	if err != nil || c.Order == nil || c.Order.ID != p.order {
		s.t.Errorf("asked by its cart the completion is %+v, %v", c, err)
	}
	if a := s.ask("", `query($id: ID!) { order(id: $id) { id } }`, map[string]any{"id": p.order}); a.Data["order"] != nil {
		s.t.Errorf("a stranger sees the order: %+v", a)
	}
}

func (s *shop) storyOfAGuest(shade string) {
	s.t.Helper()
	p := s.ordered("", shade, 1, "ok", "the key of a guest")
	if len(p.opens) < 43 { // 256 bits in base64
		s.t.Fatalf("the guest's token is %q", p.opens)
	}
	const open = `query($id: ID!, $a: String) { r: order(id: $id, accessToken: $a) { ` + orderFields + ` } }`
	o, err := tryAsk[orderAnswer](s.t.Context(), s.graph, "", open, map[string]any{"id": p.order, "a": p.opens})
	if err != nil || o.ID != p.order || o.Email != "ada@example.com" {
		s.t.Errorf("with its token the order is %+v, %v", o, err)
	}
	for name, wrong := range map[string]any{"none": nil, "another": strings.Repeat("A", len(p.opens)), "its number": o.Name} {
		if a := s.ask("", `query($id: ID!, $a: String) { order(id: $id, accessToken: $a) { id } }`, map[string]any{"id": p.order, "a": wrong}); a.Data["order"] != nil {
			s.t.Errorf("with %s as token the order is %+v", name, a.Data)
		}
	}
}

func (s *shop) storyOfADecline(token, shade, pay string) {
	s.t.Helper()
	before := s.pieces(shade)
	p := s.prepared(token, shade, 1, pay)
	c := p.settled(s.t, "declined "+pay)
	if c.Status != "FAILED" || c.Failure == nil || c.Failure.Code != "PAYMENT_DECLINED" || c.Order != nil {
		s.t.Fatalf("the completion is %+v (%+v), want FAILED by PAYMENT_DECLINED", c, c.Failure)
	}
	s.released(p, before)
	failed := p.attempt
	if again := p.settled(s.t, "declined "+pay); again.AttemptID != failed || again.Status != "FAILED" {
		s.t.Errorf("the same key tells of %+v, want the old failure", again)
	}
	if err := p.pay(s.t.Context(), "ok"); err != nil {
		s.t.Fatal(err)
	}
	p.placed(s.t, "a second attempt "+pay)
	if p.attempt == failed {
		s.t.Error("the second attempt is the first one")
	}
	eventually(s.t, "one piece less, and the cart is completed", func() bool { return s.pieces(shade) == before-1 && s.cartState(p) == "COMPLETED" })
}

func (s *shop) storyOfATimeout(shade string) {
	s.t.Helper()
	p := s.prepared("", shade, 1, "timeout_then_ok")
	began := time.Now()
	r, err := p.place(s.t.Context(), "slow and good")
	if err != nil || r.Completion == nil {
		s.t.Fatalf("checkoutComplete = %+v, %v", r, err)
	}
	s.t.Logf("the mutation answered %s after %s", r.Completion.Status, time.Since(began).Round(time.Millisecond))
	p.placed(s.t, "slow and good")
	s.t.Logf("the order was placed after %s", time.Since(began).Round(time.Millisecond))
	if l := s.ledger(p.attempt); l != (ledger{Authorizations: 1}) {
		s.t.Errorf("the gateway's ledger is %+v, want one authorisation", l)
	}
}

func (s *shop) storyOfATotal(shade string) {
	s.t.Helper()
	before := s.pieces(shade)
	p := s.prepared("", shade, 1, "ok")
	agreed := p.total
	p.total = map[string]any{"amount": "0.01", "currencyCode": agreed["currencyCode"]}
	r, err := p.place(s.t.Context(), "a key that is not used up")
	if err != nil || r.Completion != nil || len(r.UserErrors) != 1 || r.UserErrors[0].Code != "TOTAL_CHANGED" {
		s.t.Errorf("checkoutComplete = %+v, %v, want TOTAL_CHANGED", r, err)
	}
	s.released(p, before)
	p.total = agreed
	p.placed(s.t, "a key that is not used up")
}

// storyOfEvents reads what the services told each other of one failure and of one order.
func (f *fleet) storyOfEvents(shade string) {
	f.t.Helper()
	failed := f.prepared("", shade, 1, "decline")
	if c := failed.settled(f.t, "this one fails"); c.Status != "FAILED" {
		f.t.Fatalf("the completion is %+v", c)
	}
	placed := f.ordered("", shade, 1, "ok", "this one succeeds")
	for attempt, want := range map[string]map[string][]string{
		failed.attempt: {"checkout": {"completion.requested.v1", "completion.failed.v1"}, "product": {"stock.reserved.v1"}, "cart": {"cart.frozen.v1", "cart.thawed.v1"}},
		placed.attempt: {"checkout": {"completion.requested.v1"}, "product": {"stock.reserved.v1"}, "cart": {"cart.frozen.v1", "cart.completed.v1"}},
	} {
		for service, types := range want {
			eventually(f.t, fmt.Sprintf("%s told %v", service, types), func() bool {
				return slices.Equal(f.texts(service, `SELECT event->>'type' FROM outbox WHERE subject LIKE '%/'||$1 AND position IS NOT NULL ORDER BY version`, uuidOf(attempt)), types)
			})
		}
	}
	orders := f.texts("checkout", `SELECT event->>'type' || ' of ' || (event->'data'->>'completionId') FROM outbox WHERE subject = $1`, placed.order)
	if !slices.Equal(orders, []string{"order.placed.v1 of gid://souk/CheckoutCompletion/" + uuidOf(placed.attempt)}) {
		f.t.Errorf("told of orders is %v", orders)
	}
}
