package checkout_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/checkout"
)

var asked = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// moves are all that can happen to a completion.
var moves = map[string]func(*checkout.Completion) []event.Event{
	"stock in": func(c *checkout.Completion) []event.Event { return c.Answer(checkout.Reply{From: "product"}, asked) },
	"cart in":  func(c *checkout.Completion) []event.Event { return c.Answer(checkout.Reply{From: "cart"}, asked) },
	"no": func(c *checkout.Completion) []event.Event {
		return c.Answer(checkout.Reply{From: "cart", No: &checkout.Failure{Code: "CART_CHANGED"}}, asked)
	},
	"authorize": func(c *checkout.Completion) []event.Event { c.Authorize(); return nil },
	"decline": func(c *checkout.Completion) []event.Event {
		return c.Fail(checkout.Failure{Code: "PAYMENT_DECLINED"}, asked)
	},
	"cancel": func(c *checkout.Completion) []event.Event { return c.Cancel(asked) },
	"early": func(c *checkout.Completion) []event.Event {
		return c.Expire(asked.Add(checkout.CompletionDeadline - 1))
	},
	"late":  func(c *checkout.Completion) []event.Event { return c.Expire(asked.Add(checkout.CompletionDeadline)) },
	"place": func(c *checkout.Completion) []event.Event { c.Place(gid.New(), asked); return nil },
}

// TestStatesOfACompletion plays all that can happen in each state (rules O-2a, O-2b, O-2c).
func TestStatesOfACompletion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before string // what happened, in order
		want   map[string]string
	}{
		{"", map[string]string{"no": "FAILED CART_CHANGED", "decline": "FAILED PAYMENT_DECLINED", "cancel": "FAILED PAYMENT_CANCELLED", "late": "FAILED COMPLETION_TIMED_OUT"}},
		{"stock in", map[string]string{"cart in": "RESERVED", "no": "FAILED CART_CHANGED", "decline": "FAILED PAYMENT_DECLINED", "cancel": "FAILED PAYMENT_CANCELLED", "late": "FAILED COMPLETION_TIMED_OUT"}},
		{"cart in", map[string]string{"stock in": "RESERVED", "no": "FAILED CART_CHANGED", "decline": "FAILED PAYMENT_DECLINED", "cancel": "FAILED PAYMENT_CANCELLED", "late": "FAILED COMPLETION_TIMED_OUT"}},
		{"cart in, stock in", map[string]string{"authorize": "AUTHORIZING", "decline": "FAILED PAYMENT_DECLINED", "cancel": "FAILED PAYMENT_CANCELLED"}},
		{"stock in, cart in, authorize", map[string]string{"decline": "FAILED PAYMENT_DECLINED", "place": "PLACED"}},
		{"stock in, cart in, authorize, cancel", map[string]string{"decline": "FAILED PAYMENT_DECLINED"}}, // No order comes of it.
		{"stock in, cart in, authorize, place", nil},
		{"no", nil}, {"cancel", nil}, {"late", nil}, {"stock in, cart in, authorize, decline", nil},
	} {
		for move, do := range moves {
			completion := &checkout.Completion{UUID: gid.New(), State: checkout.Requested, CreatedAt: asked}
			for step := range strings.SplitSeq(c.before, ", ") {
				if step != "" {
					moves[step](completion)
				}
			}
			before := standing(completion)
			want, changes := c.want[move]
			if !changes {
				want = before
			}
			events := do(completion)
			if got := standing(completion); got != want {
				t.Errorf("%q, then %s: %s, want %s", c.before, move, got, want)
			}
			told := strings.HasPrefix(want, "FAILED") && changes
			if told != (len(events) == 1) {
				t.Errorf("%q, then %s: %d events", c.before, move, len(events))
			}
			if told && (events[0].Subject != completion.AttemptID() || events[0].AggregateVersion != 2 || events[0].Type != "completion.failed.v1") {
				t.Errorf("%q, then %s: event %+v", c.before, move, events[0])
			}
			if completion.Ended() != (completion.EndedAt != nil) || (completion.State == checkout.Placed) != (completion.OrderUUID != nil) {
				t.Errorf("%q, then %s: %+v", c.before, move, completion)
			}
		}
	}
}

func standing(c *checkout.Completion) string {
	if c.Failure != nil {
		return c.State + " " + c.Failure.Code
	}
	return c.State
}

func TestFailureOfStock(t *testing.T) {
	t.Parallel()
	lines := []checkout.Line{
		{ID: "one", Goods: checkout.Goods{VariantID: "tea"}}, {ID: "two", Goods: checkout.Goods{VariantID: "pot"}}, {ID: "three", Goods: checkout.Goods{VariantID: "tea"}},
	}
	for name, c := range map[string]struct {
		rejected map[string]string
		want     checkout.Failure
	}{
		"too few":             {map[string]string{"tea": "OUT_OF_STOCK"}, checkout.Failure{Code: "OUT_OF_STOCK", Lines: []string{"one", "three"}}},
		"another price":       {map[string]string{"pot": "PRICE_CHANGED"}, checkout.Failure{Code: "NO_PRICE", Lines: []string{"two"}}},
		"the gravest counts":  {map[string]string{"pot": "UNAVAILABLE", "tea": "OUT_OF_STOCK"}, checkout.Failure{Code: "MERCHANDISE_UNAVAILABLE", Lines: []string{"one", "two", "three"}}},
		"it failed before":    {map[string]string{"pot": "CANCELLED"}, checkout.Failure{Code: "COMPLETION_TIMED_OUT", Lines: []string{"two"}}},
		"a reason to be made": {map[string]string{"pot": "NEW"}, checkout.Failure{Code: "COMPLETION_TIMED_OUT", Lines: []string{"two"}}},
	} {
		var rejected event.StockRejected
		for variant, reason := range c.rejected {
			rejected.Lines = append(rejected.Lines, event.RejectedVariant{VariantID: variant, Reason: reason})
		}
		if diff := cmp.Diff(&c.want, checkout.StockFailure(rejected, lines)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFailureOfCart(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"CART_CHANGED": "CART_CHANGED", "CART_LOCKED": "CART_LOCKED", "CART_NOT_FOUND": "CART_NOT_FOUND", "CART_EXPIRED": "CART_EXPIRED",
		"CANCELLED": "COMPLETION_TIMED_OUT",
	} {
		if got := checkout.CartFailure(event.CartRejected{Code: code}, nil); got.Code != want {
			t.Errorf("%s makes %s, want %s", code, got.Code, want)
		}
	}
}
