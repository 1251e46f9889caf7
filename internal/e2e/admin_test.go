package e2e

import (
	"strings"
	"testing"
)

// TestAnAdministratorChangesThePrice starts the shop as a newcomer does, with the demonstration catalogue, and changes a price
// through the graph with a token of the command line (rule A-1).
func TestAnAdministratorChangesThePrice(t *testing.T) {
	t.Parallel()
	s := startOne(t, "SOUK_DEMO=auto")
	token := func(scopes string) string {
		out, code := once(t, nil, "admin", "token", "--scopes", scopes, "--state-dir", s.state)
		if code != 0 {
			t.Fatalf("admin token ended with %d: %s", code, out)
		}
		return strings.TrimSpace(out)
	}
	const read = `query @inContext(country: DE, language: DE) { product(handle: "nur-lantern") { title variants(first: 1) { nodes { id price { amount currencyCode } } } } }`
	const set = `mutation($v: ID!) {
		pricesSet(prices: [{variantId: $v, currencyCode: EUR, amount: "41.50"}]) { variants { id } userErrors { message } }
		inventorySet(changes: [{variantId: $v, quantity: 9}]) { levels { onHand } userErrors { message } } }`
	price := func() (id, title, amount string) {
		p := get[any](t, s.must("", read, nil).Data, "product")
		v := get[any](t, p, "variants", "nodes", 0)
		return get[string](t, v, "id"), get[string](t, p, "title"), get[string](t, v, "price", "amount") + " " + get[string](t, v, "price", "currencyCode")
	}
	id, title, amount := price()
	if title != "Laterne Nur" || amount != "49.00 EUR" {
		t.Errorf("at first: %s, %s", title, amount)
	}
	for who, bearer := range map[string]string{"nobody": "", "who may count pieces only": token("inventory:write")} {
		a := s.ask(bearer, set, map[string]any{"v": id})
		if len(a.Errors) == 0 || a.Errors[0].Extensions["code"] != "FORBIDDEN" {
			t.Errorf("%s: %+v", who, a.Errors)
		}
		if bearer != "" && get[float64](t, a.Data, "inventorySet", "levels", 0, "onHand") != 9 {
			t.Errorf("%s: %v", who, a.Data)
		}
	}
	s.must(token("products:write,inventory:write"), set, map[string]any{"v": id})
	if _, _, amount := price(); amount != "41.50 EUR" {
		t.Errorf("the next read: %s", amount)
	}
	if out, code := once(t, nil, "admin", "token", "--scopes", "everything", "--state-dir", s.state); code == 0 || !strings.Contains(out, "there is no scope") {
		t.Errorf("a scope that is not there: %d, %s", code, out)
	}
}
