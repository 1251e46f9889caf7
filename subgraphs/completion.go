package subgraphs

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs/checkout"
	"github.com/soukhq/souk/subgraphs/checkout/graph"
	"github.com/soukhq/souk/subgraphs/checkout/payment"
)

// completionWait is how long a mutation waits for the end of a completion (rule O-2).
const completionWait = 5 * time.Second

// completions is what the graph needs to place orders.
func completions(e subgraph.Env) graph.Completions {
	c := graph.Completions{Wait: completionWait, Ledger: closedLedger{}}
	if e.TestMode && e.FakepayURL != "" {
		c.Ledger = payment.NewFakepay(e.FakepayURL)
	}
	return c
}

// closedLedger refuses to tell what the gateway for tests did.
type closedLedger struct{}

func (closedLedger) Ledger(context.Context, string) (checkout.FakepayLedger, error) {
	return checkout.FakepayLedger{}, fault.New("FORBIDDEN", "The ledger is told in test mode only.")
}

// settle makes the loops that settle completions. The worker is named after the process: one that starts again takes over
// what it was killed at, without waiting for its lease.
func settle(s checkout.Store, e subgraph.Env, log *slog.Logger) map[string]func(context.Context) error {
	w := &payment.Worker{
		Store: s, Gateways: map[string]checkout.Gateway{}, Owner: e.Process, Now: e.Now, Log: log,
		Secret: func(completion uuid.UUID) string { return e.CartKeys.Secrets(graph.OrderSecret, completion)[0] },
	}
	if e.FakepayURL != "" {
		w.Gateways["fakepay"] = payment.NewFakepay(e.FakepayURL)
	}
	return map[string]func(context.Context) error{"completions": w.Run, "sweep of completions": w.Sweep}
}
