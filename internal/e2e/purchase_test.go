package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// purchase is one buyer's way from a cart to an order.
type purchase struct {
	graph, token          string
	cart, checkout        string // ids with their keys
	total                 map[string]any
	session               string
	variant               string
	quantity              int
	attempt, order, opens string // what came of it; opens is the secret that opens a guest's order
}

// completion is how placing an order stands.
type completion struct {
	AttemptID        string
	Status           string
	Order            *struct{ ID, Name string }
	OrderAccessToken *string
	Failure          *struct {
		Code      string
		Retryable bool
	}
	PollAfter *string
}

// userError is what a buyer can correct.
type userError struct {
	Code    string
	Field   []string
	Message string
}

// payload is what a checkout mutation answers.
type payload struct {
	Checkout *struct {
		ID             string
		State          string
		DeliveryGroups []struct {
			ID              string
			DeliveryOptions []struct{ Handle string }
		}
		Cost struct {
			Total map[string]any
		}
		PaymentSession *struct{ ID string }
		Problems       []userError
	}
	Completion *completion
	UserErrors []userError
	Warnings   []userError
}

const (
	checkoutFields   = `checkout { id state deliveryGroups { id deliveryOptions { handle } } cost { total { amount currencyCode } } paymentSession { id } problems { code message } } userErrors { code field message } warnings { code message }`
	completionFields = `attemptId status order { id name } orderAccessToken failure { code retryable } pollAfter`

	openCheckout   = `mutation($cart: ID!) { r: checkoutCreate(cartId: $cart) { ` + checkoutFields + ` } }`
	writeCheckout  = `mutation($id: ID!, $i: CheckoutUpdateInput!) { r: checkoutUpdate(checkoutId: $id, input: $i) { ` + checkoutFields + ` } }`
	chooseDelivery = `mutation($id: ID!, $s: [DeliveryOptionSelectionInput!]!) { r: checkoutDeliveryOptionSelect(checkoutId: $id, selections: $s) { ` + checkoutFields + ` } }`
	beginPayment   = `mutation($id: ID!, $d: JSON) { r: checkoutPaymentSessionCreate(checkoutId: $id, gateway: "fakepay", data: $d) { ` + checkoutFields + ` } }`
	placeOrder     = `mutation($id: ID!, $key: String!, $total: MoneyInput!) { r: checkoutComplete(checkoutId: $id, idempotencyKey: $key, expectedTotal: $total) { completion { ` + completionFields + ` } ` + checkoutFields + ` } }`
	askCompletion  = `query($cart: ID!) { r: checkoutCompletion(cartId: $cart) { ` + completionFields + ` } }`
)

// address is where the goods go, in a country that the demonstration shop ships to.
var address = map[string]any{
	"firstName": "Ada", "lastName": "Lovelace", "address1": "12 St James's Square", "city": "Berlin", "zip": "10115", "countryCode": "DE",
}

// errNoAnswer says that no service could be asked.
var errNoAnswer = errors.New("no answer")

// tryAsk sends an operation and reads the member r of the answer's data. It may be called by any goroutine. An answer with
// errors is an error.
func tryAsk[T any](ctx context.Context, address, token, query string, variables map[string]any) (T, error) {
	var answer struct {
		Data   struct{ R *T }
		Errors []graphError
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return *new(T), err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return *new(T), err
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return *new(T), fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	defer w.Body.Close() //nolint:errcheck // Nothing is lost when a body that was read cannot be closed.
	switch err := json.NewDecoder(w.Body).Decode(&answer); {
	case err != nil:
		return *new(T), fmt.Errorf("%w: %s: %w", errNoAnswer, w.Status, err)
	case len(answer.Errors) > 0:
		return *new(T), fmt.Errorf("%w: %+v", errNoAnswer, answer.Errors)
	case answer.Data.R == nil:
		return *new(T), fmt.Errorf("%w: null", errNoAnswer)
	}
	return *answer.Data.R, nil
}

// prepare fills a cart with pieces of a variant and goes with it as far as the payment: pay is the token that tells the
// gateway for tests what comes of it.
func (s *shop) prepare(ctx context.Context, token, variant string, quantity int, pay string) (*purchase, error) {
	p := &purchase{graph: s.graph, token: token, variant: variant, quantity: quantity}
	type created struct {
		Cart       struct{ ID string }
		UserErrors []userError
	}
	c, err := tryAsk[created](ctx, s.graph, token, `mutation($i: CartInput) { r: cartCreate(input: $i) { cart { id } userErrors { code field message } } }`,
		map[string]any{"i": map[string]any{"lines": []map[string]any{{"merchandiseId": variant, "quantity": quantity}}}})
	if err != nil {
		return p, fmt.Errorf("cartCreate: %w", err)
	}
	if len(c.UserErrors) > 0 {
		return p, fmt.Errorf("cartCreate: %+v", c.UserErrors)
	}
	p.cart = c.Cart.ID
	return p, p.open(ctx, pay)
}

// open opens a checkout for the cart and goes as far as the payment.
func (p *purchase) open(ctx context.Context, pay string) error {
	r, err := p.change(ctx, "checkoutCreate", openCheckout, map[string]any{"cart": p.cart})
	if err != nil {
		return err
	}
	p.checkout = r.Checkout.ID
	r, err = p.change(ctx, "checkoutUpdate", writeCheckout, map[string]any{"i": map[string]any{"email": "ada@example.com", "shippingAddress": address}})
	if err != nil {
		return err
	}
	var selections []map[string]any
	for _, g := range r.Checkout.DeliveryGroups {
		if len(g.DeliveryOptions) > 0 {
			selections = append(selections, map[string]any{"groupId": g.ID, "optionHandle": g.DeliveryOptions[0].Handle})
		}
	}
	r, err = p.change(ctx, "checkoutDeliveryOptionSelect", chooseDelivery, map[string]any{"s": selections})
	if err != nil {
		return err
	}
	if len(r.Checkout.Problems) > 0 {
		return fmt.Errorf("the checkout still has problems: %v", r.Checkout.Problems)
	}
	p.total = r.Checkout.Cost.Total
	return p.pay(ctx, pay)
}

// pay begins another payment.
func (p *purchase) pay(ctx context.Context, token string) error {
	_, err := p.change(ctx, "checkoutPaymentSessionCreate", beginPayment, map[string]any{"d": map[string]any{"token": token}})
	return err
}

// change carries out a mutation of the checkout and expects no errors.
func (p *purchase) change(ctx context.Context, name, mutation string, variables map[string]any) (payload, error) {
	if p.checkout != "" {
		variables["id"] = p.checkout
	}
	r, err := tryAsk[payload](ctx, p.graph, p.token, mutation, variables)
	if err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	if len(r.UserErrors) > 0 || r.Checkout == nil {
		return r, fmt.Errorf("%s: %+v", name, r.UserErrors)
	}
	return r, nil
}

// place asks once for the order.
func (p *purchase) place(ctx context.Context, key string) (payload, error) {
	return tryAsk[payload](ctx, p.graph, p.token, placeOrder, map[string]any{"id": p.checkout, "key": key, "total": p.total})
}

// settle asks for the order as a stubborn client does, with one key, until it is placed or has failed.
func (p *purchase) settle(ctx context.Context, key string) (completion, error) {
	var last error
	for again := time.NewTicker(50 * time.Millisecond); ; {
		r, err := p.place(ctx, key)
		switch {
		case err != nil:
			last = err
		case len(r.UserErrors) > 0 && !temporary(r.UserErrors):
			return completion{}, fmt.Errorf("checkoutComplete: %+v", r.UserErrors)
		case r.Completion != nil && r.Completion.ended():
			return *r.Completion, nil
		case r.Completion != nil:
			last = fmt.Errorf("the completion is %s", r.Completion.Status)
		default:
			last = fmt.Errorf("no completion: %+v", r.UserErrors)
		}
		select {
		case <-ctx.Done():
			return completion{}, fmt.Errorf("cart %s did not settle: %w", p.cart, last)
		case <-again.C:
		}
	}
}

// temporary tells whether all errors say that a later try may succeed.
func temporary(errors []userError) bool {
	for _, e := range errors {
		if e.Code != "SERVICE_UNAVAILABLE" {
			return false
		}
	}
	return true
}

func (c completion) ended() bool { return c.Status == "COMPLETED" || c.Status == "FAILED" }

// ordered is prepare and settle, for an order that has to be placed.
func (s *shop) ordered(token, variant string, quantity int, pay, key string) *purchase {
	s.t.Helper()
	p := s.prepared(token, variant, quantity, pay)
	p.placed(s.t, key)
	return p
}

// prepared is prepare, which has to succeed, as soon as all services that were started again can be reached.
func (s *shop) prepared(token, variant string, quantity int, pay string) (p *purchase) {
	s.t.Helper()
	eventually(s.t, "a cart is ready to be ordered", func() bool {
		var err error
		p, err = s.prepare(s.t.Context(), token, variant, quantity, pay)
		if err != nil && !errors.Is(err, errNoAnswer) {
			s.t.Fatal(err)
		}
		return err == nil
	})
	return p
}

// placed settles a purchase, which has to become an order.
func (p *purchase) placed(t *testing.T, key string) {
	t.Helper()
	if c := p.settled(t, key); c.Status != "COMPLETED" || c.Order == nil {
		t.Fatalf("the completion is %+v (%+v), want COMPLETED", c, c.Failure)
	}
}

// settled settles a purchase within the patience of tests.
func (p *purchase) settled(t *testing.T, key string) completion {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	c, err := p.settle(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	p.attempt = c.AttemptID
	if c.Order != nil {
		p.order = c.Order.ID
	}
	if c.OrderAccessToken != nil {
		p.opens = *c.OrderAccessToken
	}
	return c
}

// bare is an id without the key that opens what it names.
func bare(id string) string {
	id, _, _ = strings.Cut(id, "?")
	return id
}

// uuidOf is the last part of an id.
func uuidOf(id string) string {
	id = bare(id)
	return id[strings.LastIndex(id, "/")+1:]
}
