// Package payment asks payment gateways, and settles the completions that wait for them.
package payment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/checkout"
)

const (
	timeout       = 2 * time.Second
	maximumAnswer = 1 << 20 // bytes
)

// Fakepay asks the gateway for tests and demonstrations over HTTP. It is safe for concurrent use.
type Fakepay struct {
	base string
	http *http.Client
}

// NewFakepay makes a client of the gateway at an address.
func NewFakepay(address string) *Fakepay {
	return &Fakepay{base: strings.TrimSuffix(address, "/"), http: &http.Client{
		Timeout: timeout, Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second},
	}}
}

// payment is one as the gateway writes it.
type payment struct {
	ID       string                 `json:"id"`
	Status   checkout.PaymentStatus `json:"status"`
	Amount   int64                  `json:"amount"`
	Currency string                 `json:"currency"`
}

func (p payment) read() checkout.Payment {
	return checkout.Payment{ID: p.ID, Status: p.Status, Amount: money.Money{Minor: p.Amount, Currency: p.Currency}}
}

// CreateSession begins a payment; the data are an object whose token names the outcome.
func (f *Fakepay) CreateSession(ctx context.Context, data any, key string) (string, error) {
	var session struct {
		ID string `json:"id"`
	}
	fields, _ := data.(map[string]any)
	token, is := fields["token"].(string)
	if !is {
		return "", fault.New("PAYMENT_SESSION_INVALID", "The data of a payment with fakepay are an object with a token.", "data")
	}
	err := f.post(ctx, "/v1/sessions", key, map[string]any{"token": token}, &session)
	if errors.Is(err, checkout.ErrSessionInvalid) {
		return "", fault.New("PAYMENT_SESSION_INVALID", "Fakepay does not know this token.", "data", "token")
	}
	return session.ID, err
}

// Authorize reserves money.
func (f *Fakepay) Authorize(ctx context.Context, a checkout.Authorization) (checkout.Payment, error) {
	var p payment
	err := f.post(ctx, "/v1/payments", a.Key, map[string]any{
		"session": a.Session, "reference": a.Reference, "amount": a.Amount.Minor, "currency": a.Amount.Currency,
	}, &p)
	if err == nil && p.Status == checkout.PaymentDeclined {
		err = checkout.ErrDeclined
	}
	return p.read(), err
}

// Capture takes reserved money.
func (f *Fakepay) Capture(ctx context.Context, id, key string) error {
	return f.post(ctx, "/v1/payments/"+url.PathEscape(id)+"/capture", key, nil, new(payment))
}

// Void sets reserved money free.
func (f *Fakepay) Void(ctx context.Context, id, key string) error {
	return f.post(ctx, "/v1/payments/"+url.PathEscape(id)+"/void", key, nil, new(payment))
}

// Lookup returns the payments of a reference.
func (f *Fakepay) Lookup(ctx context.Context, reference string) ([]checkout.Payment, error) {
	var answer struct{ Payments []payment }
	if err := f.get(ctx, "/v1/payments", reference, &answer); err != nil {
		return nil, err
	}
	if answer.Payments == nil { // It did not say that there are none.
		return nil, fmt.Errorf("%w: no list of payments", checkout.ErrUnknownOutcome)
	}
	payments := make([]checkout.Payment, len(answer.Payments))
	for i, p := range answer.Payments {
		payments[i] = p.read()
	}
	return payments, nil
}

// Ledger returns all that was done under a reference.
func (f *Fakepay) Ledger(ctx context.Context, reference string) (checkout.FakepayLedger, error) {
	var answer struct {
		Authorizations, Voids, Captures int
		Entries                         []struct {
			Kind, Key, Outcome, Currency string
			Amount                       int64
			At                           time.Time
		}
	}
	if err := f.get(ctx, "/v1/ledger", reference, &answer); err != nil {
		return checkout.FakepayLedger{}, err
	}
	l := checkout.FakepayLedger{
		Authorizations: answer.Authorizations, Voids: answer.Voids, Captures: answer.Captures, Operations: []checkout.FakepayOperation{},
	}
	for _, e := range answer.Entries {
		l.Operations = append(l.Operations, checkout.FakepayOperation{
			Kind: e.Kind, Key: e.Key, Outcome: e.Outcome, Amount: money.Money{Minor: e.Amount, Currency: e.Currency}, At: e.At,
		})
	}
	return l, nil
}

func (f *Fakepay) get(ctx context.Context, path, reference string, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.base+path+"?reference="+url.QueryEscape(reference), nil)
	if err != nil {
		return fmt.Errorf("ask fakepay: %w", err)
	}
	return f.do(r, answer)
}

func (f *Fakepay) post(ctx context.Context, path, key string, body, answer any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return fmt.Errorf("ask fakepay: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.base+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("ask fakepay: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key) // The transport may repeat the request by itself: it is harmless.
	return f.do(r, answer)
}

// do sends a request. What the gateway surely did not do is told apart from what nobody knows.
func (f *Fakepay) do(r *http.Request, answer any) error {
	w, err := f.http.Do(r)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return fmt.Errorf("%w: %w", checkout.ErrUnreachable, err)
		}
		return fmt.Errorf("%w: %w", checkout.ErrUnknownOutcome, err)
	}
	defer func() { _ = w.Body.Close() }() // Nothing is lost when a body that was read cannot be closed.
	body, err := io.ReadAll(io.LimitReader(w.Body, maximumAnswer))
	if err != nil {
		return fmt.Errorf("%w: %w", checkout.ErrUnknownOutcome, err)
	}
	if w.StatusCode != http.StatusOK {
		return refusal(w.StatusCode, body)
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("%w: %w", checkout.ErrUnknownOutcome, err)
	}
	return nil
}

func refusal(status int, body []byte) error {
	var refused struct {
		Error struct{ Code, Message string }
	}
	_ = json.Unmarshal(body, &refused) // Without a code it is none of those that are known.
	switch code := refused.Error.Code; {
	case code == "session_unknown", code == "token_unknown":
		return checkout.ErrSessionInvalid
	case status == http.StatusConflict && code == "invalid_state": // Other conflicts are with requests that go on.
	case status < 400, status >= 500, slices.Contains(passing, status):
		return fmt.Errorf("%w: status %d", checkout.ErrUnknownOutcome, status)
	}
	return fmt.Errorf("%w with %d %s: %s", checkout.ErrRefused, status, refused.Error.Code, refused.Error.Message)
}

// passing are the refusals after which the same request may be taken.
var passing = []int{http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests}
