package checkout

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
)

// ErrCancelled says that no order must come of a completion because the buyer gave up while the gateway was asked.
var ErrCancelled = errors.New("the buyer gave up")

// Completions keeps the attempts to place orders. Each change is one transaction, and conditional on the state: whoever
// comes late changes nothing (rule O-2a).
type Completions interface {
	// Complete requests a completion of a checkout (rule O-2, step 1), or returns the one that there is already: that of the
	// same key, the one that goes on, or the one that was placed (rule O-4); own tells whether it is that of the key. The
	// faults are those of Checkout.Request, and IDEMPOTENCY_KEY_REUSED.
	Complete(ctx context.Context, checkout uuid.UUID, ask Ask, now time.Time) (c *Completion, own bool, err error)
	// CancelCheckout gives a checkout up, and its completion where that is still possible (rule O-2c). The fault
	// INVALID_STATE is that of a checkout whose order was placed.
	CancelCheckout(ctx context.Context, checkout uuid.UUID, now time.Time) error
	// Completions returns completions by their ids; those that there are not are missing.
	Completions(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Completion, error)
	// LastCompletions returns the last completion of each cart; carts without any are missing.
	LastCompletions(ctx context.Context, carts []uuid.UUID) (map[uuid.UUID]*Completion, error)
	// Watch returns a channel that gets something when a completion may have changed; it can be lost. stop ends it.
	Watch() (changed <-chan struct{}, stop func())

	// LeaseCompletions takes completions that are RESERVED or AUTHORIZING, which nobody works on, for the owner until a
	// moment (rule O-8).
	LeaseCompletions(ctx context.Context, owner string, now, until time.Time, limit int) ([]*Completion, error)
	// DropLeases gives back all that the owner took, before it was killed.
	DropLeases(ctx context.Context, owner string) error
	// PostponeCompletion lets a completion be taken again at a moment.
	PostponeCompletion(ctx context.Context, id uuid.UUID, until time.Time) error
	// AuthorizeCompletion makes a completion AUTHORIZING and tells whether it did.
	AuthorizeCompletion(ctx context.Context, id uuid.UUID, now time.Time) (bool, error)
	// PlaceOrder ends a completion with its order (rule O-2, step 4), or answers ErrCancelled. One that is not AUTHORIZING
	// stays as it is.
	PlaceOrder(ctx context.Context, id uuid.UUID, p Placement, now time.Time) error
	// FailCompletion ends a completion without an order; one that has ended stays as it is.
	FailCompletion(ctx context.Context, id uuid.UUID, f Failure, now time.Time) error
	// ExpireCompletions ends all to which not both answered in time (rule O-2b), and tells how many. One that cannot be ended
	// does not keep the others.
	ExpireCompletions(ctx context.Context, now time.Time) (int, error)
	// Orphans returns completions that failed after the gateway may have been asked, long enough before a moment, and were not
	// swept yet (rule O-10). Those that wait longest come first.
	Orphans(ctx context.Context, now time.Time, limit int) ([]*Completion, error)
	// PostponeSweep lets a completion that failed be swept again from a moment on.
	PostponeSweep(ctx context.Context, id uuid.UUID, until time.Time) error
	// SweptCompletion says that the gateway reserves no money for a completion any more, and tells of the payments that had to
	// be set free for that.
	SweptCompletion(ctx context.Context, c *Completion, free []Payment, now time.Time) error
}

// Ask is what a buyer says to place an order.
type Ask struct {
	Key         []byte // the hash of the idempotency key
	Request     []byte // the hash of all that decides the effect
	Expected    money.Money
	Session     *uuid.UUID // the payment to use; nil for the last one that was begun
	AcceptLower bool       // also go on where the total is lower than expected
}

// Placement is what a worker adds to a completion to make an order of it.
type Placement struct {
	TokenHash []byte  // SHA-256 of the secret that opens the order for a guest (rule A-5)
	Payment   Payment // as the gateway told it; empty where nothing was to be paid
}

// Request makes a completion of an open checkout, or says what stands against it (rules O-2, O-3): then nothing is consumed.
// The checkout is PROCESSING after it.
func (c *Checkout) Request(id uuid.UUID, ask Ask, now time.Time) (*Completion, []event.Event, error) {
	if err := c.Ready(ask.Expected, ask.AcceptLower, now); err != nil {
		return nil, nil, err
	}
	charge, err := c.charge(ask)
	if err != nil {
		return nil, nil, err
	}
	c.State = Processing
	completion := &Completion{
		UUID: id, CartUUID: c.CartUUID, CheckoutUUID: c.UUID, Customer: c.Customer, State: Requested, Charge: charge, CreatedAt: clock(now),
	}
	return completion, []event.Event{event.New(completion.AttemptID(), 1, event.CompletionRequested{
		CompletionID: completion.AttemptID(), CheckoutID: c.ID(), CartID: gid.Format("Cart", c.CartUUID), CartVersion: c.CartVersion,
		CurrencyCode: c.CurrencyCode, PricedAt: c.PricedAt, Lines: c.Demand(),
	}, now)}, nil
}

// charge is what is to be paid, with the payment that was begun.
func (c *Checkout) charge(ask Ask) (Charge, error) {
	charge := Charge{Amount: c.Cost.Total}
	s := c.PaymentSession
	switch {
	case charge.Free():
		return charge, nil
	case s == nil:
		return charge, fault.New("PAYMENT_SESSION_INVALID", "No payment was begun.", "paymentSessionId")
	case ask.Session != nil && *ask.Session != s.UUID:
		return charge, fault.New("PAYMENT_SESSION_INVALID", "This is not the last payment that was begun.", "paymentSessionId")
	}
	charge.Gateway, charge.Session = s.Gateway, s.Reference
	return charge, nil
}

// Cancel gives up a checkout whose order is not being placed (rule O-2c).
func (c *Checkout) Cancel() error {
	if c.State == Cancelled {
		return nil
	}
	if err := c.changeable(); err != nil {
		return err
	}
	c.State = Cancelled
	return nil
}

// After brings the state of a checkout in line with that of its completion: after a failure a new attempt may be made,
// unless the buyer gave up.
func (c *Checkout) After(completion *Completion) {
	switch {
	case completion.State == Placed:
		c.State = Completed
	case completion.State == Failed && (completion.Cancelled || completion.Failure.Code == "PAYMENT_CANCELLED"):
		c.State = Cancelled
	case completion.State == Failed:
		c.State = Open
	}
}
