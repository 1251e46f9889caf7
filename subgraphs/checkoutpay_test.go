package subgraphs_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"
)

// TestARepeatedCallBeginsNoOtherPayment reads the keys under which the gateway is asked for sessions.
func TestARepeatedCallBeginsNoOtherPayment(t *testing.T) { // Rule G-4.
	t.Parallel()
	var mu sync.Mutex
	var keys []string
	s := startCheckout(t, func(gateway http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			keys = append(keys, r.Header.Get("Idempotency-Key"))
			mu.Unlock()
			gateway.ServeHTTP(w, r)
		})
	})
	begin := func(c *checkoutData, token string, key *string) string {
		t.Helper()
		given := map[string]any{"checkoutId": c.ID, "gateway": "fakepay", "data": map[string]any{"token": token}, "idempotencyKey": key}
		p, _ := s.do(t, nobody, "checkoutPaymentSessionCreate", "$checkoutId: ID!, $gateway: String!, $data: JSON, $idempotencyKey: String", given)
		if len(p.UserErrors) > 0 {
			return p.UserErrors[0].Code
		}
		return p.Checkout.PaymentSession.ID
	}
	c, other := s.ready(t, nobody, 1), s.ready(t, nobody, 1)
	keys = nil
	key := new("the key of a click")
	first := begin(c, "ok", key)
	if again := begin(c, "ok", key); again != first || keys[0] != keys[1] {
		t.Errorf("a repeated call begins %s after %s, under the keys %v", again, first, keys)
	}
	if got := begin(c, "decline", key); got != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("the key with another request: %s", got)
	}
	begin(other, "ok", key)
	begin(c, "ok", nil)
	begin(c, "ok", nil)
	if distinct := slices.Compact(slices.Sorted(slices.Values(keys))); len(keys) != 6 || len(distinct) != 5 {
		t.Errorf("the gateway is asked under %d keys in %d calls, want 5 in 6", len(distinct), len(keys))
	}
}
