package subgraphs_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
)

const factsOfCarts = `query ($carts: [_Any!]!) { _entities(representations: $carts) { ... on Cart {
  id totalQuantity buyerIdentity { email }
  deliveryFacts { country subtotal { amount currencyCode } groups { lineIds weight requiresShipping } }
} } }`

type factsCart struct {
	ID            string
	TotalQuantity int
	BuyerIdentity struct{ Email *string }
	DeliveryFacts *struct {
		Country  *string
		Subtotal amount
		Groups   []struct {
			LineIDs          []string
			Weight           int
			RequiresShipping bool
		}
	}
}

func (s cartService) entities(t *testing.T, who identity.Identity, ids ...string) ([]*factsCart, int) {
	t.Helper()
	var representations []map[string]string
	for _, id := range ids {
		representations = append(representations, map[string]string{"__typename": "Cart", "id": id})
	}
	var data struct {
		Entities []*factsCart `json:"_entities"`
	}
	n := s.ask(t, who, factsOfCarts, map[string]any{"carts": representations}, &data)
	return data.Entities, n
}

// TestCartKey asserts rule C-6: without its key a cart cannot be told from one that does not exist.
func TestCartKey(t *testing.T) {
	t.Parallel()
	s := startCart(t)
	id := s.create(t, nobody, nil).Cart.ID
	plain, key, _ := strings.Cut(id, "?key=")
	absent := s.env.CartKeys.Format(gid.New())
	before, err := cartkey.ParseRing("1:first-cart-secret")
	if err != nil {
		t.Fatal(err)
	}
	uuid, _ := s.env.CartKeys.Parse(id)
	if got, _ := s.read(t, nobody, before.Format(uuid)); got == nil || got.ID != id {
		t.Errorf("with the key before the rotation: cart = %+v, want %s", got, id)
	}
	_, foreign, _ := strings.Cut(absent, "?key=")
	for name, c := range map[string]string{
		"no key": plain, "another cart's key": plain + "?key=" + foreign, "another number": plain + "?key=1." + key[2:],
		"no such cart": absent, "no id": "x",
	} {
		if got, _ := s.read(t, nobody, c); got != nil {
			t.Errorf("%s: cart = %+v", name, got)
		}
		if got, _ := s.entities(t, nobody, c); got[0] != nil {
			t.Errorf("%s: entity = %+v", name, got[0])
		}
		for mutation, got := range map[string]payload{
			"cartLinesAdd":    s.add(t, c, line("x", 1)),
			"cartLinesUpdate": s.update(t, c, map[string]any{"id": "x"}),
			"cartNoteUpdate":  s.do(t, nobody, "cartNoteUpdate", "cartId: ID!, note: String!", map[string]any{"cartId": c, "note": "x"}),
		} {
			if got.Cart != nil || len(got.UserErrors) != 1 || brief(got.UserErrors)[0] != "CART_NOT_FOUND at cartId" {
				t.Errorf("%s: %s = %+v", name, mutation, got)
			}
		}
	}
}

func TestManyCartsAsEntities(t *testing.T) { // Rules A-3, F-4.
	t.Parallel()
	s := startCart(t)
	tea := s.product.sell("tea", "2.50", "EUR", nil)
	full := s.create(t, nobody, map[string]any{"lines": []any{line(tea, 3)}, "buyerIdentity": map[string]any{"countryCode": "DE"}}).Cart
	empty := s.create(t, nobody, nil).Cart.ID
	got, statements := s.entities(t, nobody, full.ID, empty, "x", full.ID)
	if statements != 2 || len(got) != 4 || got[0] == nil || got[1] == nil || got[2] != nil || got[3] == nil || got[1].ID != empty || got[3].ID != full.ID {
		t.Fatalf("%d statements, entities %+v", statements, got)
	}
	facts := got[0].DeliveryFacts
	if *facts.Country != "DE" || facts.Subtotal != (amount{"7.50", "EUR"}) || len(facts.Groups) != 1 || facts.Groups[0].Weight != 750 ||
		!facts.Groups[0].RequiresShipping || facts.Groups[0].LineIDs[0] != full.Lines.Nodes[0].ID {
		t.Errorf("delivery facts = %+v", facts)
	}
	if got[1].DeliveryFacts != nil {
		t.Errorf("delivery facts of an empty cart = %+v", got[1].DeliveryFacts)
	}
	ids := make([]string, 0, 1000)
	for range 500 {
		ids = append(ids, full.ID, empty)
	}
	if got, statements := s.entities(t, nobody, ids...); statements != 2 || len(got) != 1000 || got[998].TotalQuantity != 3 || got[999].TotalQuantity != 0 {
		t.Errorf("1,000 representations took %d statements", statements)
	}
}

// TestCartOwner asserts rule C-6: once a customer owns the cart, only the customer sees and changes personal fields.
func TestCartOwner(t *testing.T) {
	t.Parallel()
	s := startCart(t)
	ann, bob := identity.Identity{Customer: gid.Format("Customer", gid.New())}, identity.Identity{Customer: gid.Format("Customer", gid.New())}
	token, _, err := s.env.Issuer.Issue(ann.Customer, noon)
	if err != nil {
		t.Fatal(err)
	}
	buyer := func(who identity.Identity, id string, change map[string]any) payload {
		t.Helper()
		return s.do(t, who, "cartBuyerIdentityUpdate", "cartId: ID!, buyerIdentity: CartBuyerIdentityInput!", map[string]any{"cartId": id, "buyerIdentity": change})
	}
	personal := map[string]any{"email": "ann@example.com", "phone": "+49 30 12345", "countryCode": "DE"}
	sees := func(b *basket) bool {
		i := b.BuyerIdentity
		return i.Customer != nil && i.Customer.ID == ann.Customer && i.Email != nil && i.Phone != nil
	}
	blind := func(b *basket) bool {
		i := b.BuyerIdentity
		return i.Customer == nil && i.Email == nil && i.Phone == nil && *i.CountryCode == "DE"
	}
	t.Run("a signed-in customer opens a cart", func(t *testing.T) {
		t.Parallel()
		created := s.create(t, ann, map[string]any{"buyerIdentity": personal})
		if len(created.UserErrors) > 0 || !sees(created.Cart) {
			t.Fatalf("cartCreate = %+v", created)
		}
		id := created.Cart.ID
		if got, _ := s.read(t, ann, id); !sees(got) {
			t.Errorf("the owner sees %+v", got.BuyerIdentity)
		}
		for name, who := range map[string]identity.Identity{"a guest": nobody, "another customer": bob, "a service": {Service: "product"}} {
			if got, _ := s.read(t, who, id); !blind(got) {
				t.Errorf("%s sees %+v", name, got.BuyerIdentity)
			}
			if got, _ := s.entities(t, who, id); got[0] == nil || got[0].BuyerIdentity.Email != nil {
				t.Errorf("%s sees %+v as entity", name, got[0])
			}
			got := buyer(who, id, map[string]any{"email": "bob@example.com"})
			if diff := cmp.Diff([]string{"MISSING_CUSTOMER_ACCESS_TOKEN at buyerIdentity.customerAccessToken"}, brief(got.UserErrors)); diff != "" || !blind(got.Cart) {
				t.Errorf("%s changes the buyer: cart %+v (-want +got):\n%s", name, got.Cart.BuyerIdentity, diff)
			}
		}
		if got := s.do(t, nobody, "cartNoteUpdate", "cartId: ID!, note: String!", map[string]any{"cartId": id, "note": "ring twice"}); !blind(got.Cart) || *got.Cart.Note != "ring twice" {
			t.Errorf("a guest with the key writes a note: %+v", got)
		}
	})
	t.Run("a guest's cart becomes a customer's by token", func(t *testing.T) {
		t.Parallel()
		id := s.create(t, nobody, nil).Cart.ID
		guest := buyer(nobody, id, personal)
		if len(guest.UserErrors) > 0 || *guest.Cart.BuyerIdentity.Email != "ann@example.com" {
			t.Errorf("a guest says who buys: %+v", guest)
		}
		got := buyer(nobody, id, map[string]any{"customerAccessToken": token})
		if len(got.UserErrors) > 0 || !sees(got.Cart) {
			t.Errorf("with the token = %+v", got)
		}
		if got, _ := s.read(t, nobody, id); !blind(got) {
			t.Errorf("a guest sees %+v", got.BuyerIdentity)
		}
	})
	t.Run("a token opens a customer's cart", func(t *testing.T) {
		t.Parallel()
		got := s.create(t, nobody, map[string]any{"buyerIdentity": map[string]any{"customerAccessToken": token, "email": "a@example.com", "phone": "12345"}})
		if len(got.UserErrors) > 0 || !sees(got.Cart) {
			t.Errorf("cartCreate = %+v", got)
		}
	})
	t.Run("a wrong token", func(t *testing.T) {
		t.Parallel()
		wrong := map[string]any{"customerAccessToken": token[:len(token)-2], "email": "x@example.com"}
		got := buyer(nobody, s.create(t, nobody, nil).Cart.ID, wrong)
		if diff := cmp.Diff([]string{"TOKEN_INVALID at buyerIdentity.customerAccessToken"}, brief(got.UserErrors)); diff != "" || got.Cart.BuyerIdentity.Email != nil {
			t.Errorf("userErrors (-want +got):\n%s", diff)
		}
		created := s.create(t, nobody, map[string]any{"buyerIdentity": wrong})
		if diff := cmp.Diff([]string{"TOKEN_INVALID at input.buyerIdentity.customerAccessToken"}, brief(created.UserErrors)); diff != "" || created.Cart != nil {
			t.Errorf("userErrors (-want +got):\n%s", diff)
		}
	})
}

func TestCartTexts(t *testing.T) {
	t.Parallel()
	s := startCart(t)
	t.Run("a cart with everything", func(t *testing.T) {
		t.Parallel()
		got := s.create(t, nobody, map[string]any{
			"note": "gift", "attributes": []any{map[string]any{"key": "a", "value": "1"}}, "lines": []any{line(s.product.sell("tea", "2.50", "EUR", nil), 2)},
		})
		if len(got.UserErrors) > 0 || *got.Cart.Note != "gift" || got.Cart.Attributes[0].Value != "1" || got.Cart.TotalQuantity != 2 || got.Cart.Version != 1 {
			t.Errorf("cartCreate = %+v", got)
		}
	})
	t.Run("a cart with faults is not opened", func(t *testing.T) {
		t.Parallel()
		got := s.create(t, nobody, map[string]any{
			"note": strings.Repeat("x", 5001), "attributes": []any{map[string]any{"key": "", "value": "1"}},
			"buyerIdentity": map[string]any{"email": "nobody"}, "lines": []any{line(gid.Format("ProductVariant", gid.New()), 2)},
		})
		want := []string{"MERCHANDISE_NOT_FOUND at input.lines.0.merchandiseId", "INVALID at input.buyerIdentity.email", "NOTE_TOO_LONG at input.note", "INVALID at input.attributes.0.key"}
		if diff := cmp.Diff(want, brief(got.UserErrors)); diff != "" || got.Cart != nil {
			t.Errorf("cart %+v, userErrors (-want +got):\n%s", got.Cart, diff)
		}
	})
	t.Run("note and attributes are replaced", func(t *testing.T) {
		t.Parallel()
		id := s.create(t, nobody, nil).Cart.ID
		note := func(text string) payload {
			return s.do(t, nobody, "cartNoteUpdate", "cartId: ID!, note: String!", map[string]any{"cartId": id, "note": text})
		}
		if got := note("x\x00"); brief(got.UserErrors)[0] != "INVALID at note" || got.Cart.Version != 1 {
			t.Errorf("a note with NUL = %+v", got)
		}
		if got := note("x"); *got.Cart.Note != "x" || got.Cart.Version != 2 {
			t.Errorf("a note = %+v", got)
		}
		if got := note("x"); got.Cart.Version != 2 {
			t.Errorf("the same note again made version %d (rule C-1)", got.Cart.Version)
		}
		if got := note(""); got.Cart.Note != nil {
			t.Errorf("no note = %+v", got)
		}
		got := s.do(t, nobody, "cartAttributesUpdate", "cartId: ID!, attributes: [AttributeInput!]!", map[string]any{
			"cartId": id, "attributes": []any{map[string]any{"key": "a", "value": "1"}}})
		if len(got.UserErrors) > 0 || len(got.Cart.Attributes) != 1 || got.Cart.Version != 4 {
			t.Errorf("attributes = %+v", got)
		}
	})
	t.Run("pages of lines", func(t *testing.T) {
		t.Parallel()
		id := s.create(t, nobody, map[string]any{"lines": linesOf(s.product.sellMany(3))}).Cart.ID
		var data struct {
			Cart struct {
				Lines, Back struct {
					Edges []struct {
						Cursor string
						Node   struct{ Snapshot struct{ Title string } }
					}
					PageInfo struct {
						HasNextPage, HasPreviousPage bool
						StartCursor, EndCursor       string
					}
				}
			}
		}
		const query = `query ($id: ID!, $after: String) { cart(id: $id) {
			lines(first: 2, after: $after) { ...P } back: lines(first: 1, reverse: true) { ...P } } }
			fragment P on BaseCartLineConnection { edges { cursor node { snapshot { title } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`
		s.ask(t, nobody, query, map[string]any{"id": id}, &data)
		first := data.Cart.Lines
		if len(first.Edges) != 2 || !first.PageInfo.HasNextPage || first.PageInfo.HasPreviousPage || data.Cart.Back.Edges[0].Node.Snapshot.Title != "tea2" {
			t.Fatalf("the first page is %+v", data.Cart)
		}
		s.ask(t, nobody, query, map[string]any{"id": id, "after": first.PageInfo.EndCursor}, &data)
		if second := data.Cart.Lines; len(second.Edges) != 1 || second.Edges[0].Node.Snapshot.Title != "tea2" || second.PageInfo.HasNextPage {
			t.Errorf("the second page is %+v", second)
		}
		for wrong, code := range map[string]string{`first: 251`: "PAGE_TOO_LARGE", `first: 1, last: 1`: "INVALID", `first: 1, after: "x"`: "INVALID_CURSOR"} {
			r := s.reply(t, nobody, `query ($id: ID!) { cart(id: $id) { lines(`+wrong+`) { nodes { id } } } }`, map[string]any{"id": id})
			if len(r.Errors) != 1 || r.Errors[0].Extensions.Code != code {
				t.Errorf("lines(%s): errors %+v, want %s (rule G-5)", wrong, r.Errors, code)
			}
		}
	})
}
