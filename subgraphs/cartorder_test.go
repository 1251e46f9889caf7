package subgraphs_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
)

const factsForCheckout = `query ($carts: [_Any!]!) { _entities(representations: $carts) { ... on Cart { checkoutFacts {
  version state currencyCode customerId email phone countryCode
  lines { lineId variantId productId quantity priceId unitPrice { amount currencyCode } compareAtUnitPrice { amount } title variantTitle sku handle
    image { url altText width height } selectedOptions { name value } requiresShipping taxClass weightGrams attributes { key value } availability }
} } } }`

type checkoutFacts struct {
	Version                               int
	State, CurrencyCode                   string
	CustomerID, Email, Phone, CountryCode *string
	Lines                                 []checkoutLine
}

type checkoutLine struct {
	LineID, VariantID, ProductID, Title, VariantTitle, SKU, Handle, TaxClass, Availability string
	PriceID                                                                                *string
	Quantity, WeightGrams                                                                  int
	UnitPrice, CompareAtUnitPrice                                                          amount
	Image                                                                                  struct {
		URL, AltText  string
		Width, Height int
	}
	SelectedOptions  []struct{ Name, Value string }
	Attributes       []struct{ Key, Value string }
	RequiresShipping bool
}

// facts asks for what checkout makes an order of.
func (s cartService) facts(t *testing.T, who identity.Identity, id string) (*checkoutFacts, int) {
	t.Helper()
	var data struct {
		Entities []*struct{ CheckoutFacts *checkoutFacts } `json:"_entities"`
	}
	n := s.ask(t, who, factsForCheckout, map[string]any{"carts": []any{map[string]string{"__typename": "Cart", "id": id}}}, &data)
	if data.Entities[0] == nil {
		return nil, n
	}
	return data.Entities[0].CheckoutFacts, n
}

// TestCheckoutIsToldTheFacts asserts rules P-6 and O-2d: everything that an order is made of, priced now, for checkout only.
func TestCheckoutIsToldTheFacts(t *testing.T) {
	t.Parallel()
	s := startCart(t)
	ann := identity.Identity{Customer: gid.Format("Customer", gid.New())}
	checkout := identity.Identity{Service: "checkout"}
	pot, cup, fresh := oneVariant("pot", "9.99", "EUR", new(3)), oneVariant("cup", "2.50", "EUR", nil), s.product.launch("jar", "7.00", "EUR", nil)
	s.product.tell(pot, cup)
	created := s.create(t, ann, map[string]any{
		"buyerIdentity": map[string]any{"email": "ann@example.com", "phone": "+49 30 12345", "countryCode": "DE"},
		"lines": []any{
			map[string]any{"merchandiseId": pot.Variants[0].VariantID, "quantity": 2, "attributes": []any{map[string]any{"key": "a", "value": "1"}}},
			line(cup.Variants[0].VariantID, 1), line(fresh, 1),
		},
	})
	if len(created.UserErrors) > 0 {
		t.Fatal(created.UserErrors)
	}
	id, nodes := created.Cart.ID, created.Cart.Lines.Nodes
	got, statements := s.facts(t, checkout, id)
	if statements != 2 {
		t.Errorf("%d statements, want 2", statements)
	}
	want := checkoutLine{
		LineID: nodes[0].ID, VariantID: pot.Variants[0].VariantID, ProductID: pot.ProductID, Title: "pot", VariantTitle: "Big", SKU: "pot-1", Handle: "the-pot",
		TaxClass: "standard", Availability: "AVAILABLE", PriceID: &pot.Variants[0].Prices[0].PriceID, Quantity: 2, WeightGrams: 250,
		UnitPrice: amount{"9.99", "EUR"}, CompareAtUnitPrice: amount{Amount: "99.00"}, RequiresShipping: true,
		SelectedOptions: []struct{ Name, Value string }{{"Size", "Big"}}, Attributes: []struct{ Key, Value string }{{"a", "1"}},
	}
	want.Image.URL, want.Image.AltText, want.Image.Width, want.Image.Height = "http://media.test/files/tea.jpg", "a pot", 10, 20
	if diff := cmp.Diff(want, got.Lines[0]); diff != "" {
		t.Errorf("the first line (-want +got):\n%s", diff)
	}
	if got.Version != 1 || got.State != "ACTIVE" || got.CurrencyCode != "EUR" || *got.CustomerID != ann.Customer || *got.Email != "ann@example.com" ||
		*got.Phone != "+49 30 12345" || *got.CountryCode != "DE" {
		t.Errorf("facts = %+v", got)
	}
	if l := got.Lines[2]; l.PriceID != nil || l.Availability != "UNAVAILABLE" || l.UnitPrice.Amount != "7.00" {
		t.Errorf("a line without a price row is %+v", l)
	}
	for name, who := range map[string]identity.Identity{"the owner": ann, "a guest": nobody, "another service": {Service: "product"}} {
		if got, _ := s.facts(t, who, id); got != nil {
			t.Errorf("%s is told %+v", name, got)
		}
	}
	plain, _, _ := strings.Cut(id, "?")
	if got, _ := s.facts(t, checkout, plain); got != nil {
		t.Errorf("without the key: %+v", got)
	}
	pot.Version, pot.Variants[0].Stock.Version, pot.Variants[0].Stock.Available = 2, 2, 1
	pot.Variants[0].Prices[0].PriceID, pot.Variants[0].Prices[0].Amount = gid.New().String(), "8.00"
	cup.Version, cup.Variants[0].Prices = 2, nil
	s.product.tell(pot, cup)
	got, _ = s.facts(t, checkout, id)
	if l := got.Lines[0]; l.Availability != "OUT_OF_STOCK" || l.UnitPrice.Amount != "8.00" || *l.PriceID != pot.Variants[0].Prices[0].PriceID || got.Version != 1 {
		t.Errorf("after the price fell, version %d: %+v", got.Version, l)
	}
	if l := got.Lines[1]; l.Availability != "NO_PRICE" || l.UnitPrice.Amount != "2.50" {
		t.Errorf("after the price went: %+v", l)
	}
	if b, _ := s.read(t, ann, id); b.Lines.Nodes[0].State != "INSUFFICIENT_STOCK" || b.Lines.Nodes[1].State != "NO_PRICE" || b.Version != 1 {
		t.Errorf("the cart that is read is %+v", b.Lines.Nodes)
	}
	pot.Version, pot.PublishedAt = 3, nil
	s.product.tell(pot)
	if got, _ = s.facts(t, checkout, id); got.Lines[0].Availability != "UNAVAILABLE" || got.Lines[0].Title != "pot" {
		t.Errorf("after it was taken off sale: %+v", got.Lines[0])
	}
}

// TestACartThatIsBeingOrdered asserts rule C-10: writes are refused, reads are fine.
func TestACartThatIsBeingOrdered(t *testing.T) {
	t.Parallel()
	s := startCart(t)
	tea := s.product.sell("tea", "2.50", "EUR", new(5))
	created := s.create(t, nobody, map[string]any{"lines": []any{line(tea, 2)}}).Cart
	plain, _, _ := strings.Cut(created.ID, "?")
	attempt := gid.Format("CheckoutCompletion", gid.New())
	write := func(want string) {
		t.Helper()
		for name, got := range map[string]payload{
			"add": s.add(t, created.ID, line(tea, 1)), "update": s.update(t, created.ID, map[string]any{"id": created.Lines.Nodes[0].ID, "quantity": 0}),
			"note": s.do(t, nobody, "cartNoteUpdate", "cartId: ID!, note: String!", map[string]any{"cartId": created.ID, "note": "x"}),
		} {
			if diff := cmp.Diff([]string{want + " at cartId"}, brief(got.UserErrors)); diff != "" || got.Cart.TotalQuantity != 2 || got.Cart.Version != 1 {
				t.Errorf("%s: cart %+v (-want +got):\n%s", name, got.Cart, diff)
			}
		}
	}
	s.product.hear(event.New(attempt, 1, event.CompletionRequested{CompletionID: attempt, CartID: plain, CartVersion: 1}, noon))
	write("CART_LOCKED")
	if got, _ := s.facts(t, identity.Identity{Service: "checkout"}, created.ID); got.State != "LOCKED" || got.Version != 1 {
		t.Errorf("checkout is told %+v", got)
	}
	s.product.hear(event.New("gid://souk/Order/1", 1, event.OrderPlaced{OrderID: "gid://souk/Order/1", CompletionID: attempt, CartID: plain}, noon))
	write("CART_COMPLETED")
	var data struct{ Cart struct{ State string } }
	if s.ask(t, nobody, `query ($id: ID!) { cart(id: $id) { state } }`, map[string]any{"id": created.ID}, &data); data.Cart.State != "COMPLETED" {
		t.Errorf("the state is %s", data.Cart.State)
	}
	if next := s.create(t, nobody, nil); len(next.UserErrors) > 0 || next.Cart.ID == created.ID {
		t.Errorf("the next cart is %+v", next)
	}
}

// TestKeysOfCartMutations asserts rule G-4 for each mutation of a cart.
func TestKeysOfCartMutations(t *testing.T) {
	t.Parallel()
	s := startCart(t)
	tea, fresh := s.product.sell("tea", "2.50", "EUR", nil), s.product.launch("cup", "1.00", "EUR", new(2))
	input := map[string]any{"lines": []any{line(tea, 2), line(fresh, 3)}}
	create := func(key string, input map[string]any) payload {
		return s.do(t, nobody, "cartCreate", "input: CartInput, idempotencyKey: String", map[string]any{"input": input, "idempotencyKey": key})
	}
	random := uuid.NewString()
	first, again := create(random, input), create(random, input)
	if len(first.UserErrors) > 0 || len(first.Warnings) != 1 || !cmp.Equal(first.Cart, again.Cart) || !cmp.Equal(first.Warnings, again.Warnings) {
		t.Fatalf("a repeated cartCreate differs:\n%s", cmp.Diff(first, again, cmp.AllowUnexported(payload{})))
	}
	if got := create(random, nil); brief(got.UserErrors)[0] != "IDEMPOTENCY_KEY_REUSED at idempotencyKey" {
		t.Errorf("another cart with the same key: %+v", got.UserErrors)
	}
	if got := create("my first cart", nil); brief(got.UserErrors)[0] != "INVALID at idempotencyKey" || got.Cart != nil {
		t.Errorf("a guest's key that can be guessed: %+v", got)
	}
	id, nodes := first.Cart.ID, first.Cart.Lines.Nodes
	for name, c := range map[string]struct {
		arguments string
		variables map[string]any
	}{
		"cartLinesAdd":            {"lines: [CartLineInput!]!", map[string]any{"lines": []any{line(tea, 1)}}},
		"cartLinesUpdate":         {"lines: [CartLineUpdateInput!]!", map[string]any{"lines": []any{map[string]any{"id": nodes[0].ID, "quantity": 9}}}},
		"cartLinesRemove":         {"lineIds: [ID!]!", map[string]any{"lineIds": []string{nodes[1].ID}}},
		"cartNoteUpdate":          {"note: String!", map[string]any{"note": "x"}},
		"cartAttributesUpdate":    {"attributes: [AttributeInput!]!", map[string]any{"attributes": []any{map[string]any{"key": "a", "value": "1"}}}},
		"cartBuyerIdentityUpdate": {"buyerIdentity: CartBuyerIdentityInput!", map[string]any{"buyerIdentity": map[string]any{"countryCode": "DE"}}},
	} {
		c.variables["cartId"], c.variables["idempotencyKey"] = id, "key of "+name
		var versions []int
		for range 2 {
			got := s.do(t, nobody, name, "cartId: ID!, idempotencyKey: String, "+c.arguments, c.variables)
			if len(got.UserErrors) > 0 {
				t.Errorf("%s: %+v", name, got.UserErrors)
			}
			versions = append(versions, got.Cart.Version)
		}
		if versions[0] != versions[1] {
			t.Errorf("%s: a repeated call made version %d of %d", name, versions[1], versions[0])
		}
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s.do(t, nobody, "cartLinesAdd", "cartId: ID!, idempotencyKey: String, lines: [CartLineInput!]!",
				map[string]any{"cartId": id, "idempotencyKey": "parallel", "lines": []any{line(tea, 100)}})
		})
	}
	wg.Wait()
	if got, _ := s.read(t, nobody, id); got.TotalQuantity >= 200 || got.TotalQuantity < 100 {
		t.Errorf("%d pieces after parallel calls with one key", got.TotalQuantity)
	}
}

func TestCartsInTheStateFeed(t *testing.T) { // Rule E-12.
	t.Parallel()
	s := startCart(t)
	created := s.create(t, nobody, map[string]any{"buyerIdentity": map[string]any{"email": "ann@example.com"}}).Cart
	plain, key, _ := strings.Cut(created.ID, "?")
	const numbered = `INSERT INTO feed (kind, subject, version, position) VALUES ('Cart', $1, 1, 1), ('Cart', $2, 1, 2)` // As the relay does.
	err := s.product.db.Transact(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(t.Context(), numbered, plain, gid.Format("Cart", gid.New()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/states/Cart", nil)
	if err := s.env.Signer.Sign(r.Header, r.Method, identity.Target(r.URL), nil, identity.Identity{Service: "product"}); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	want := `"subject":"` + plain + `","version":1,"position":1,"data":{"cartId":"` + plain + `","version":1,"state":"ACTIVE"}`
	if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, want) || strings.Contains(body, key) || strings.Contains(body, "ann@") {
		t.Errorf("status %d, %s, want %s", w.Code, body, want)
	}
}
