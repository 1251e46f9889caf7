package payment

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/subgraphs/checkout"
)

// Sweep ends completions to which nobody answered (rule O-2b) and sets money free that is reserved for no order (rule O-10),
// until the context ends. It may be called again after an error.
func (w *Worker) Sweep(ctx context.Context) error {
	tick := time.NewTicker(sweepPause)
	defer tick.Stop()
	for ctx.Err() == nil {
		if _, err := w.SweepOnce(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	return nil
}

// SweepOnce is one round of Sweep. It tells how many completions it ended or swept. One that it cannot help keeps none of
// the others.
func (w *Worker) SweepOnce(ctx context.Context) (int, error) {
	n, err := w.Store.ExpireCompletions(ctx, w.Now())
	for ctx.Err() == nil {
		orphans, e := w.Store.Orphans(ctx, w.Now(), batch)
		err = errors.Join(err, e)
		for _, c := range orphans {
			swept, e := w.sweep(ctx, c)
			if !swept { // Asked again at once it would stand in the way of others.
				e = errors.Join(e, w.Store.PostponeSweep(ctx, c.UUID, w.Now().Add(sweepAgain)))
			} else {
				n++
			}
			err = errors.Join(err, e)
		}
		if len(orphans) < batch || err != nil { // After an error it goes on in the next round.
			break
		}
	}
	return n, err
}

// sweep voids all that the gateway still reserves for a completion that failed, and tells whether nothing is left after it. A
// payment that is void though no buyer gave up is one that a sweep voided and was killed before it could tell. What is
// neither void nor declined, as money that was taken, is for people.
func (w *Worker) sweep(ctx context.Context, c *checkout.Completion) (swept bool, err error) {
	if c.Charge.Free() {
		return true, w.Store.SweptCompletion(ctx, c, nil, w.Now())
	}
	gateway, err := w.gateway(c)
	if err != nil {
		return false, err
	}
	payments, err := gateway.Lookup(ctx, c.AttemptID())
	if err != nil {
		return false, err
	}
	var free []checkout.Payment
	swept = true
	for _, p := range payments {
		switch {
		case p.Status == checkout.PaymentDeclined, p.Status == checkout.PaymentVoided && c.Cancelled:
			continue
		case p.Status == checkout.PaymentAuthorized:
			if err := gateway.Void(ctx, p.ID, c.UUID.String()+":orphan:"+p.ID); err != nil {
				return false, err
			}
		case p.Status != checkout.PaymentVoided:
			w.Log.Error("a payment for no order is left", "completion", c.AttemptID(), "payment", p.ID, "status", string(p.Status))
			swept = false
			continue
		}
		free = append(free, p)
	}
	if !swept {
		return false, nil
	}
	for _, p := range free {
		w.Log.Error("orphaned payment voided", "completion", c.AttemptID(), "payment", p.ID, "amount", p.Amount.Amount(), "currency", p.Amount.Currency)
	}
	err = w.Store.SweptCompletion(ctx, c, free, w.Now())
	return err == nil, err
}
