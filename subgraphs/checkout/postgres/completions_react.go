package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// replies makes a handler of replies of one type, which say no with a failure. Its subject is the completion. One that there
// is not changes nothing, as one that is not REQUESTED.
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
		if errors.Is(err, errNoCompletion) {
			return nil, nil
		}
		return events, err
	}
}
