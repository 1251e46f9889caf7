package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/internal/crash"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// pay has the money of a completion reserved, once however often it is called: the reference and the keys are the
// completion's. Where the gateway may have been asked before, it is asked for what came of it first; it is asked to
// authorise again only when it says that there is no such payment (rule O-6). ErrCancelled is that of a payment that was
// voided. Other errors than those of Gateway.Authorize mean that the outcome is not known yet.
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
	}
	crash.Point("checkout.gateway.before")
	p, err := gateway.Authorize(ctx, checkout.Authorization{
		Session: c.Charge.Session, Reference: c.AttemptID(), Amount: c.Charge.Amount, Key: c.UUID.String() + ":authorize",
	})
	crash.Point("checkout.gateway.after")
	if errors.Is(err, checkout.ErrUnknownOutcome) {
		if found, known, e := w.lookup(ctx, c); known {
			return found, e
		}
	}
	return p, err
}

func (w *Worker) gateway(c *checkout.Completion) (checkout.Gateway, error) {
	if g := w.Gateways[c.Charge.Gateway]; g != nil {
		return g, nil
	}
	return nil, fmt.Errorf("the shop has no gateway %q any more", c.Charge.Gateway)
}

// lookup asks the gateway what came of the payment of a completion.
func (w *Worker) lookup(ctx context.Context, c *checkout.Completion) (p checkout.Payment, known bool, err error) {
	gateway, err := w.gateway(c)
	if err != nil {
		return p, false, err
	}
	payments, err := gateway.Lookup(ctx, c.AttemptID())
	if err != nil || len(payments) == 0 {
		return p, false, err
	}
	p = payments[0] // The key admits one.
	switch p.Status {
	case checkout.PaymentDeclined:
		return p, true, checkout.ErrDeclined
	case checkout.PaymentVoided:
		return p, true, checkout.ErrCancelled
	}
	return p, true, nil
}

func (w *Worker) void(ctx context.Context, c *checkout.Completion, p checkout.Payment) error {
	gateway, err := w.gateway(c)
	if err != nil {
		return err
	}
	crash.Point("checkout.void.before")
	err = gateway.Void(ctx, p.ID, c.UUID.String()+":void")
	crash.Point("checkout.void.after")
	return err
}
