package payment_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/soukhq/souk/internal/fakepay"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/payment"
)

var euros = money.Money{Minor: 1230, Currency: "EUR"}

// TestAPaymentAtFakepay takes a payment through all that can be done with it.
func TestAPaymentAtFakepay(t *testing.T) {
	t.Parallel()
	f := open(t).fakepay
	session, err := f.CreateSession(t.Context(), map[string]any{"token": fakepay.OK}, "s")
	must(t, err)
	again, err := f.CreateSession(t.Context(), map[string]any{"token": fakepay.OK}, "s")
	must(t, err)
	if session != again || session == "" {
		t.Errorf("one key made the sessions %q and %q", session, again)
	}
	pay := func(reference string) checkout.Payment {
		t.Helper()
		a := checkout.Authorization{Session: session, Reference: reference, Amount: euros, Key: reference}
		p, err := f.Authorize(t.Context(), a)
		must(t, err)
		twice, err := f.Authorize(t.Context(), a)
		must(t, err)
		if p != twice || p.ID == "" || p.Status != checkout.PaymentAuthorized || p.Amount != euros {
			t.Errorf("one key made the payments %+v and %+v", p, twice)
		}
		return p
	}
	voided, captured := pay("one & two"), pay("three")
	must(t, f.Void(t.Context(), voided.ID, "v"))
	must(t, f.Void(t.Context(), voided.ID, "v2"))
	must(t, f.Capture(t.Context(), captured.ID, "c"))
	if err := f.Capture(t.Context(), voided.ID, "c2"); err == nil || errors.Is(err, checkout.ErrUnknownOutcome) || errors.Is(err, checkout.ErrUnreachable) {
		t.Errorf("capture of what is void: %v", err)
	}
	for reference, want := range map[string]checkout.PaymentStatus{"one & two": checkout.PaymentVoided, "three": checkout.PaymentCaptured} {
		if got, err := f.Lookup(t.Context(), reference); err != nil || len(got) != 1 || got[0].Status != want {
			t.Errorf("lookup of %s = %+v, %v, want %s", reference, got, err, want)
		}
	}
	if got, err := f.Lookup(t.Context(), "two"); err != nil || len(got) != 0 {
		t.Errorf("lookup of nothing = %+v, %v", got, err)
	}
	ledger, err := f.Ledger(t.Context(), "one & two")
	must(t, err)
	want := checkout.FakepayLedger{Authorizations: 1, Voids: 1, Operations: []checkout.FakepayOperation{
		{Kind: "authorize", Key: "one & two", Outcome: "AUTHORIZED", Amount: euros}, {Kind: "void", Key: "v", Outcome: "VOIDED", Amount: euros},
	}}
	if diff := cmp.Diff(want, ledger, cmpopts.IgnoreFields(checkout.FakepayOperation{}, "At")); diff != "" || ledger.Operations[0].At.IsZero() {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestWhatFakepayDoesNotTake(t *testing.T) {
	t.Parallel()
	f := open(t).fakepay
	for _, data := range []any{nil, "ok", map[string]any{}, map[string]any{"token": 1}, map[string]any{"token": "gold"}} {
		_, err := f.CreateSession(t.Context(), data, gid.New().String())
		if faults, _ := fault.Split(err); len(faults) != 1 || faults[0].Code != "PAYMENT_SESSION_INVALID" || faults[0].Field[0] != "data" {
			t.Errorf("a session with %v: %v", data, err)
		}
	}
	_, err := f.Authorize(t.Context(), checkout.Authorization{Session: gid.New().String(), Reference: "r", Amount: euros, Key: "k"})
	if !errors.Is(err, checkout.ErrSessionInvalid) {
		t.Errorf("no session: %v", err)
	}
	session, err := f.CreateSession(t.Context(), map[string]any{"token": fakepay.Decline}, "s")
	must(t, err)
	_, err = f.Authorize(t.Context(), checkout.Authorization{Session: session, Reference: "r", Amount: euros, Key: "k"})
	if !errors.Is(err, checkout.ErrDeclined) {
		t.Errorf("declined: %v", err)
	}
}

// TestFakepayThatTellsNothing asserts what is known of a call that failed.
func TestFakepayThatTellsNothing(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	hangs := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hangs }))
	t.Cleanup(func() { close(hangs); silent.Close() })
	answers := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	breaks := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(breaks.Close)
	for name, c := range map[string]struct {
		address string
		want    error
	}{
		"nobody listens":         {gone.URL, checkout.ErrUnreachable},
		"it is silent":           {silent.URL, checkout.ErrUnknownOutcome},
		"it breaks off":          {breaks.URL, checkout.ErrUnknownOutcome},
		"an error of its own":    {answers(503, `{"error":{"code":"unavailable"}}`), checkout.ErrUnknownOutcome},
		"an answer that is none": {answers(200, "<html>"), checkout.ErrUnknownOutcome},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			started := time.Now()
			_, err := payment.NewFakepay(c.address).Authorize(t.Context(), checkout.Authorization{Amount: euros, Key: "k"})
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if d := time.Since(started); d > 10*time.Second {
				t.Errorf("it waited for %v", d)
			}
		})
	}
}
