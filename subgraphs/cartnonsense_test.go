package subgraphs_test

import (
	"io"
	"net/http"
	"testing"
)

// TestProductAnswersNonsense holds that what product did not say is not taken for its word: the caller is told of a failure
// of ours, and nothing changes.
func TestProductAnswersNonsense(t *testing.T) {
	t.Parallel()
	s := startCart(t)
	id := s.create(t, nobody, map[string]any{"lines": []any{line(s.product.sell("tea", "2.50", "EUR", nil), 1)}}).Cart.ID
	tea := s.product.launch("tea", "2.50", "EUR", nil)
	var body string
	s.env.Calls.AddHandler("product", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	for name, c := range map[string]struct{ body, code string }{
		"a page":                 {`<html>`, "SERVICE_UNAVAILABLE"},
		"no data":                {`{}`, "SERVICE_UNAVAILABLE"},
		"null":                   {`{"data":null}`, "SERVICE_UNAVAILABLE"},
		"an error":               {`{"data":{"_entities":[null]},"errors":[{"message":"no"}]}`, "SERVICE_UNAVAILABLE"},
		"fewer variants":         {`{"data":{"_entities":[]}}`, "INTERNAL_SERVER_ERROR"},
		"no list":                {`{"data":{"_entities":{"id":"x"}}}`, "INTERNAL_SERVER_ERROR"},
		"a variant without id":   {`{"data":{"_entities":[{}]}}`, "INTERNAL_SERVER_ERROR"},
		"a price in fractions":   {`{"data":{"_entities":[{"id":"` + tea + `","product":{"id":"gid://souk/Product/00000000-0000-0000-0000-000000000000"},"price":{"amount":"1.234","currencyCode":"EUR"}}]}}`, "INTERNAL_SERVER_ERROR"},
		"a price in no currency": {`{"data":{"_entities":[{"id":"` + tea + `","product":{"id":"gid://souk/Product/00000000-0000-0000-0000-000000000000"},"price":{"amount":"1","currencyCode":""}}]}}`, "INTERNAL_SERVER_ERROR"},
	} {
		body = c.body
		r := s.reply(t, nobody, `mutation ($id: ID!, $v: ID!) { cartLinesAdd(cartId: $id, lines: [{merchandiseId: $v}]) { userErrors { code } } }`,
			map[string]any{"id": id, "v": tea})
		got := string(r.Data)
		if len(r.Errors) > 0 {
			got = r.Errors[0].Extensions.Code
		} else if c.code == "SERVICE_UNAVAILABLE" && got == `{"cartLinesAdd":{"userErrors":[{"code":"SERVICE_UNAVAILABLE"}]}}` {
			got = c.code
		}
		if got != c.code {
			t.Errorf("%s: %s, want %s", name, got, c.code)
		}
	}
	if cart, _ := s.read(t, nobody, id); cart == nil || cart.TotalQuantity != 1 || cart.Version != 1 {
		t.Errorf("the cart is %+v afterwards, want it as it was", cart)
	}
}
