package subgraphs_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// TestIdempotencyCodesAreInEveryEnum looks for what internal/idempotency makes: every family of mutations takes keys.
func TestIdempotencyCodesAreInEveryEnum(t *testing.T) { // Rule G-8.
	t.Parallel()
	for service, enum := range map[string]string{"cart": "CartErrorCode", "checkout": "CheckoutErrorCode", "customer": "CustomerErrorCode"} {
		for _, code := range []string{"INVALID", "IDEMPOTENCY_KEY_REUSED"} {
			if !slices.Contains(valuesOf(t, service, enum), code) {
				t.Errorf("%s lacks %s", enum, code)
			}
		}
	}
}

// createWith opens an account with an idempotency key.
func (s *service) createWith(t *testing.T, key, email string) accountPayload {
	t.Helper()
	var data struct{ M accountPayload }
	s.ask(t, nobody, `mutation ($input: CustomerCreateInput!, $key: String) { m: customerCreate(input: $input, idempotencyKey: $key) {
		customer { id email } userErrors { code field message } } }`,
		map[string]any{"key": key, "input": map[string]any{"email": email, "password": password}}, &data)
	return data.M
}

func TestRegistrationsAtOnceWithOneKey(t *testing.T) { // Rule G-4.
	t.Parallel()
	s := start(t, "customer")
	key := uuid.NewString()
	answers := make([]accountPayload, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = s.createWith(t, key, marker) })
	}
	wg.Wait()
	for _, a := range answers {
		if diff := cmp.Diff(answers[0], a); diff != "" || a.Customer == nil {
			t.Fatalf("the same request got other answers:\n%s", diff)
		}
	}
}

func TestIdempotencyKeysOfCustomers(t *testing.T) { // Rule G-4.
	t.Parallel()
	s := start(t, "customer")
	create := func(key, email string) accountPayload { return s.createWith(t, key, email) }
	key := uuid.NewString()
	first := create(key, marker)
	if first.Customer == nil || first.Customer.Email != marker {
		t.Fatalf("customerCreate = %+v", first)
	}
	if diff := cmp.Diff(first, create(key, marker)); diff != "" {
		t.Errorf("the same request again (-first +second):\n%s", diff)
	}
	refused(t, "the key for another request", create(key, "bob@example.com"), "IDEMPOTENCY_KEY_REUSED at idempotencyKey")
	refused(t, "a key that can be guessed", create("register me", "bob@example.com"), "INVALID at idempotencyKey")
	refused(t, "the address under another key", create(uuid.NewString(), marker), "TAKEN at input.email")
	key = uuid.NewString()
	refused(t, "an input error", create(key, "bob"), "EMAIL_INVALID at input.email")
	if got := create(key, "bob@example.com"); got.Customer == nil {
		t.Errorf("an input error consumed the key: %v", got.UserErrors)
	}
	refused(t, "a key for a refresh", s.withToken(t, refreshToken, "x", &key), "INVALID at idempotencyKey")
	var data struct{ M accountPayload }
	s.ask(t, nobody, `mutation ($input: CustomerAccessTokenCreateInput!, $key: String) { m: customerAccessTokenCreate(input: $input, idempotencyKey: $key) {
		customerAccessToken { accessToken } userErrors { code field message } } }`, map[string]any{"key": key, "input": map[string]any{"email": marker, "password": password}}, &data)
	refused(t, "a key for a sign-in", data.M, "INVALID at idempotencyKey")
}
