package payment_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fakepay"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/payment"
)

// script is a gateway that answers what a test says, and writes down what it is asked.
type script struct {
	mu        sync.Mutex
	authorize string // status and body
	lookup    string
	void      string
	calls     []string
}

func (g *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	call, answer := "authorize", g.authorize
	switch {
	case r.Method == http.MethodGet:
		call, answer = "lookup", g.lookup
	case strings.HasSuffix(r.URL.Path, "/void"):
		call, answer = "void", g.void
	}
	g.calls = append(g.calls, call)
	var status int
	if _, err := fmt.Sscan(answer, &status); err != nil {
		panic(err)
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(answer[3:]))
}

// times counts the calls of a kind.
func (g *script) times(call string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, c := range g.calls {
		if c == call {
			n++
		}
	}
	return n
}

// scripted makes a worker whose gateway is a script.
func (s *shop) scripted(g *script) *payment.Worker {
	server := httptest.NewServer(g)
	s.t.Cleanup(server.Close)
	w := s.worker("w")
	w.Gateways = map[string]checkout.Gateway{"fakepay": payment.NewFakepay(server.URL)}
	return w
}

const (
	noPayments = `200{"payments":[]}`
	declined   = "FAILED PAYMENT_DECLINED, OPEN"
	waits      = "AUTHORIZING, PROCESSING"
	charged    = `"amount":1230,"currency":"EUR"` // what a completion of the shop costs
)

// TestOnlyAYesIsAYes asserts that no order comes of an answer that does not say that exactly what was to be paid is reserved.
func TestOnlyAYesIsAYes(t *testing.T) { // Rules O-2, O-6.
	t.Parallel()
	for name, c := range map[string]struct {
		authorize, lookup, want string
		voids                   int
	}{
		"authorised":          {`200{"id":"x","status":"AUTHORIZED",` + charged + `}`, noPayments, placed, 0},
		"taken at once":       {`200{"id":"x","status":"CAPTURED",` + charged + `}`, noPayments, placed, 0},
		"declined":            {`200{"id":"x","status":"DECLINED"}`, noPayments, declined, 0},
		"void":                {`200{"id":"x","status":"VOIDED",` + charged + `}`, noPayments, declined, 0},
		"an empty object":     {`200{}`, noPayments, waits, 0},
		"null":                {`200null`, noPayments, waits, 0},
		"an error in 200":     {`200{"error":{"code":"insufficient_funds"}}`, noPayments, waits, 0},
		"pending":             {`200{"id":"x","status":"PENDING",` + charged + `}`, noPayments, waits, 0},
		"without an id":       {`200{"status":"AUTHORIZED",` + charged + `}`, noPayments, waits, 0},
		"another amount":      {`200{"id":"x","status":"AUTHORIZED","amount":1,"currency":"EUR"}`, noPayments, declined, 1},
		"another currency":    {`200{"id":"x","status":"AUTHORIZED","amount":1230,"currency":"USD"}`, noPayments, declined, 1},
		"looked up: yes":      {`503`, `200{"payments":[{"id":"x","status":"AUTHORIZED",` + charged + `}]}`, placed, 0},
		"looked up: pending":  {`503`, `200{"payments":[{"id":"x","status":"PENDING",` + charged + `}]}`, waits, 0},
		"looked up: less":     {`503`, `200{"payments":[{"id":"x","status":"AUTHORIZED","amount":1,"currency":"EUR"}]}`, declined, 1},
		"looked up: no, yes":  {`503`, `200{"payments":[{"id":"y","status":"DECLINED"},{"id":"x","status":"CAPTURED",` + charged + `}]}`, placed, 0},
		"looked up: no list":  {`503`, `200{}`, waits, 0},
		"looked up: an empty": {`503`, `200{"payments":[{}]}`, waits, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			completion := s.reserved(fakepay.OK)
			if completion.Charge.Amount.Amount() != "12.30" {
				t.Fatalf("it costs %+v", completion.Charge.Amount)
			}
			g := &script{authorize: c.authorize, lookup: c.lookup, void: `200{"id":"x","status":"VOIDED"}`}
			if got := s.settle(s.scripted(g), completion); got != c.want || g.times("void") != c.voids {
				t.Errorf("it is %s after %d voids, want %s after %d", got, g.times("void"), c.want, c.voids)
			}
			if strings.Contains(c.lookup, "{}") && g.times("authorize") > 1 {
				t.Error("the gateway did not say that there is no payment, and was asked for another one")
			}
		})
	}
}

// TestAnOrderBooksWhatTheGatewayTold reads the money of orders.
func TestAnOrderBooksWhatTheGatewayTold(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]checkout.Paid{"AUTHORIZED": {Authorized: 1230}, "CAPTURED": {Authorized: 1230, Captured: 1230}} {
		s := open(t)
		c := s.reserved(fakepay.OK)
		s.settle(s.scripted(&script{authorize: `200{"id":"x","status":"` + status + `",` + charged + `}`, lookup: noPayments}), c)
		id := *s.read(c).OrderUUID
		orders, err := s.store.Orders(t.Context(), []uuid.UUID{id})
		must(t, err)
		if got := orders[id].Payment; got != want {
			t.Errorf("%s is booked as %+v, want %+v", status, got, want)
		}
	}
}

// TestARefusalEndsACompletion asserts that what the gateway will never do is not asked for again and again.
func TestARefusalEndsACompletion(t *testing.T) { // Rules O-2, O-6.
	t.Parallel()
	for name, c := range map[string]struct{ authorize, lookup, want string }{
		"too much":                     {`422{"error":{"code":"amount_too_large"}}`, noPayments, declined},
		"a bad request":                {`400`, noPayments, declined},
		"nobody may":                   {`401`, `401`, declined},
		"it is not there":              {`404`, noPayments, declined},
		"refused, but it was done":     {`422`, `200{"payments":[{"id":"x","status":"AUTHORIZED",` + charged + `}]}`, placed},
		"refused, and nothing is told": {`422`, `503`, waits},
		"a request that goes on":       {`409{"error":{"code":"idempotency_key_in_use"}}`, noPayments, waits},
		"too often":                    {`429`, noPayments, waits},
		"too late":                     {`408`, noPayments, waits},
		"too early":                    {`425`, noPayments, waits},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			completion := s.reserved(fakepay.OK)
			g := &script{authorize: c.authorize, lookup: c.lookup}
			if got := s.settle(s.scripted(g), completion); got != c.want || c.want != waits && g.times("authorize") != 1 {
				t.Errorf("it is %s after the gateway was asked %v, want %s", got, g.calls, c.want)
			}
		})
	}
}

func TestAGatewayThatTheShopHasNoMore(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	w := s.worker("w")
	w.Gateways = nil
	if got := s.settle(w, c); got != "FAILED PAYMENT_SESSION_INVALID, OPEN" {
		t.Errorf("it is %s", got)
	}
}

// TestAPaymentThatCannotBeVoided was taken before the buyer gave up: the cart and its stock are free, the sweep keeps it.
func TestAPaymentThatCannotBeVoided(t *testing.T) { // Rule O-2c.
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	g := &script{authorize: `503`, lookup: `200{"payments":[{"id":"x","status":"PENDING",` + charged + `}]}`, void: `409{"error":{"code":"invalid_state"}}`}
	w := s.scripted(g)
	if got := s.settle(w, c); got != waits {
		t.Fatalf("it is %s", got)
	}
	must(t, s.store.CancelCheckout(t.Context(), c.CheckoutUUID, s.now()))
	g.lookup = `200{"payments":[{"id":"x","status":"CAPTURED",` + charged + `}]}`
	if got := s.settle(w, c); got != cancelled || g.times("void") != 1 {
		t.Errorf("it is %s after %d voids", got, g.times("void"))
	}
}

// TestCancelWhileTheGatewayIsAway asserts that a buyer who gave up is not asked to pay when the gateway is there again.
func TestCancelWhileTheGatewayIsAway(t *testing.T) { // Rule O-2c.
	t.Parallel()
	s := open(t)
	c := s.reserved(fakepay.OK)
	s.gateway.hook(func(call string) error {
		if call == "authorize" {
			return checkout.ErrUnreachable
		}
		return nil
	}, nil)
	w := s.worker("w")
	_, err := w.RunOnce(t.Context())
	must(t, err)
	s.pass(time.Minute)
	s.gateway.hook(nil, func(call string) error {
		if call == "lookup" { // The lease is older than that the buyer gave up.
			return s.store.CancelCheckout(t.Context(), c.CheckoutUUID, s.now())
		}
		return nil
	})
	if got := s.settle(w, c); got != cancelled {
		t.Errorf("it is %s", got)
	}
	if got := s.counts(c); got != [5]int{0, 0, 0, 0, 1} || slices.Contains(s.gateway.asked()[1:], "authorize") {
		t.Errorf("counts = %v, the gateway was asked %v", got, s.gateway.asked())
	}
}
