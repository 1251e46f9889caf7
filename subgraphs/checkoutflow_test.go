package subgraphs_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
)

func TestFromCartToReadyCheckout(t *testing.T) {
	t.Parallel()
	s := startCheckout(t)
	cart, facts := s.carts.fill(nil, 2)
	got := s.create(t, nobody, cart)
	if len(got.UserErrors) > 0 || s.carts.asker.Service != "checkout" {
		t.Fatalf("checkoutCreate = %+v, asked as %+v", got.UserErrors, s.carts.asker)
	}
	c := got.Checkout
	if c.State != "OPEN" || c.Version != 1 || c.Cart.ID != cart || *c.Email != "told.to.cart@example.test" || c.Cost.Total.Amount != "39.96" || c.Cost.Shipping != nil ||
		*c.Cost.TotalTax != (euros{Amount: "6.38"}) || !c.PriceLockedUntil.Equal(noon.Add(15*time.Minute)) || c.PaymentMethods[0].Gateway != "fakepay" {
		t.Errorf("the new checkout is %+v", c)
	}
	if l := c.Lines[0]; l.Title != "Tea 0" || l.Total.Amount != "19.98" || l.Image.URL == "" || l.SelectedOptions[0].Value != "Big" || l.Attributes[0].Value != "A" || l.Variant.ID == "" {
		t.Errorf("the first line is %+v", l)
	}
	if c.codes() != "ADDRESS_INVALID DELIVERY_OPTION_REQUIRED" {
		t.Errorf("problems %q", c.codes())
	}
	updated, _ := s.update(t, nobody, c.ID, map[string]any{"email": "ada@example.test", "phone": "+49 30 12345", "shippingAddress": berlin})
	if u := updated.Checkout; len(updated.UserErrors) > 0 || u.Version != 2 || *u.Email != "ada@example.test" || u.ShippingAddress.City != "Berlin" || len(u.ShippingAddress.Formatted) != 4 {
		t.Errorf("checkoutUpdate = %+v, %+v", updated.UserErrors, updated.Checkout)
	}
	delivered, _ := s.deliver(t, nobody, c, "standard")
	if d := delivered.Checkout; d.Cost.Total.Amount != "44.86" || d.Cost.Shipping.Amount != "4.90" || d.Cost.TotalTax.Amount != "7.16" || d.DeliveryGroups[0].SelectedDeliveryOption.Handle != "standard" {
		t.Errorf("checkoutDeliveryOptionSelect = %+v", d.Cost)
	}
	paying, _ := s.pay(t, nobody, c.ID, "fakepay", map[string]any{"token": "ok"})
	if p := paying.Checkout; p.PaymentSession == nil || p.PaymentSession.Gateway != "fakepay" || p.codes() != "" || p.Version != 4 {
		t.Errorf("checkoutPaymentSessionCreate = %+v, %+v", paying.UserErrors, p)
	}
	again := s.create(t, nobody, cart)
	if again.Checkout.ID != c.ID || again.Checkout.ShippingAddress == nil || again.Checkout.Cost.Total.Amount != "44.86" {
		t.Errorf("a second checkoutCreate = %+v, want the same checkout refreshed", again.Checkout)
	}
	s.carts.set(func() { facts["state"] = "LOCKED" })
	if got := s.create(t, nobody, cart); brief(got.UserErrors)[0] != "CART_LOCKED at cartId" || got.Checkout == nil {
		t.Errorf("checkoutCreate of a locked cart = %+v, want the checkout as it is (rule G-2)", got)
	}
}

func TestCheckoutUserErrors(t *testing.T) { // Rules G-2, G-8, B-1.
	t.Parallel()
	s := startCheckout(t)
	cart, _ := s.carts.fill(nil, 1)
	empty, _ := s.carts.fill(nil, 0)
	c := s.create(t, nobody, cart).Checkout
	key := map[string]any{"checkoutId": c.ID, "input": map[string]any{"email": "a@b.test"}, "idempotencyKey": "checkout-key-1"}
	withKey := "$checkoutId: ID!, $input: CheckoutUpdateInput!, $idempotencyKey: String"
	if p, _ := s.do(t, nobody, "checkoutUpdate", withKey, key); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors)
	}
	if p, _ := s.do(t, nobody, "checkoutUpdate", withKey, key); len(p.UserErrors) > 0 || p.Checkout.Version != 2 {
		t.Errorf("the repeated call = %+v (rule G-4)", p)
	}
	key["input"] = map[string]any{"email": "c@d.test"}
	reused, _ := s.do(t, nobody, "checkoutUpdate", withKey, key)
	wrong, _ := s.update(t, nobody, c.ID, map[string]any{"email": "a b", "shippingAddress": map[string]any{"countryCode": "ZZ"}})
	handle, _ := s.deliver(t, nobody, c, "pigeon")
	gateway, _ := s.pay(t, nobody, c.ID, "bank", nil)
	token, _ := s.pay(t, nobody, c.ID, "fakepay", map[string]any{"token": "gold"})
	unknown, _ := s.update(t, nobody, s.env.CartKeys.FormatAs("Checkout", gid.New()), map[string]any{})
	s.carts.set(func() { s.carts.down = true })
	down := s.create(t, nobody, cart)
	for name, c := range map[string]struct {
		got         checkoutPayload
		want        []string
		hasCheckout bool
	}{
		"the key of another request": {reused, []string{"IDEMPOTENCY_KEY_REUSED at idempotencyKey"}, true},
		"wrong input":                {wrong, []string{"EMAIL_INVALID at input.email", "ADDRESS_INVALID at input.shippingAddress.countryCode"}, true},
		"another way of delivery":    {handle, []string{"DELIVERY_OPTION_UNAVAILABLE at selections.0.optionHandle"}, true},
		"no such gateway":            {gateway, []string{"NOT_FOUND at gateway"}, true},
		"data the gateway refuses":   {token, []string{"PAYMENT_SESSION_INVALID at data.token"}, true},
		"no such checkout":           {unknown, []string{"NOT_FOUND at checkoutId"}, false},
		"an empty cart": {func() checkoutPayload {
			s.carts.set(func() { s.carts.down = false })
			return s.create(t, nobody, empty)
		}(), []string{"CART_EMPTY at cartId"}, false},
		"a cart without its key": {s.create(t, nobody, gid.Format("Cart", gid.New())), []string{"CART_NOT_FOUND at cartId"}, false},
		"a cart that is gone":    {s.create(t, nobody, s.env.CartKeys.Format(gid.New())), []string{"CART_NOT_FOUND at cartId"}, false},
		"cart is down":           {down, []string{"SERVICE_UNAVAILABLE at "}, false},
	} {
		if diff := cmp.Diff(c.want, brief(c.got.UserErrors)); diff != "" || (c.got.Checkout != nil) != c.hasCheckout {
			t.Errorf("%s: checkout %v, userErrors (-want +got):\n%s", name, c.got.Checkout != nil, diff)
		}
	}
}

func TestACustomersCheckoutIsTheCustomersAlone(t *testing.T) { // Rules A-3, C-6.
	t.Parallel()
	s := startCheckout(t)
	ada, bob := identity.Identity{Customer: gid.Format("Customer", gid.New())}, identity.Identity{Customer: gid.Format("Customer", gid.New())}
	cart, _ := s.carts.fill(&ada.Customer, 1)
	for _, who := range []identity.Identity{nobody, bob} {
		if got := s.create(t, who, cart); got.Checkout != nil || brief(got.UserErrors)[0] != "CART_NOT_FOUND at cartId" {
			t.Errorf("checkoutCreate as %+v = %+v", who, got)
		}
	}
	c := s.create(t, ada, cart).Checkout
	plain := strings.Split(c.ID, "?")[0]
	if s.read(t, ada, c.ID) == nil || s.read(t, bob, c.ID) != nil || s.read(t, nobody, c.ID) != nil || s.read(t, ada, plain) != nil {
		t.Error("the checkout is shown to others than its owner with its key")
	}
	if got, _ := s.update(t, bob, c.ID, map[string]any{"email": "b@b.test"}); got.Checkout != nil || brief(got.UserErrors)[0] != "NOT_FOUND at checkoutId" {
		t.Errorf("checkoutUpdate of another's = %+v", got)
	}
	guest, _ := s.carts.fill(nil, 1)
	open := s.create(t, nobody, guest).Checkout
	if s.read(t, nobody, open.ID) == nil || s.read(t, bob, open.ID) == nil {
		t.Error("a guest's checkout is not shown to who has its key")
	}
	reps := []any{}
	for _, id := range []string{c.ID, open.ID, plain, open.ID, "x", strings.Replace(open.ID, "Checkout", "Cart", 1)} {
		reps = append(reps, map[string]any{"__typename": "Checkout", "id": id})
	}
	var data struct {
		Entities []*struct{ ID string } `json:"_entities"`
	}
	n := s.ask(t, nobody, `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Checkout { id } } }`, map[string]any{"r": reps}, &data)
	if e := data.Entities; n != 1 || e[0] != nil || e[1].ID != open.ID || e[2] != nil || e[3].ID != open.ID || e[4] != nil || e[5] != nil {
		t.Errorf("entities %+v with %d statements", data.Entities, n)
	}
}

func TestPricesAreLockedForAWhile(t *testing.T) { // Rule P-6.
	t.Parallel()
	s := startCheckout(t)
	cart, facts := s.carts.fill(nil, 1)
	c := s.create(t, nobody, cart).Checkout
	dearer := func(price string) {
		s.carts.set(func() {
			facts["lines"].([]any)[0].(map[string]any)["unitPrice"] = map[string]any{"amount": price, "currencyCode": "EUR"}
			facts["version"] = 5
		})
	}
	dearer("12.00")
	s.later.Store(int64(15*time.Minute - 1))
	if got, _ := s.update(t, nobody, c.ID, map[string]any{"phone": "12345"}); got.Checkout.Cost.Total.Amount != "19.98" || got.Checkout.codes() != "ADDRESS_INVALID DELIVERY_OPTION_REQUIRED" {
		t.Errorf("within the lock: %+v", got.Checkout.Cost)
	}
	s.later.Store(int64(15 * time.Minute))
	if got := s.read(t, nobody, c.ID); !strings.HasPrefix(got.codes(), "CHECKOUT_EXPIRED") {
		t.Errorf("after the lock the problems are %q", got.codes())
	}
	s.carts.set(func() { s.carts.down = true })
	if got, _ := s.update(t, nobody, c.ID, map[string]any{"phone": "23456"}); len(got.UserErrors) > 0 || *got.Checkout.Phone != "23456" || got.Checkout.Cost.Total.Amount != "19.98" {
		t.Errorf("with cart down: %+v; what the buyer says is kept all the same", got)
	}
	s.carts.set(func() { s.carts.down = false })
	got, _ := s.update(t, nobody, c.ID, map[string]any{"phone": "34567"})
	if len(got.UserErrors) > 0 || got.Checkout.Cost.Total.Amount != "24.00" || !got.Checkout.PriceLockedUntil.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("after the lock: %+v, want the new price, locked anew", got.Checkout)
	}
}

func TestCheckoutStatementsDoNotGrowWithLines(t *testing.T) { // Rule F-5.
	t.Parallel()
	s := startCheckout(t)
	counts := map[int][]int{}
	for _, lines := range []int{1, 50} {
		cart, _ := s.carts.fill(nil, lines)
		created, n := s.do(t, nobody, "checkoutCreate", "$cartId: ID!", map[string]any{"cartId": cart})
		c := created.Checkout
		_, again := s.do(t, nobody, "checkoutCreate", "$cartId: ID!", map[string]any{"cartId": cart})
		_, updated := s.update(t, nobody, c.ID, map[string]any{"shippingAddress": berlin})
		_, delivered := s.deliver(t, nobody, c, "standard")
		_, paid := s.pay(t, nobody, c.ID, "fakepay", map[string]any{"token": "ok"})
		counts[lines] = []int{n, again, updated, delivered, paid}
	}
	if diff := cmp.Diff(counts[1], counts[50]); diff != "" {
		t.Errorf("statements of create, create again, update, deliver, pay with 1 line and with 50 (-1 +50):\n%s", diff)
	}
}

func TestParallelCheckoutsOfACartAreOne(t *testing.T) {
	t.Parallel()
	s := startCheckout(t)
	cart, _ := s.carts.fill(nil, 3)
	var ids sync.Map
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { ids.Store(s.create(t, nobody, cart).Checkout.ID, true) })
	}
	all.Wait()
	n := 0
	ids.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d checkouts of one cart, want one", n)
	}
}

func TestLogsHoldNothingSecret(t *testing.T) { // Rules A-6, G-1.
	t.Parallel()
	s := startCheckout(t)
	c := s.ready(t, nobody, 1)
	s.update(t, nobody, c.ID, map[string]any{"email": "wrong marker@example.test"})
	s.create(t, nobody, s.env.CartKeys.Format(uuid.New()))
	for _, secret := range []string{"?key=", "told.to.cart@example.test", "marker@example.test", "Secret Way", "Marker"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestCheckoutAndCartTogether(t *testing.T) { // Rule B-1 c.
	t.Parallel()
	s, carts := startCheckout(t), startCart(t)
	s.env.Calls.AddHandler("cart", carts.handler)
	tea := carts.product.sell("tea", "2.50", "EUR", nil)
	cart := carts.create(t, nobody, map[string]any{"lines": []any{line(tea, 3)}, "buyerIdentity": map[string]any{"email": "ada@example.test", "countryCode": "AT"}}).Cart
	got := s.create(t, nobody, cart.ID)
	if len(got.UserErrors) > 0 {
		t.Fatal(got.UserErrors)
	}
	c := got.Checkout
	if c.Cart.ID != cart.ID || *c.Email != "ada@example.test" || c.Cost.Total.Amount != "7.50" || c.Cost.TotalTax.Amount != "1.25" || c.Lines[0].Variant.ID != tea || c.Lines[0].ID != cart.Lines.Nodes[0].ID {
		t.Errorf("the checkout of the cart %+v is %+v", cart, c)
	}
	group := s.groupOf(t, cart.ID, cart.Lines.Nodes[0].ID)
	if group != c.DeliveryGroups[0].ID {
		t.Errorf("the group of the cart is %s, that of the checkout %s: one has to be chosen by the id of the other", group, c.DeliveryGroups[0].ID)
	}
}

// groupOf returns the id of the delivery group that checkout adds to a cart with one line.
func (s *checkoutService) groupOf(t *testing.T, cart, line string) string {
	t.Helper()
	var data struct {
		Entities []*deliveryCart `json:"_entities"`
	}
	s.ask(t, nobody, groupsOfCarts, map[string]any{"carts": []any{representation(cart, "EUR", true, line)}}, &data)
	return data.Entities[0].DeliveryGroups.Nodes[0].ID
}
