package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	shownPrice   = regexp.MustCompile(`id="price">([^<]+)<`)
	shownVariant = regexp.MustCompile(`name="merchandise" value="([^"]+)"`)
)

// TestStorefrontPrice changes a price again and again, as an administrator: the page of the product shows it to whoever asks next.
func TestStorefrontPrice(t *testing.T) {
	t.Parallel()
	home, s := startWithStorefront(t)
	out, code := once(t, nil, "admin", "token", "--scopes", "products:write", "--state-dir", s.state)
	if code != 0 {
		t.Fatalf("admin token ended with %d: %s", code, out)
	}
	token := strings.TrimSpace(out)
	const address = "/products/nur-lantern"
	shown := page(t, home+address)
	variant := first(t, shownVariant, shown)
	before := first(t, shownPrice, shown)
	currency := get[string](t, s.must("", `query($v: ID!) { node(id: $v) { ... on ProductVariant { price { currencyCode } } } }`,
		map[string]any{"v": variant}).Data, "node", "price", "currencyCode")
	for _, amount := range []string{"41.50", "38.25", "52.75"} {
		a := s.must(token, `mutation($p: [PriceSetInput!]!) { pricesSet(prices: $p) { userErrors { message } } }`,
			map[string]any{"p": []map[string]any{{"variantId": variant, "currencyCode": currency, "amount": amount}}})
		answered := time.Now()
		if refused := get[[]any](t, a.Data, "pricesSet", "userErrors"); len(refused) > 0 {
			t.Fatalf("%s: %v", amount, refused)
		}
		after := first(t, shownPrice, page(t, home+address))
		if !strings.Contains(after, amount) {
			t.Errorf("the request after the change from %s to %s %s shows %s", before, amount, currency, after)
		}
		t.Logf("%s became %s; the page had it %s after the answer", before, after, time.Since(answered).Round(time.Millisecond))
		before = after
	}
}

// first returns what a pattern finds first.
func first(t *testing.T, pattern *regexp.Regexp, text string) string {
	t.Helper()
	m := pattern.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("there is no %s", pattern)
	}
	return m[1]
}
