package checkout

import (
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
)

// States of a completion (rule O-2a). The arrows are
//
//	REQUESTED → RESERVED → AUTHORIZING → PLACED
//
// and from each of the first three to FAILED. PLACED and FAILED are the end: nothing changes a completion that is there.
const (
	Requested   = "REQUESTED"   // product and cart are asked
	Reserved    = "RESERVED"    // both said yes
	Authorizing = "AUTHORIZING" // from here on the gateway may have been asked
	Placed      = "PLACED"      // there is an order
	Failed      = "FAILED"      // there is none, and all is undone
)

const (
	// CompletionDeadline is how long product and cart have to answer (rule O-2b).
	CompletionDeadline = 10 * time.Minute
	// CompletionLife is how long a completion is told of (rule O-4).
	CompletionLife = 30 * 24 * time.Hour
	// OrphanAge is how long after a failure the gateway is asked whether money is still reserved for it (rule O-10).
	OrphanAge = 30 * time.Minute
	// PollPause is after what time it is worth asking again for a completion that goes on.
	PollPause = 500 * time.Millisecond
)

// Completion is an attempt to place the order of a cart. It serves the GraphQL type CheckoutCompletion.
type Completion struct {
	UUID         uuid.UUID
	CartUUID     uuid.UUID
	CheckoutUUID uuid.UUID
	Customer     string // the id of the customer whose cart it is; empty for a guest
	State        string
	StockIn      bool   // product reserved all lines
	CartIn       bool   // cart froze the cart
	Charge       Charge // what is to be paid
	Cancelled    bool   // the buyer gave up while the gateway was asked: no order must come of it
	Failure      *Failure
	OrderUUID    *uuid.UUID
	Tries        int // of the gateway that told nothing
	CreatedAt    time.Time
	EndedAt      *time.Time
	Orders       *OrderBatch // reads its order; filled in by the graph
}

// OrderBatch reads the orders of all completions of an answer when the first of them is asked for (rule F-4).
type OrderBatch struct {
	Read func() (map[uuid.UUID]*Order, error)
}

// Charge is what is to be paid for an order, and how.
type Charge struct {
	Gateway string      `json:"gateway"` // empty where nothing is to be paid
	Session string      `json:"session"` // the gateway's name for the payment that was begun; never shown, never logged
	Amount  money.Money `json:"amount"`
}

// Free tells whether there is nothing to be paid (rule O-9).
func (c Charge) Free() bool { return c.Amount.Minor == 0 }

// AttemptID is the id of the completion without its key: the subject of its events, and the gateway's reference.
func (c *Completion) AttemptID() string { return gid.Format("CheckoutCompletion", c.UUID) }

// SeenBy tells whether a caller who has the key of the cart, the checkout or the attempt may see it at a moment: that of a
// customer's cart only the customer. The caller is the id of a signed-in customer or empty.
func (c *Completion) SeenBy(caller string, now time.Time) bool {
	return (c.Customer == "" || c.Customer == caller) && now.Before(c.CreatedAt.Add(CompletionLife))
}

// Ended tells whether nothing changes the completion any more.
func (c *Completion) Ended() bool { return c.State == Placed || c.State == Failed }

// Status is how the completion stands: a value of the GraphQL enum CompletionStatus.
func (c *Completion) Status() string {
	switch c.State {
	case Placed:
		return "COMPLETED"
	case Failed:
		return "FAILED"
	}
	return "PROCESSING"
}

// Reply is what a service says to a completion that was requested: yes, or no with the failure.
type Reply struct {
	From string // product or cart
	No   *Failure
}

// Answer takes note of a reply. The second yes makes the completion RESERVED, any no ends it. A reply to a completion that is
// not REQUESTED changes nothing (rule O-2a).
func (c *Completion) Answer(r Reply, now time.Time) []event.Event {
	switch {
	case c.State != Requested:
		return nil
	case r.No != nil:
		return c.Fail(*r.No, now)
	case r.From == "product":
		c.StockIn = true
	case r.From == "cart":
		c.CartIn = true
	}
	if c.StockIn && c.CartIn {
		c.State = Reserved
	}
	return nil
}

// Authorize makes a RESERVED completion AUTHORIZING, before the gateway is asked, and tells whether it did.
func (c *Completion) Authorize() bool {
	if c.State != Reserved {
		return false
	}
	c.State = Authorizing
	return true
}

// Fail ends a completion without an order and tells all who did something for it. One that has ended stays as it is.
func (c *Completion) Fail(f Failure, now time.Time) []event.Event {
	if c.Ended() {
		return nil
	}
	c.State, c.Failure, c.EndedAt = Failed, &f, new(clock(now))
	return []event.Event{event.New(c.AttemptID(), 2, event.CompletionFailed{
		CompletionID: c.AttemptID(), CheckoutID: gid.Format("Checkout", c.CheckoutUUID), CartID: gid.Format("Cart", c.CartUUID), Code: f.Code,
	}, now)}
}

// Forgotten tells those who did something for a completion that it is not there, because the database was restored to an older
// state: no order comes of it. The cart is empty where it is not known. The first version is 2.
func Forgotten(id uuid.UUID, version int64, cart string, now time.Time) event.Event {
	attempt := gid.Format("CheckoutCompletion", id)
	return event.New(attempt, version, event.CompletionFailed{CompletionID: attempt, CartID: cart, Code: "NOT_FOUND"}, now)
}

// Swept tells of the payments that were set free for a completion that failed (rule O-10).
func (c *Completion) Swept(free []Payment, now time.Time) []event.Event {
	events := make([]event.Event, len(free))
	for i, p := range free {
		events[i] = event.New(c.AttemptID(), int64(3+i), event.OrphanResolved{
			CompletionID: c.AttemptID(), Gateway: c.Charge.Gateway, PaymentID: p.ID, Amount: p.Amount.Amount(), CurrencyCode: p.Amount.Currency,
		}, now)
	}
	return events
}

// Cancel ends a completion whose buyer gave up (rule O-2c). Where the gateway may have been asked it is only noted: then it
// ends when what came of the payment is known.
func (c *Completion) Cancel(now time.Time) []event.Event {
	if c.State == Authorizing {
		c.Cancelled = true
		return nil
	}
	return c.Fail(Failure{Code: "PAYMENT_CANCELLED"}, now)
}

// Expire ends a completion to which not both answered in time (rule O-2b).
func (c *Completion) Expire(now time.Time) []event.Event {
	if c.State != Requested || now.Before(c.CreatedAt.Add(CompletionDeadline)) {
		return nil
	}
	return c.Fail(Failure{Code: "COMPLETION_TIMED_OUT"}, now)
}

// Place ends a completion with its order (rule O-2, step 4), and tells whether it did: one whose buyer gave up is not
// placed, nor one that is not AUTHORIZING.
func (c *Completion) Place(order uuid.UUID, now time.Time) bool {
	if c.State != Authorizing || c.Cancelled {
		return false
	}
	c.State, c.OrderUUID, c.EndedAt = Placed, &order, new(clock(now))
	return true
}
