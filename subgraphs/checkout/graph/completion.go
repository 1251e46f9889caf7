package graph

import (
	"context"

	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph/generated"
)

// Completions place orders and tell how that goes.
type Completions interface {
	Complete(ctx context.Context, checkoutID, key string, expected money.Money, sessionID *string, acceptLower bool) (*generated.CheckoutCompletePayload, error)
	Cancel(ctx context.Context, checkoutID string, key *string) (*generated.CheckoutCancelPayload, error)
	// Completion answers an attempt by its id or by the id of its cart.
	Completion(ctx context.Context, attemptID, cartID *string) (*generated.CheckoutCompletion, error)
	// CompletionOf answers the last attempt of a checkout, or of a cart.
	CompletionOf(ctx context.Context, c *checkout.Checkout, cart *checkout.Cart) (*generated.CheckoutCompletion, error)
	Ledger(ctx context.Context, reference string) (*checkout.FakepayLedger, error)
}

// CheckoutComplete places the order.
func (r mutation) CheckoutComplete(ctx context.Context, checkoutID, idempotencyKey string, expectedTotal generated.MoneyInput, paymentSessionID *string, acceptLowerTotal *bool) (*generated.CheckoutCompletePayload, error) {
	expected, err := money.Parse(expectedTotal.Amount, expectedTotal.CurrencyCode)
	if err != nil {
		return nil, err
	}
	return r.Completions.Complete(ctx, checkoutID, idempotencyKey, expected, paymentSessionID, acceptLowerTotal != nil && *acceptLowerTotal)
}

// CheckoutCancel gives a checkout up.
func (r mutation) CheckoutCancel(ctx context.Context, checkoutID string, idempotencyKey *string) (*generated.CheckoutCancelPayload, error) {
	return r.Completions.Cancel(ctx, checkoutID, idempotencyKey)
}

// CheckoutCompletion answers how placing an order stands.
func (r query) CheckoutCompletion(ctx context.Context, attemptID, cartID *string) (*generated.CheckoutCompletion, error) {
	return r.Completions.Completion(ctx, attemptID, cartID)
}

// FakepayLedger answers what the gateway for tests did.
func (r query) FakepayLedger(ctx context.Context, reference string) (*checkout.FakepayLedger, error) {
	return r.Completions.Ledger(ctx, reference)
}

// Completion answers the last attempt to place the order of a cart.
func (r cartField) Completion(ctx context.Context, c *checkout.Cart) (*generated.CheckoutCompletion, error) {
	return r.Completions.CompletionOf(ctx, nil, c)
}

// Completion answers the last attempt to place the order of a checkout.
func (r checkoutField) Completion(ctx context.Context, c *checkout.Checkout) (*generated.CheckoutCompletion, error) {
	return r.Completions.CompletionOf(ctx, c, nil)
}
