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

// SweepOnce is one round of Sweep. It tells how many completions it ended or swept.
func (w *Worker) SweepOnce(ctx context.Context) (int, error) {
	n, err := w.Store.ExpireCompletions(ctx, w.Now(), batch)
	if err != nil {
		return n, err
	}
	orphans, err := w.Store.Orphans(ctx, w.Now().Add(-checkout.OrphanAge), batch)
	if err != nil {
		return n, err
	}
	for _, c := range orphans {
		if e := w.sweep(ctx, c); e != nil {
			err = errors.Join(err, e)
			continue
		}
		n++
	}
	return n, err
}

// sweep voids all that the gateway still reserves for a completion that failed. A payment that is void though no buyer gave
// up is one that a sweep voided and was killed before it could tell.
func (w *Worker) sweep(ctx context.Context, c *checkout.Completion) error {
	if c.Charge.Free() {
		return w.Store.SweptCompletion(ctx, c, nil, w.Now())
	}
	gateway, err := w.gateway(c)
	if err != nil {
		return err
	}
	payments, err := gateway.Lookup(ctx, c.AttemptID())
	if err != nil {
		return err
	}
	var free []checkout.Payment
	for _, p := range payments {
		switch {
		case p.Status == checkout.PaymentAuthorized:
			if err := gateway.Void(ctx, p.ID, c.UUID.String()+":orphan:"+p.ID); err != nil {
				return err
			}
		case p.Status != checkout.PaymentVoided || c.Cancelled:
			continue
		}
		free = append(free, p)
		w.Log.Error("orphaned payment voided", "completion", c.AttemptID(), "payment", p.ID, "amount", p.Amount.Amount(), "currency", p.Amount.Currency)
	}
	return w.Store.SweptCompletion(ctx, c, free, w.Now())
}
