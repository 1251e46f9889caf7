package subgraphs_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
)

const cartFields = `
fragment C on Cart {
  id version currencyCode totalQuantity note createdAt updatedAt attributes { key value }
  buyerIdentity { countryCode email phone customer { id } }
  cost { subtotalAmount { amount currencyCode } totalAmount { amount currencyCode } }
  lines(first: 250) {
    totalCount { value exact }
    nodes {
      id quantity state attributes { key value } merchandise { ... on ProductVariant { id } }
      cost { amountPerQuantity { amount } compareAtAmountPerQuantity { amount } subtotalAmount { amount } totalAmount { amount } }
      snapshot { title variantTitle sku handle requiresShipping takenAt selectedOptions { name value } image { url altText width height } }
    }
  }
}
fragment E on CartUserError { code field message }
fragment W on CartWarning { code message target }`

// basket is a cart as its holder sees it.
type basket struct {
	ID, CurrencyCode string
	Version          int
	TotalQuantity    int
	Note             *string
	Attributes       []struct{ Key, Value string }
	BuyerIdentity    struct {
		CountryCode, Email, Phone *string
		Customer                  *struct{ ID string }
	}
	Cost  struct{ SubtotalAmount, TotalAmount amount }
	Lines struct {
		TotalCount struct{ Value int }
		Nodes      []basketLine
	}
}

type amount struct{ Amount, CurrencyCode string }

type basketLine struct {
	ID, State   string
	Quantity    int
	Merchandise struct{ ID string }
	Cost        struct{ AmountPerQuantity, CompareAtAmountPerQuantity, SubtotalAmount, TotalAmount amount }
	Snapshot    struct {
		Title, VariantTitle, SKU, Handle string
		RequiresShipping                 bool
		SelectedOptions                  []struct{ Name, Value string }
		Image                            struct{ URL, AltText string }
	}
}

// payload is what a mutation of a cart answers, statements what it cost.
type payload struct {
	Cart       *basket
	UserErrors []problem
	Warnings   []problem
	statements int
}

// cartService is the cart service beside a product service that is not real.
type cartService struct {
	*service
	product *shop
}

func startCart(t *testing.T) cartService {
	t.Helper()
	service := start(t, "cart")
	s := cartService{service, newShop(t, service.address)}
	s.env.Calls.AddHandler("product", s.product.handler(s.env.Signer))
	return s
}

// do runs a mutation whose arguments are typed as in the schema: "cartId: ID!, note: String!".
func (s cartService) do(t *testing.T, who identity.Identity, mutation, arguments string, variables map[string]any) payload {
	t.Helper()
	var declared, given []string
	for a := range strings.SplitSeq(arguments, ", ") {
		name, _, _ := strings.Cut(a, ":")
		declared, given = append(declared, "$"+a), append(given, name+": $"+name)
	}
	query := fmt.Sprintf(`mutation (%s) { m: %s(%s) { cart { ...C } userErrors { ...E } warnings { ...W } } } %s`,
		strings.Join(declared, ", "), mutation, strings.Join(given, ", "), cartFields)
	var data struct{ M payload }
	data.M.statements = 0
	n := s.ask(t, who, query, variables, &data)
	data.M.statements = n
	return data.M
}

func (s cartService) create(t *testing.T, who identity.Identity, input map[string]any) payload {
	t.Helper()
	return s.do(t, who, "cartCreate", "input: CartInput", map[string]any{"input": input})
}

func (s cartService) add(t *testing.T, cartID string, lines ...map[string]any) payload {
	t.Helper()
	return s.do(t, nobody, "cartLinesAdd", "cartId: ID!, lines: [CartLineInput!]!", map[string]any{"cartId": cartID, "lines": lines})
}

func (s cartService) update(t *testing.T, cartID string, lines ...map[string]any) payload {
	t.Helper()
	return s.do(t, nobody, "cartLinesUpdate", "cartId: ID!, lines: [CartLineUpdateInput!]!", map[string]any{"cartId": cartID, "lines": lines})
}

func (s cartService) read(t *testing.T, who identity.Identity, id string) (*basket, int) {
	t.Helper()
	var data struct{ Cart *basket }
	n := s.ask(t, who, `query ($id: ID!) { cart(id: $id) { ...C } }`+strings.Split(cartFields, "fragment E")[0], map[string]any{"id": id}, &data)
	return data.Cart, n
}

func line(variant string, quantity int) map[string]any {
	return map[string]any{"merchandiseId": variant, "quantity": quantity}
}

func linesOf(variants []string) []map[string]any {
	var lines []map[string]any
	for _, v := range variants {
		lines = append(lines, line(v, 1))
	}
	return lines
}

func TestCartKeepsWhatProductSaid(t *testing.T) { // Rules B-1 a, F-2, M-2.
	t.Parallel()
	s := startCart(t)
	tea := s.product.sell("tea", "2.50", "EUR", nil)
	id := s.create(t, nobody, nil).Cart.ID
	s.add(t, id, line(tea, 3))
	s.product.take(true)
	got, _ := s.read(t, nobody, id)
	l := got.Lines.Nodes[0]
	b, err := json.Marshal(l.Snapshot)
	want := `{"Title":"tea","VariantTitle":"Big","SKU":"tea-1","Handle":"the-tea","RequiresShipping":true,` +
		`"SelectedOptions":[{"Name":"Size","Value":"Big"}],"Image":{"URL":"http://media.test/files/tea.jpg","AltText":"a pot"}}`
	if err != nil || string(b) != want {
		t.Errorf("snapshot = %s, want %s", b, want)
	}
	if l.Merchandise.ID != tea || l.Cost.AmountPerQuantity.Amount != "2.50" || l.Cost.CompareAtAmountPerQuantity.Amount != "99.00" ||
		l.Cost.TotalAmount.Amount != "7.50" || got.Cost.TotalAmount != (amount{"7.50", "EUR"}) || got.Cost.SubtotalAmount != got.Cost.TotalAmount {
		t.Errorf("line %+v, cart %+v", l, got.Cost)
	}
}

func TestCartMutationsThatFail(t *testing.T) {
	t.Parallel()
	s := startCart(t)
	tea, dollar, none := s.product.sell("tea", "2.50", "EUR", nil), s.product.sell("coke", "1.00", "USD", nil), s.product.sell("jar", "7.00", "EUR", new(0))
	unknown := gid.Format("ProductVariant", gid.New())
	id := s.create(t, nobody, map[string]any{"lines": []any{line(tea, 1)}}).Cart.ID
	before, _ := s.read(t, nobody, id)
	for name, c := range map[string]struct {
		lines []map[string]any
		want  []string
	}{
		"unknown variant": {[]map[string]any{line(unknown, 1)}, []string{"MERCHANDISE_NOT_FOUND at lines.0.merchandiseId"}},
		"all faults":      {[]map[string]any{line(tea, 0), line(tea, 1), line("tea", -1)}, []string{"INVALID at lines.0.quantity", "INVALID at lines.2.quantity", "MERCHANDISE_NOT_FOUND at lines.2.merchandiseId"}},
		"too many":        {[]map[string]any{line(tea, 1_000_000)}, []string{"MAXIMUM_EXCEEDED at lines.0.quantity"}},
		"out of stock":    {[]map[string]any{line(tea, 5), line(none, 1)}, []string{"OUT_OF_STOCK at lines.1.quantity"}},
		"other currency":  {[]map[string]any{line(dollar, 1)}, []string{"NO_PRICE at lines.0.merchandiseId"}},
		"251 lines":       {linesOf(slices.Repeat([]string{tea}, 251)), []string{"MAXIMUM_EXCEEDED at lines"}},
		"201 lines":       {linesOf(s.product.sellMany(200)), []string{"CART_TOO_LARGE at lines"}},
	} {
		got := s.add(t, id, c.lines...)
		if diff := cmp.Diff(c.want, brief(got.UserErrors)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(before, got.Cart); diff != "" {
			t.Errorf("%s: the cart is answered as it is, rule G-2 (-want +got):\n%s", name, diff)
		}
	}
	t.Run("another version is expected, C-2", func(t *testing.T) {
		s.product.take(false)
		got := s.do(t, nobody, "cartLinesAdd", "cartId: ID!, lines: [CartLineInput!]!, expectedVersion: Int",
			map[string]any{"cartId": id, "lines": []any{line(tea, 1)}, "expectedVersion": 7})
		if diff := cmp.Diff([]string{"CART_VERSION_CONFLICT at expectedVersion"}, brief(got.UserErrors)); diff != "" || s.product.take(false) != 0 {
			t.Errorf("userErrors (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(before, got.Cart); diff != "" {
			t.Errorf("the cart (-want +got):\n%s", diff)
		}
	})
	t.Run("lines are removed though product is down and the variant is not known", func(t *testing.T) {
		fresh := s.product.launch("cup", "1.00", "EUR", nil)
		added := s.create(t, nobody, map[string]any{"lines": []any{line(tea, 1), line(fresh, 3)}}).Cart
		s.product.take(true)
		defer s.product.take(false)
		if got := s.update(t, added.ID, map[string]any{"id": added.Lines.Nodes[1].ID, "quantity": 2}); len(got.UserErrors) > 0 || got.Cart.TotalQuantity != 3 {
			t.Errorf("update to 2 = %+v", got)
		}
		if got := s.update(t, added.ID, map[string]any{"id": added.Lines.Nodes[0].ID, "quantity": 0}); len(got.UserErrors) > 0 || got.Cart.TotalQuantity != 2 {
			t.Errorf("update to 0 = %+v", got)
		}
		got := s.do(t, nobody, "cartLinesRemove", "cartId: ID!, lineIds: [ID!]!", map[string]any{"cartId": added.ID, "lineIds": []string{added.Lines.Nodes[1].ID}})
		if len(got.UserErrors) > 0 || got.Cart.TotalQuantity != 0 || got.Cart.Version != 4 {
			t.Errorf("remove = %+v", got)
		}
	})
}

func TestCartStock(t *testing.T) { // Rule C-5, ON_CHECKOUT.
	t.Parallel()
	s := startCart(t)
	cup := s.product.sell("cup", "10.00", "EUR", new(5))
	got := s.create(t, nobody, map[string]any{"lines": []any{line(cup, 9)}})
	if len(got.UserErrors) > 0 || got.Cart.TotalQuantity != 5 || len(got.Warnings) != 1 || got.Warnings[0].Code != "MERCHANDISE_NOT_ENOUGH_STOCK" {
		t.Fatalf("cartCreate = %+v", got)
	}
	if more := s.add(t, got.Cart.ID, line(cup, 1)); brief(more.UserErrors)[0] != "OUT_OF_STOCK at lines.0.quantity" {
		t.Errorf("cartLinesAdd = %+v", more)
	}
}

func TestCartInParallel(t *testing.T) { // Rule C-1.
	t.Parallel()
	s := startCart(t)
	tea := s.product.sell("tea", "2.50", "EUR", nil)
	id := s.create(t, nobody, nil).Cart.ID
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got := s.add(t, id, line(tea, 2)); len(got.UserErrors) > 0 {
				t.Errorf("userErrors = %+v", got.UserErrors)
			}
		})
	}
	wg.Wait()
	got, _ := s.read(t, nobody, id)
	if got.TotalQuantity != 40 || got.Version != 21 || got.Lines.TotalCount.Value != 1 || got.Cost.TotalAmount.Amount != "100.00" {
		t.Errorf("the cart is %+v, want 40 pieces at version 21", got)
	}
}
