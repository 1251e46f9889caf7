package payment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/subgraphs/checkout"
)

const (
	// Lease is for how long a worker has a completion for itself, unless it says otherwise (rule O-8).
	Lease = 30 * time.Second

	parallel     = 16 // completions that a worker settles at once
	manyTries    = 20 // after which people should look, a minute and a half
	poll         = 250 * time.Millisecond
	sweepPause   = time.Minute
	sweepAgain   = 10 * time.Minute // after which a sweep looks again at what it could not settle
	batch        = 50               // completions of a sweep
	firstBackOff = 250 * time.Millisecond
	lastBackOff  = 5 * time.Second
)

// Worker settles completions that product and cart said yes to: it asks the gateway to reserve the money, and makes an
// order of it or fails. Any number of workers may run at once, and each may be killed at any moment: what keeps an order
// from being paid or placed twice are the gateway's keys and the conditions of the store; the leases only save work.
type Worker struct {
	Store    checkout.Completions
	Gateways map[string]checkout.Gateway // by name
	// Owner is the worker's name. A worker that starts takes over at once what one of the same name left behind.
	Owner string
	// Lease is for how long it takes a completion; zero is the constant Lease. A pass takes at most some ten seconds.
	Lease time.Duration
	// Secret returns the secret that opens the order of a completion for a guest (rule A-5).
	Secret func(completion uuid.UUID) string
	Now    func() time.Time
	Log    *slog.Logger
}

// Run settles completions until the context ends. It may be called again after an error.
func (w *Worker) Run(ctx context.Context) error {
	if err := w.Store.DropLeases(ctx, w.Owner); err != nil {
		return err
	}
	changed, stop := w.Store.Watch()
	defer stop()
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, parallel)
	for range parallel {
		free <- struct{}{}
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		leased, err := w.lease(ctx, len(free))
		if err != nil {
			return err
		}
		for _, c := range leased {
			<-free
			running.Go(func() {
				defer func() { free <- struct{}{} }()
				w.settle(ctx, c)
			})
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-tick.C:
		}
	}
	return nil
}

// RunOnce settles what can be taken just now, each completion by one pass, and tells how many.
func (w *Worker) RunOnce(ctx context.Context) (int, error) {
	leased, err := w.lease(ctx, parallel)
	var running sync.WaitGroup
	for _, c := range leased {
		running.Go(func() { w.settle(ctx, c) })
	}
	running.Wait()
	return len(leased), err
}

func (w *Worker) lease(ctx context.Context, limit int) ([]*checkout.Completion, error) {
	if limit == 0 {
		return nil, nil
	}
	now, lease := w.Now(), w.Lease
	if lease == 0 {
		lease = Lease
	}
	return w.Store.LeaseCompletions(ctx, w.Owner, now, now.Add(lease), limit)
}

// settle takes a completion as far as it gets in one pass. Where it does not end it is taken again after a pause; where not
// even that could be written, after the lease.
func (w *Worker) settle(ctx context.Context, c *checkout.Completion) {
	err := w.guarded(ctx, c)
	if err == nil || ctx.Err() != nil {
		return
	}
	pause := min(firstBackOff<<min(c.Tries, 10), lastBackOff)
	level := slog.LevelInfo
	if c.Tries >= manyTries {
		level = slog.LevelWarn
	}
	w.Log.Log(ctx, level, "completion waits", "completion", c.AttemptID(), "error", err, "tries", c.Tries+1, "pause_ms", pause.Milliseconds())
	if err := w.Store.PostponeCompletion(ctx, c.UUID, w.Now().Add(pause)); err != nil {
		w.Log.Warn("completion could not be postponed", "completion", c.AttemptID(), "error", err)
	}
}

// guarded makes an error of a pass that panics: one completion must not stop the others.
func (w *Worker) guarded(ctx context.Context, c *checkout.Completion) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return w.pass(ctx, c)
}

func (w *Worker) pass(ctx context.Context, c *checkout.Completion) error {
	asked := c.State == checkout.Authorizing // Somebody may have asked the gateway before.
	if !asked {
		if _, err := w.gateway(c); err != nil {
			return w.fail(ctx, c, "PAYMENT_SESSION_INVALID")
		}
		moved, err := w.Store.AuthorizeCompletion(ctx, c.UUID, w.Now())
		if err != nil || !moved { // It ended meanwhile, or another worker has it.
			return err
		}
	}
	p, err := w.pay(ctx, c, asked)
	switch {
	case errors.Is(err, errOtherAmount):
		if err := w.void(ctx, c, p); err != nil {
			return err
		}
		return w.fail(ctx, c, "PAYMENT_DECLINED")
	case errors.Is(err, checkout.ErrDeclined):
		return w.fail(ctx, c, "PAYMENT_DECLINED")
	case errors.Is(err, checkout.ErrSessionInvalid):
		return w.fail(ctx, c, "PAYMENT_SESSION_INVALID")
	case errors.Is(err, checkout.ErrCancelled):
		return w.fail(ctx, c, "PAYMENT_CANCELLED")
	case err != nil:
		return err
	}
	return w.place(ctx, c, p)
}

// place makes the order, or sets the money free where the buyer gave up meanwhile (rule O-2c).
func (w *Worker) place(ctx context.Context, c *checkout.Completion, p checkout.Payment) error {
	hash := sha256.Sum256([]byte(w.Secret(c.UUID)))
	err := w.Store.PlaceOrder(ctx, c.UUID, checkout.Placement{TokenHash: hash[:], Payment: p}, w.Now())
	if !errors.Is(err, checkout.ErrCancelled) {
		return err
	}
	if p.ID != "" {
		if err := w.void(ctx, c, p); err != nil {
			return err
		}
	}
	return w.fail(ctx, c, "PAYMENT_CANCELLED")
}

func (w *Worker) fail(ctx context.Context, c *checkout.Completion, code string) error {
	return w.Store.FailCompletion(ctx, c.UUID, checkout.Failure{Code: code}, w.Now())
}
