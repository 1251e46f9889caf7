package subgraphs_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/payment"
	"github.com/soukhq/souk/subgraphs/checkout/postgres"
)

// placed is an order as who placed it is told of it.
type placed struct {
	Order            struct{ ID, Name string }
	OrderAccessToken string
}

// placer places orders in the database of a checkout service, in the place of product and cart.
type placer struct {
	*checkoutService
	db     *outbox.DB
	store  checkout.Store
	worker *payment.Worker
}

func startPlacer(t *testing.T) *placer {
	t.Helper()
	p := &placer{checkoutService: startCheckout(t)}
	db, err := database.Open(t.Context(), p.address, 5, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	p.db = outbox.Open(db)
	p.store = postgres.New(p.db)
	p.worker = &payment.Worker{
		Store: p.store, Gateways: map[string]checkout.Gateway{"fakepay": payment.NewFakepay(p.env.FakepayURL)}, Owner: t.Name(),
		Secret: func(id uuid.UUID) string { return p.env.CartKeys.Secrets("order", id)[0] }, Now: p.env.Now, Log: slog.New(slog.DiscardHandler),
	}
	return p
}

// place places an order with so many lines.
func (p *placer) place(t *testing.T, who identity.Identity, lines int) placed {
	t.Helper()
	return p.order(t, who, p.ready(t, who, lines))
}

// order places the order of a checkout that is ready.
func (p *placer) order(t *testing.T, who identity.Identity, c *checkoutData) placed {
	t.Helper()
	id, _ := p.env.CartKeys.ParseAs("Checkout", c.ID)
	total, err := money.Parse(c.Cost.Total.Amount, c.Cost.Total.CurrencyCode)
	if err != nil {
		t.Fatal(err)
	}
	completion, _, err := p.store.Complete(t.Context(), id, checkout.Ask{Key: id[:], Request: id[:], Expected: total}, p.env.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range postgres.Sources(p.env.Now) {
		answer := event.New(completion.AttemptID(), 1, event.StockReserved{}, p.env.Now())
		if source.Service == "cart" {
			answer = event.New(completion.AttemptID(), 1, event.CartFrozen{}, p.env.Now())
		}
		if err := p.db.Transact(t.Context(), "test", func(tx *database.Tx) ([]event.Event, error) {
			return source.Handlers[answer.Type](t.Context(), tx, answer)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := p.worker.RunOnce(t.Context()); n != 1 || err != nil {
		t.Fatalf("the worker settled %d completions: %v", n, err)
	}
	var data struct{ CheckoutCompletion placed }
	p.ask(t, who, `query ($cart: ID!) { checkoutCompletion(cartId: $cart) { order { id name } orderAccessToken } }`, map[string]any{"cart": c.Cart.ID}, &data)
	return data.CheckoutCompletion
}

const wholeOrder = `{ id name number placedAt currencyCode state paymentStatus fulfillmentStatus returnStatus totalQuantity email phone
  customer { id } shippingAddress { city countryCode } billingAddress { zip }
  cost { subtotal { amount } shipping { gross { amount } net { amount } tax { amount } } total { gross { amount } net { amount } tax { amount } }
    taxLines { title rate amount { amount } jurisdiction } pricesIncludeTax }
  lines(first: 250) { totalCount { value } nodes { id title variantTitle sku quantity unitPrice { amount } total { gross { amount } tax { amount } }
    taxLines { rate } image { url altText } selectedOptions { name value } attributes { key value } requiresShipping variant { id } } } }`

func TestAnOrderTellsAllByItself(t *testing.T) { // Rules O-12, F-3, A-5.
	t.Parallel()
	p := startPlacer(t)
	guest := p.place(t, nobody, 2)
	p.carts.set(func() { p.carts.down = true })
	asked := p.carts.asked
	var data struct{ Order map[string]any }
	n := p.ask(t, nobody, `query ($id: ID!, $token: String) { order(id: $id, accessToken: $token) `+wholeOrder+` }`,
		map[string]any{"id": guest.Order.ID, "token": guest.OrderAccessToken}, &data)
	if n != 1 || p.carts.asked != asked {
		t.Errorf("%d statements and %d questions, want 1 and none", n, p.carts.asked-asked)
	}
	o := data.Order
	lines := o["lines"].(map[string]any)["nodes"].([]any)
	for i, l := range lines {
		line := l.(map[string]any)
		if !strings.HasPrefix(line["id"].(string), "gid://souk/OrderLine/") || line["variant"] == nil {
			t.Errorf("line %d = %v", i, line)
		}
		delete(line, "id")
		delete(line, "variant")
	}
	money := func(amount string) map[string]any { return map[string]any{"amount": amount} }
	line := func(title string) map[string]any {
		return map[string]any{
			"title": title, "variantTitle": "Big", "sku": "T-1", "quantity": 2.0, "unitPrice": money("9.99"), "requiresShipping": true,
			"total": map[string]any{"gross": money("19.98"), "tax": money("3.19")}, "taxLines": []any{map[string]any{"rate": "0.19"}},
			"image":           map[string]any{"url": "http://media.test/files/tea.jpg", "altText": "a pot"},
			"selectedOptions": []any{map[string]any{"name": "Size", "value": "Big"}}, "attributes": []any{map[string]any{"key": "engraving", "value": "A"}},
		}
	}
	want := map[string]any{
		"id": guest.Order.ID, "name": "#10001", "number": "10001", "placedAt": "2026-11-22T12:00:00Z", "currencyCode": "EUR", "state": "OPEN",
		"paymentStatus": "AUTHORIZED", "fulfillmentStatus": "UNFULFILLED", "returnStatus": "NONE", "totalQuantity": 4.0,
		"email": "told.to.cart@example.test", "phone": nil, "customer": nil,
		"shippingAddress": map[string]any{"city": "Berlin", "countryCode": "DE"}, "billingAddress": map[string]any{"zip": "10115"},
		"cost": map[string]any{
			"subtotal": money("39.96"), "shipping": map[string]any{"gross": money("4.90"), "net": money("4.12"), "tax": money("0.78")},
			"total":    map[string]any{"gross": money("44.86"), "net": money("37.70"), "tax": money("7.16")},
			"taxLines": []any{map[string]any{"title": "VAT", "rate": "0.19", "amount": money("7.16"), "jurisdiction": "DE"}}, "pricesIncludeTax": true,
		},
		"lines": map[string]any{"totalCount": map[string]any{"value": 2.0}, "nodes": []any{line("Tea 0"), line("Tea 1")}},
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestWhoSeesAnOrder(t *testing.T) { // Rules.
	t.Parallel()
	p := startPlacer(t)
	ada, bob := identity.Identity{Customer: gid.Format("Customer", gid.New())}, identity.Identity{Customer: gid.Format("Customer", gid.New())}
	hers, guests, other := p.place(t, ada, 1), p.place(t, nobody, 1), p.place(t, nobody, 1)
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		who       identity.Identity
		id, token string
		age       time.Duration
		want      string // the town, null where there is an order without it
	}{
		"her own":                            {ada, hers.Order.ID, "", 365 * day, "Berlin"},
		"her own with any secret":            {ada, hers.Order.ID, "x", 0, "Berlin"},
		"another customer's":                 {bob, hers.Order.ID, "", 0, "nothing"},
		"a customer's, signed out":           {nobody, hers.Order.ID, "", 0, "nothing"},
		"a customer's has no secret":         {nobody, hers.Order.ID, hers.OrderAccessToken, 0, "nothing"},
		"a guest's with its secret":          {nobody, guests.Order.ID, guests.OrderAccessToken, 0, "Berlin"},
		"a guest's with its secret, by bob":  {bob, guests.Order.ID, guests.OrderAccessToken, 0, "Berlin"},
		"a guest's without it":               {nobody, guests.Order.ID, "", 0, "nothing"},
		"a guest's, signed in":               {ada, guests.Order.ID, "", 0, "nothing"},
		"a guest's with another's secret":    {nobody, guests.Order.ID, other.OrderAccessToken, 0, "nothing"},
		"a guest's after 30 days":            {nobody, guests.Order.ID, guests.OrderAccessToken, 30 * day, "null"},
		"a guest's after 90 days":            {nobody, guests.Order.ID, guests.OrderAccessToken, 90 * day, "nothing"},
		"one that is not there":              {ada, gid.Format("Order", gid.New()), guests.OrderAccessToken, 0, "nothing"},
		"its number is no id":                {nobody, "10002", guests.OrderAccessToken, 0, "nothing"},
		"the id of something else, same key": {ada, strings.Replace(hers.Order.ID, "Order", "Cart", 1), "", 0, "nothing"},
	} {
		p.later.Store(int64(c.age))
		var data struct {
			Order *struct {
				ShippingAddress struct{ City *string }
			}
		}
		p.ask(t, c.who, `query ($id: ID!, $token: String) { order(id: $id, accessToken: $token) { shippingAddress { city } } }`, map[string]any{"id": c.id, "token": c.token}, &data)
		got := "nothing"
		if data.Order != nil {
			if got = "null"; data.Order.ShippingAddress.City != nil {
				got = *data.Order.ShippingAddress.City
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	reps := []any{}
	for _, id := range []string{guests.Order.ID, hers.Order.ID, "x", hers.Order.ID} {
		reps = append(reps, map[string]any{"__typename": "Order", "id": id})
	}
	for who, want := range map[string]string{"ada": "- her - her", "bob": "- - - -", "": "- - - -"} {
		var data struct {
			Entities []*struct{ ID string } `json:"_entities"`
		}
		statements := p.ask(t, map[string]identity.Identity{"ada": ada, "bob": bob}[who], `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Order { id } } }`, map[string]any{"r": reps}, &data)
		var seen []string
		for _, e := range data.Entities {
			if e == nil {
				seen = append(seen, "-")
			} else if e.ID == hers.Order.ID {
				seen = append(seen, "her")
			}
		}
		if got := strings.Join(seen, " "); got != want || statements > 1 {
			t.Errorf("entities for %q: %s with %d statements, want %s with one", who, got, statements, want)
		}
	}
}

const historyQuery = `query ($customers: [_Any!]!, $first: Int, $after: String) { _entities(representations: $customers) { ... on Customer {
  orders(first: $first, after: $after) { totalCount { value exact } pageInfo { hasNextPage endCursor } nodes { name lines { nodes { title } } } } } } }`

type history struct {
	Orders struct {
		TotalCount struct{ Value int }
		PageInfo   struct {
			HasNextPage bool
			EndCursor   string
		}
		Nodes []struct {
			Name  string
			Lines struct{ Nodes []struct{ Title string } }
		}
	}
}

// history reads the orders of customers as somebody. It returns the number of SQL statements too.
func (p *placer) history(t *testing.T, who identity.Identity, first int, after *string, customers ...identity.Identity) ([]*history, int) {
	t.Helper()
	reps := make([]any, len(customers))
	for i, c := range customers {
		reps[i] = map[string]any{"__typename": "Customer", "id": c.Customer}
	}
	var data struct {
		Entities []*history `json:"_entities"`
	}
	n := p.ask(t, who, historyQuery, map[string]any{"customers": reps, "first": first, "after": after}, &data)
	return data.Entities, n
}

func TestTheHistoryOfACustomer(t *testing.T) { // Rules A-3, F-4, F-5, G-5.
	t.Parallel()
	p := startPlacer(t)
	ada, bob := identity.Identity{Customer: gid.Format("Customer", gid.New())}, identity.Identity{Customer: gid.Format("Customer", gid.New())}
	p.place(t, bob, 1)
	names := []string{p.place(t, ada, 1).Order.Name}
	_, one := p.history(t, ada, 250, nil, ada)
	for range 5 {
		names = append([]string{p.place(t, ada, 10).Order.Name}, names...)
	}
	all, six := p.history(t, ada, 250, nil, ada, ada, ada)
	if one != 1 || six != 1 {
		t.Errorf("%d statements for 1 order, %d for 6 that are asked for three times; want 1", one, six)
	}
	if got := all[2].Orders; got.TotalCount.Value != 6 || len(got.Nodes) != 6 || len(got.Nodes[0].Lines.Nodes) != 10 {
		t.Errorf("the history is %+v", got)
	}
	var got []string
	var cursor *string
	for more := true; more; {
		pages, _ := p.history(t, ada, 4, cursor, ada)
		page := pages[0].Orders
		for _, o := range page.Nodes {
			got = append(got, o.Name)
		}
		more, cursor = page.PageInfo.HasNextPage, &page.PageInfo.EndCursor
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("orders by pages of 4 (-want +got):\n%s", diff)
	}
	others, _ := p.history(t, bob, 5, nil, ada, bob)
	if others[0] != nil || others[1].Orders.TotalCount.Value != 1 {
		t.Error("bob sees the orders of ada, or not his own")
	}
	if nothing, n := p.history(t, nobody, 5, nil, ada); nothing[0] != nil || n != 0 {
		t.Error("nobody sees the orders of ada")
	}
}
