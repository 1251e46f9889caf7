package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/checkout"
)

// Sources are what checkout follows: how product and cart answer a completion (rule O-2, step 3).
func Sources(now func() time.Time) []consumer.Source {
	return []consumer.Source{
		{Service: "product", Handlers: map[string]consumer.Handler{
			event.TypeOf[event.StockReserved](): replies(now, "product", yes[event.StockReserved]),
			event.TypeOf[event.StockRejected](): replies(now, "product", checkout.StockFailure),
		}},
		{Service: "cart", Handlers: map[string]consumer.Handler{
			event.TypeOf[event.CartFrozen]():   replies(now, "cart", yes[event.CartFrozen]),
			event.TypeOf[event.CartRejected](): replies(now, "cart", checkout.CartFailure),
		}},
	}
}

func yes[T event.Data](T, []checkout.Line) *checkout.Failure { return nil }

// replies makes a handler of replies of one type, which say no with a failure. Its subject is the completion. One that is not
// REQUESTED is not changed. A reply never comes before the completion is durable: one that there is not was forgotten.
func replies[T event.Data](now func() time.Time, from string, no func(T, []checkout.Line) *checkout.Failure) consumer.Handler {
	return func(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
		data, err := event.Read[T](e)
		if err != nil {
			return nil, err
		}
		id, ok := gid.Parse("CheckoutCompletion", e.Subject)
		if !ok {
			return nil, fmt.Errorf("the subject of %s is %q and not a completion", e.Type, e.Subject)
		}
		at := now()
		events, err := change(ctx, tx, id, at, func(completion *checkout.Completion, c *checkout.Checkout) ([]event.Event, error) {
			return completion.Answer(checkout.Reply{From: from, No: no(data, c.Lines)}, at), nil
		})
		if errors.Is(err, errNoCompletion) && no(data, nil) == nil {
			return forget(ctx, tx, id, from, cartOf(data), at)
		} else if errors.Is(err, errNoCompletion) { // Who said no has nothing to undo.
			return nil, nil
		}
		return events, err
	}
}

func cartOf(data any) string {
	frozen, _ := data.(event.CartFrozen)
	return frozen.CartID
}

const forgetCompletion = `INSERT INTO forgotten_completions AS f (id, told, forgotten_at) VALUES ($1, ARRAY[$2], $3)
ON CONFLICT (id) DO UPDATE SET told = f.told || excluded.told WHERE NOT f.told @> excluded.told
RETURNING 1 + cardinality(told)`

// forget tells a service that said yes to a completion that is not there to undo what it did, once.
func forget(ctx context.Context, tx *database.Tx, id uuid.UUID, service, cart string, now time.Time) ([]event.Event, error) {
	var version int64
	switch err := tx.Get(ctx, &version, forgetCompletion, id, service, now); {
	case errors.Is(err, database.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("write that completion was forgotten: %w", err)
	}
	return []event.Event{checkout.Forgotten(id, version, cart, now)}, nil
}
