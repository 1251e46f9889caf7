package graph

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph/generated"
)

// Completions is what placing orders needs beside the store.
type Completions struct {
	// Wait is how long a mutation waits for the end of a completion (rule O-2e).
	Wait time.Duration
	// Ledger tells what the gateway for tests did, or refuses to (rule F-6).
	Ledger checkout.Ledger
}

// poll is how often a mutation that waits looks by itself: what it is told can be lost.
const poll = 250 * time.Millisecond

// CheckoutComplete requests the order and waits for a while for what comes of it.
func (r mutation) CheckoutComplete(ctx context.Context, checkoutID, idempotencyKey string, expectedTotal generated.MoneyInput, paymentSessionID *string, acceptLowerTotal *bool) (*generated.CheckoutCompletePayload, error) {
	payload := &generated.CheckoutCompletePayload{Warnings: noWarnings()}
	seen, err := r.seen(ctx, []string{checkoutID})
	if err != nil {
		return nil, err
	}
	before := seen[0]
	if before == nil {
		payload.UserErrors, err = fault.Split(checkout.NotFound())
		return payload, err
	}
	completion, own, err := r.request(ctx, before, idempotencyKey, expectedTotal, paymentSessionID, acceptLowerTotal != nil && *acceptLowerTotal)
	if payload.UserErrors, err = fault.Split(err); err != nil {
		return nil, err
	}
	if completion != nil && own {
		completion, err = r.await(ctx, completion)
	}
	if completion != nil && !own && !completion.Ended() {
		payload.Warnings = append(payload.Warnings, r.inProgress(completion))
	}
	if completion != nil {
		r.prepare(ctx, map[uuid.UUID]*checkout.Completion{completion.UUID: completion})
	}
	payload.Completion = completion
	if err == nil {
		payload.Checkout, err = r.again(ctx, before)
	}
	return payload, err
}

// request requests the order of a checkout that the caller may see.
func (r *Resolver) request(ctx context.Context, c *checkout.Checkout, given string, expected generated.MoneyInput, session *string, lower bool) (*checkout.Completion, bool, error) {
	ask := checkout.Ask{AcceptLower: lower}
	var err error
	if ask.Expected, err = readMoney(expected); err != nil {
		return nil, false, err
	}
	key, err := idempotency.Read(&given, idempotency.Scope{
		Caller: identity.From(ctx).Customer, Resource: gid.Format("Cart", c.CartUUID), Mutation: "checkoutComplete",
	}, c.ID(), ask.Expected, session, lower)
	if err != nil {
		return nil, false, err
	}
	ask.Key, ask.Request = key.Sums()
	if session != nil {
		id, ok := gid.Parse("PaymentSession", *session)
		if !ok {
			return nil, false, fault.New("PAYMENT_SESSION_INVALID", "There is no such payment.", "paymentSessionId")
		}
		ask.Session = &id
	}
	return r.Store.Complete(ctx, c.UUID, ask, r.Now())
}

func readMoney(m generated.MoneyInput) (money.Money, error) {
	amount, err := money.Parse(m.Amount, m.CurrencyCode)
	switch {
	case errors.Is(err, money.ErrPrecision):
		return amount, fault.New("MONEY_PRECISION", "The amount has more decimals than the currency.", "expectedTotal", "amount")
	case errors.Is(err, money.ErrCurrency):
		return amount, fault.New("CURRENCY_MISMATCH", "The shop does not use this currency.", "expectedTotal", "currencyCode")
	case err != nil:
		return amount, fault.New("INVALID", "The amount is not a decimal number that can be used.", "expectedTotal", "amount")
	}
	return amount, nil
}

func (r *Resolver) inProgress(c *checkout.Completion) *generated.CheckoutWarning {
	target := r.attemptID(c)
	return &generated.CheckoutWarning{
		Code: "COMPLETION_IN_PROGRESS", Message: "Another attempt to place this order goes on.", Target: &target,
	}
}

// await returns a completion when it has ended, or as it is after a while: another process may be the one that ends it.
func (r *Resolver) await(ctx context.Context, c *checkout.Completion) (*checkout.Completion, error) {
	changed, stop := r.Store.Watch()
	defer stop()
	enough := time.NewTimer(r.Completions.Wait)
	defer enough.Stop()
	look := time.NewTicker(poll)
	defer look.Stop()
	for !c.Ended() {
		now, err := r.Store.Completions(ctx, []uuid.UUID{c.UUID})
		if err != nil {
			return c, err
		}
		if c = now[c.UUID]; c.Ended() {
			break
		}
		select {
		case <-ctx.Done():
			return c, ctx.Err()
		case <-enough.C:
			return c, nil
		case <-changed:
		case <-look.C:
		}
	}
	return c, nil
}

// again reads a checkout that the caller could see.
func (r *Resolver) again(ctx context.Context, c *checkout.Checkout) (*checkout.Checkout, error) {
	checkouts, err := r.Store.Checkouts(ctx, []uuid.UUID{c.UUID})
	if now := checkouts[c.UUID]; now != nil {
		return now.ShownTo(identity.From(ctx).Customer, r.Now()), err
	}
	return nil, err
}

// CheckoutCancel gives a checkout up; where the gateway is being asked, it is PROCESSING until that has an end (rule O-2c).
func (r mutation) CheckoutCancel(ctx context.Context, checkoutID string, idempotencyKey *string) (*generated.CheckoutCancelPayload, error) {
	seen, err := r.seen(ctx, []string{checkoutID})
	if err != nil {
		return nil, err
	}
	c := seen[0]
	payload := &generated.CheckoutCancelPayload{Warnings: noWarnings()}
	if c == nil {
		payload.UserErrors, err = fault.Split(checkout.NotFound())
		return payload, err
	}
	// A repeated call has no second effect by itself; the key need not be remembered.
	_, err = idempotency.Read(idempotencyKey, idempotency.Scope{Resource: c.ID(), Mutation: "checkoutCancel"})
	if err == nil {
		err = r.Store.CancelCheckout(ctx, c.UUID, r.Now())
	}
	if payload.UserErrors, err = fault.Split(err); err != nil {
		return nil, err
	}
	payload.Checkout, err = r.again(ctx, c)
	return payload, err
}
