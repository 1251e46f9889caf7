package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/crash"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// errOtherAmount is that of a payment which is not of what was to be paid.
var errOtherAmount = errors.New("the gateway reserved another amount")

// pay has the money of a completion reserved, once however often it is called: the reference and the keys are the
// completion's. Where the gateway may have been asked before, it is asked for what came of it first; it is asked to
// authorise again only when it says that there is no such payment (rule O-6), and the buyer did not give up. The errors are
// those of judge and ErrSessionInvalid; others mean that the outcome is not known yet.
func (w *Worker) pay(ctx context.Context, c *checkout.Completion, asked bool) (checkout.Payment, error) {
	if c.Charge.Free() { // Rule O-9.
		return checkout.Payment{}, nil
	}
	gateway, err := w.gateway(c)
	if err != nil {
		return checkout.Payment{}, err
	}
	if asked {
		if p, known, err := w.lookup(ctx, c); err != nil || known {
			return p, err
		}
		if err := w.wanted(ctx, c); err != nil {
			return checkout.Payment{}, err
		}
	}
	crash.Point("checkout.gateway.before")
	p, err := gateway.Authorize(ctx, checkout.Authorization{
		Session: c.Charge.Session, Reference: c.AttemptID(), Amount: c.Charge.Amount, Key: c.UUID.String() + ":authorize",
	})
	crash.Point("checkout.gateway.after")
	if err == nil {
		err = judge(c, p)
	}
	refused := errors.Is(err, checkout.ErrRefused)
	if !refused && !errors.Is(err, checkout.ErrUnknownOutcome) {
		return p, err
	}
	found, known, e := w.lookup(ctx, c)
	switch {
	case known:
		return found, e
	case refused && (e == nil || errors.Is(e, checkout.ErrRefused)): // It has done nothing, and never will.
		w.Log.Error("the gateway refuses a payment", "completion", c.AttemptID(), "error", err)
		return p, fmt.Errorf("%w: %w", checkout.ErrDeclined, err)
	case refused:
		return p, e
	}
	return p, err
}

// judge says what a payment means for a completion. It is a yes only where exactly what was to be paid is reserved or taken.
// It is ErrDeclined where no money is reserved, ErrCancelled where that is because the buyer gave up, errOtherAmount, or
// ErrUnknownOutcome.
func judge(c *checkout.Completion, p checkout.Payment) error {
	switch {
	case p.Status == checkout.PaymentVoided && c.Cancelled:
		return checkout.ErrCancelled
	case p.Status == checkout.PaymentDeclined, p.Status == checkout.PaymentVoided:
		return checkout.ErrDeclined
	case p.ID == "" || p.Status != checkout.PaymentAuthorized && p.Status != checkout.PaymentCaptured:
		return fmt.Errorf("%w: the payment is %q", checkout.ErrUnknownOutcome, p.Status)
	case p.Amount != c.Charge.Amount:
		return errOtherAmount
	}
	return nil
}

// wanted answers ErrCancelled where the buyer gave up since the completion was leased.
func (w *Worker) wanted(ctx context.Context, c *checkout.Completion) error {
	found, err := w.Store.Completions(ctx, []uuid.UUID{c.UUID})
	if now := found[c.UUID]; err == nil && now != nil && now.Cancelled {
		return checkout.ErrCancelled
	}
	return err
}

// gateway returns that of a completion; where nothing is to be paid it is nil.
func (w *Worker) gateway(c *checkout.Completion) (checkout.Gateway, error) {
	if g := w.Gateways[c.Charge.Gateway]; g != nil || c.Charge.Free() {
		return g, nil
	}
	return nil, fmt.Errorf("the shop has no gateway %q any more", c.Charge.Gateway)
}

// lookup asks the gateway what came of the payment of a completion, and judges it.
func (w *Worker) lookup(ctx context.Context, c *checkout.Completion) (p checkout.Payment, known bool, err error) {
	gateway, err := w.gateway(c)
	if err != nil {
		return p, false, err
	}
	payments, err := gateway.Lookup(ctx, c.AttemptID())
	if err != nil {
		return p, false, err
	}
	for _, one := range payments { // The key admits one. Of more, a yes decides, then what is not dead.
		e := judge(c, one)
		if e == nil {
			return one, true, nil
		}
		if !known || !errors.Is(e, checkout.ErrDeclined) && !errors.Is(e, checkout.ErrCancelled) {
			p, known, err = one, true, e
		}
	}
	return p, known, err
}

// void sets the money of a payment free. Where the gateway refuses that, as it does when the money was taken, it is left to
// the sweep, and to people.
func (w *Worker) void(ctx context.Context, c *checkout.Completion, p checkout.Payment) error {
	gateway, err := w.gateway(c)
	if err != nil {
		return err
	}
	crash.Point("checkout.void.before")
	err = gateway.Void(ctx, p.ID, c.UUID.String()+":void")
	crash.Point("checkout.void.after")
	if errors.Is(err, checkout.ErrRefused) {
		w.Log.Error("a payment for no order cannot be voided", "completion", c.AttemptID(), "payment", p.ID, "error", err)
		return nil
	}
	return err
}
