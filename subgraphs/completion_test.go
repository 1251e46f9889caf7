package subgraphs_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs/checkout/postgres"
)

// attempt is how placing an order stands, as its buyer is told of it.
type attempt struct {
	AttemptID, Status string
	Order             *struct{ ID, Name string }
	OrderAccessToken  *string
	Failure           *struct {
		Code, Message string
		LineIDs       []string
		Retryable     bool
	}
	PollAfter *time.Time
}

const attemptFields = `{ attemptId status order { id name } orderAccessToken failure { code message lineIds retryable } pollAfter }`

type completePayload struct {
	Checkout   *struct{ ID, State string }
	Completion *attempt
	UserErrors []problem
	Warnings   []struct{ Code, Target string }
}

// complete asks for the order of a checkout; changes are made to what is given.
func (p *placer) complete(t *testing.T, who identity.Identity, c *checkoutData, key string, changes map[string]any) completePayload {
	t.Helper()
	given := map[string]any{"id": c.ID, "key": key, "total": map[string]any{"amount": c.Cost.Total.Amount, "currencyCode": c.Cost.Total.CurrencyCode}}
	for name, value := range changes {
		given[name] = value
	}
	var data struct{ Payload completePayload }
	p.ask(t, who, `mutation ($id: ID!, $key: String!, $total: MoneyInput!, $session: ID) {
		payload: checkoutComplete(checkoutId: $id, idempotencyKey: $key, expectedTotal: $total, paymentSessionId: $session) {
			checkout { id state } completion `+attemptFields+` userErrors { code field message } warnings { code target } } }`, given, &data)
	return data.Payload
}

// answer answers the completion of a checkout in the place of product and cart, as soon as it is requested.
func (p *placer) answer(t *testing.T, c *checkoutData, answers ...event.Data) {
	t.Helper()
	id, _ := p.env.CartKeys.ParseAs("Checkout", c.ID)
	var completion string
	for completion == "" {
		if err := p.db.Get(t.Context(), &completion, `SELECT coalesce(max(id::text), '') FROM completions WHERE checkout_id = $1 AND state = 'REQUESTED'`, id); err != nil {
			t.Fatal(err)
		}
	}
	for _, answer := range answers {
		e := event.New("gid://souk/CheckoutCompletion/"+completion, 1, answer, noon)
		for _, source := range postgres.Sources(p.env.Now) {
			if handle := source.Handlers[e.Type]; handle != nil {
				if err := p.db.Transact(t.Context(), "test", func(tx *database.Tx) ([]event.Event, error) { return handle(t.Context(), tx, e) }); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// settle runs the worker until it has settled a completion.
func (p *placer) settle(t *testing.T) {
	t.Helper()
	for n := 0; n == 0; {
		var err error
		if n, err = p.worker.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

var yes = []event.Data{event.StockReserved{}, event.CartFrozen{}}

// TestCheckoutCompleteWaitsForTheOrder has product, cart and gateway answer while the mutation waits, and loses the answer.
func TestCheckoutCompleteWaitsForTheOrder(t *testing.T) { // Rules O-2e, O-4, A-5.
	t.Parallel()
	p := startPlacer(t)
	c := p.ready(t, nobody, 2)
	answers := make(chan completePayload, 5)
	for range cap(answers) { // Five clicks on the button.
		go func() { answers <- p.complete(t, nobody, c, "the button", nil) }()
	}
	p.answer(t, c, yes...)
	p.settle(t)
	first := <-answers
	for range cap(answers) - 1 {
		if diff := cmp.Diff(first, <-answers); diff != "" {
			t.Errorf("two clicks were answered differently:\n%s", diff)
		}
	}
	a := first.Completion
	if len(first.UserErrors)+len(first.Warnings) > 0 || a == nil || a.Status != "COMPLETED" || a.Order == nil || a.Order.Name != "#10001" ||
		a.OrderAccessToken == nil || a.Failure != nil || a.PollAfter != nil || first.Checkout.State != "COMPLETED" {
		t.Fatalf("checkoutComplete = %+v, %+v", first, a)
	}
	for _, key := range []string{"the button", "another phone"} {
		if diff := cmp.Diff(first, p.complete(t, nobody, c, key, nil)); diff != "" {
			t.Errorf("%s, later (-first +later):\n%s", key, diff)
		}
	}
	var opened struct{ Order *struct{ Email *string } }
	p.ask(t, nobody, `query ($id: ID!, $token: String) { order(id: $id, accessToken: $token) { email } }`, map[string]any{"id": a.Order.ID, "token": a.OrderAccessToken}, &opened)
	if opened.Order == nil || opened.Order.Email == nil {
		t.Error("the secret does not open the order")
	}
	for name, got := range p.told(t, nobody, c, a.AttemptID) {
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("%s (-answered +told):\n%s", name, diff)
		}
	}
	if got := p.told(t, nobody, c, strings.Split(a.AttemptID, "?")[0])["by attempt"]; got != nil {
		t.Errorf("the attempt without its key tells %+v (rule A-3)", got)
	}
	p.later.Store(int64(30 * 24 * time.Hour))
	for name, got := range p.told(t, nobody, c, a.AttemptID) {
		if got != nil {
			t.Errorf("%s: after 30 days it tells %+v", name, got)
		}
	}
}

// told asks for an attempt in each way.
func (p *placer) told(t *testing.T, who identity.Identity, c *checkoutData, attemptID string) map[string]*attempt {
	t.Helper()
	var data struct {
		ByAttempt, ByCart *attempt
		Checkout          *struct{ Completion *attempt }
		Entities          []*struct{ Completion *attempt } `json:"_entities"`
	}
	p.ask(t, who, `query ($attempt: ID!, $cart: ID!, $checkout: ID!, $carts: [_Any!]!) {
		byAttempt: checkoutCompletion(attemptId: $attempt) `+attemptFields+` byCart: checkoutCompletion(cartId: $cart) `+attemptFields+`
		checkout(id: $checkout) { completion `+attemptFields+` }
		_entities(representations: $carts) { ... on Cart { completion `+attemptFields+` } } }`, map[string]any{
		"attempt": attemptID, "cart": c.Cart.ID, "checkout": c.ID, "carts": []any{map[string]any{"__typename": "Cart", "id": c.Cart.ID}},
	}, &data)
	told := map[string]*attempt{"by attempt": data.ByAttempt, "by cart": data.ByCart, "of the cart": data.Entities[0].Completion}
	if data.Checkout != nil {
		told["of the checkout"] = data.Checkout.Completion
	}
	return told
}

func TestACompletionThatTakesLong(t *testing.T) { // Rules O-2e, O-4.
	t.Parallel()
	p := startPlacer(t)
	c := p.ready(t, nobody, 1)
	got := p.complete(t, nobody, c, "the button", nil)
	a := got.Completion
	if a == nil || a.Status != "PROCESSING" || !a.PollAfter.After(noon) || got.Checkout.State != "PROCESSING" || len(got.UserErrors)+len(got.Warnings) > 0 {
		t.Fatalf("checkoutComplete = %+v, %+v", got, a)
	}
	other := p.complete(t, nobody, c, "another phone", nil)
	if diff := cmp.Diff(a, other.Completion); diff != "" || len(other.Warnings) != 1 || other.Warnings[0].Code != "COMPLETION_IN_PROGRESS" || other.Warnings[0].Target != a.AttemptID {
		t.Errorf("another key = %+v (-first +other):\n%s", other.Warnings, diff)
	}
	if wrong, _ := p.update(t, nobody, c.ID, map[string]any{"phone": "12345"}); brief(wrong.UserErrors)[0] != "INVALID_STATE at checkoutId" {
		t.Errorf("checkoutUpdate = %+v", wrong.UserErrors)
	}
	p.answer(t, c, event.StockRejected{Lines: []event.RejectedVariant{{VariantID: c.Lines[0].Variant.ID, Reason: "OUT_OF_STOCK"}}})
	failed := p.complete(t, nobody, c, "the button", nil)
	if f := failed.Completion.Failure; failed.Completion.AttemptID != a.AttemptID || f == nil || f.Code != "OUT_OF_STOCK" || f.Message == "" || f.Retryable ||
		len(f.LineIDs) != 1 || f.LineIDs[0] != c.Lines[0].ID || failed.Checkout.State != "OPEN" || failed.Completion.PollAfter != nil {
		t.Errorf("after the failure = %+v, %+v", failed.Completion, f)
	}
	var cancel struct {
		Payload struct {
			Checkout   *struct{ State string }
			UserErrors []problem
		}
	}
	p.ask(t, nobody, `mutation ($id: ID!) { payload: checkoutCancel(checkoutId: $id) { checkout { state } userErrors { code field } } }`, map[string]any{"id": c.ID}, &cancel)
	if cancel.Payload.Checkout.State != "CANCELLED" || len(cancel.Payload.UserErrors) > 0 {
		t.Errorf("checkoutCancel = %+v", cancel.Payload)
	}
}

func TestTwentyKeysMakeOneOrder(t *testing.T) { // Rule O-4.
	t.Parallel()
	p := startPlacer(t)
	c := p.ready(t, nobody, 1)
	answers := make([]completePayload, 20)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = p.complete(t, nobody, c, fmt.Sprint("the key ", i), nil) })
	}
	p.answer(t, c, yes...)
	p.settle(t)
	all.Wait()
	for _, a := range answers {
		if len(a.UserErrors) > 0 || a.Completion == nil || a.Completion.AttemptID != answers[0].Completion.AttemptID || a.Completion.Status == "FAILED" {
			t.Errorf("answer %+v", a)
		}
	}
	var orders int
	if err := p.db.Get(t.Context(), &orders, `SELECT count(*) FROM orders`); err != nil || orders != 1 {
		t.Errorf("%d orders, %v", orders, err)
	}
	var ledger struct{ FakepayLedger map[string]any }
	p.ask(t, nobody, `query ($r: String!) { fakepayLedger(reference: $r) { authorizations voids captures operations { kind outcome amount { amount } } } }`,
		map[string]any{"r": answers[0].Completion.AttemptID}, &ledger)
	want := map[string]any{"authorizations": 1.0, "voids": 0.0, "captures": 0.0, "operations": []any{
		map[string]any{"kind": "authorize", "outcome": "AUTHORIZED", "amount": map[string]any{"amount": c.Cost.Total.Amount}},
	}}
	if diff := cmp.Diff(want, ledger.FakepayLedger); diff != "" {
		t.Errorf("the ledger of the gateway (-want +got):\n%s", diff)
	}
}

func TestCheckoutCompleteUserErrors(t *testing.T) { // Rules G-2, G-4, O-3.
	t.Parallel()
	p := startPlacer(t)
	c := p.ready(t, nobody, 1)
	total := func(amount, currency string) map[string]any {
		return map[string]any{"total": map[string]any{"amount": amount, "currencyCode": currency}}
	}
	for name, x := range map[string]struct {
		key     string
		changes map[string]any
		want    string
	}{
		"a short key":         {"key", nil, "INVALID at idempotencyKey"},
		"another total":       {"long enough", total("1.00", "EUR"), "TOTAL_CHANGED at expectedTotal"},
		"another currency":    {"long enough", total(c.Cost.Total.Amount, "USD"), "CURRENCY_MISMATCH at expectedTotal.currencyCode"},
		"too many decimals":   {"long enough", total("24.881", "EUR"), "MONEY_PRECISION at expectedTotal.amount"},
		"no number":           {"long enough", total("much", "EUR"), "INVALID at expectedTotal.amount"},
		"no payment's id":     {"long enough", map[string]any{"session": "pay"}, "PAYMENT_SESSION_INVALID at paymentSessionId"},
		"another payment":     {"long enough", map[string]any{"session": gid.Format("PaymentSession", gid.New())}, "PAYMENT_SESSION_INVALID at paymentSessionId"},
		"no checkout":         {"long enough", map[string]any{"id": p.env.CartKeys.FormatAs("Checkout", gid.New())}, "NOT_FOUND at checkoutId"},
		"a checkout's id":     {"long enough", map[string]any{"id": strings.Split(c.ID, "?")[0]}, "NOT_FOUND at checkoutId"},
		"the id of something": {"long enough", map[string]any{"id": c.Cart.ID}, "NOT_FOUND at checkoutId"},
	} {
		got := p.complete(t, nobody, c, x.key, x.changes)
		if diff := cmp.Diff([]string{x.want}, brief(got.UserErrors)); diff != "" || got.Completion != nil {
			t.Errorf("%s: completion %+v, userErrors (-want +got):\n%s", name, got.Completion, diff)
		}
		if (got.Checkout != nil) == strings.HasPrefix(x.want, "NOT_FOUND") {
			t.Errorf("%s: checkout %+v", name, got.Checkout)
		}
	}
	for name, query := range map[string]string{"neither": `{ checkoutCompletion { status } }`, "both": `{ checkoutCompletion(attemptId: "a", cartId: "c") { status } }`} {
		if r := p.reply(t, nobody, query, nil); len(r.Errors) != 1 || r.Errors[0].Extensions.Code != "INVALID" {
			t.Errorf("checkoutCompletion by %s: %+v", name, r.Errors)
		}
	}
}

func TestWhoSeesACompletion(t *testing.T) { // Rule A-3.
	t.Parallel()
	p := startPlacer(t)
	ada, bob := identity.Identity{Customer: gid.Format("Customer", gid.New())}, identity.Identity{Customer: gid.Format("Customer", gid.New())}
	c := p.ready(t, ada, 1)
	var all sync.WaitGroup
	all.Go(func() { p.complete(t, ada, c, "the button", nil) })
	p.answer(t, c, yes...)
	p.settle(t)
	all.Wait()
	attemptID := p.told(t, ada, c, "x")["by cart"].AttemptID
	for _, id := range []string{attemptID, strings.Split(attemptID, "?")[0]} {
		for name, got := range p.told(t, ada, c, id) {
			if got == nil || got.Status != "COMPLETED" || got.Order == nil || got.OrderAccessToken != nil {
				t.Errorf("%s with %s: its customer is told %+v", name, id, got)
			}
		}
		for _, who := range []identity.Identity{nobody, bob} {
			for name, got := range p.told(t, who, c, id) {
				if got != nil {
					t.Errorf("%s: %+v is told %+v", name, who, got)
				}
			}
		}
	}
}

func TestTheLedgerIsForTests(t *testing.T) { // Rule F-6.
	t.Parallel()
	s := start(t, "checkout", func(e *subgraph.Env) { e.FakepayURL = "http://127.0.0.1:1" })
	got := s.reply(t, nobody, `{ fakepayLedger(reference: "r") { voids } }`, nil)
	if len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "FORBIDDEN" || string(got.Data) != `{"fakepayLedger":null}` {
		t.Errorf("without test mode it tells %s, %+v", got.Data, got.Errors)
	}
}
