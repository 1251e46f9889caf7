package cart

import (
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
)

// The states of a completion, as far as the cart is concerned.
const (
	Frozen    = "FROZEN"    // the cart is locked for it
	Rejected  = "REJECTED"  // the cart could not be locked
	Failed    = "FAILED"    // it came to nothing
	Fulfilled = "FULFILLED" // it became an order
)

// Completion is an attempt to make an order of a cart (rule O-2). The row makes reactions idempotent and numbers their
// events.
type Completion struct {
	ID      uuid.UUID
	Cart    uuid.UUID
	State   string // empty before anything was heard of it
	Version int64  // of the last event about it; 0 where there is none
}

// Request freezes the cart for the completion, if it is in the version that was asked for, or refuses (rules C-10, O-2 step
// 2). c is nil where there is no such cart. A request that was answered already has no effect; one that comes after its own
// failure is refused.
func (p *Completion) Request(c *Cart, version int, now time.Time) []event.Event {
	if p.State != "" && p.State != Failed || p.Version > 0 {
		return nil
	}
	switch {
	case p.State == Failed:
		return []event.Event{p.reject("CANCELLED", c, now)}
	case c == nil:
		return []event.Event{p.reject("CART_NOT_FOUND", c, now)}
	case c.State != Active:
		return []event.Event{p.reject("CART_LOCKED", c, now)}
	case c.Version != version:
		return []event.Event{p.reject("CART_CHANGED", c, now)}
	}
	p.State, p.Version = Frozen, 1
	c.State, c.LockedBy = Locked, p.ID
	c.Revision++
	return []event.Event{p.tell(event.CartFrozen{CompletionID: p.id(), CartID: p.cart()}, now), c.Updated(now)}
}

// Fail frees the cart, if it is frozen for this completion and no other one (rule O-2f). A completion that was not heard of
// is remembered, so that its request is refused when it comes.
func (p *Completion) Fail(c *Cart, now time.Time) []event.Event {
	frozen := p.State == Frozen
	if p.State != Fulfilled {
		p.State = Failed
	}
	if !frozen || c == nil || c.LockedBy != p.ID {
		return nil
	}
	p.Version++
	c.State, c.LockedBy = Active, uuid.Nil
	c.Revision++
	return []event.Event{p.tell(event.CartThawed{CompletionID: p.id(), CartID: p.cart()}, now), c.Updated(now)}
}

// Place closes the cart, which became an order. There is no way back: a cart that is not frozen any more, because it was
// restored to an older state, is closed as well. One that is frozen for another completion is left to that one.
func (p *Completion) Place(c *Cart, order string, now time.Time) []event.Event {
	if p.State == Fulfilled {
		return nil
	}
	p.State = Fulfilled
	if c == nil || c.State == Completed || c.State == Locked && c.LockedBy != p.ID {
		return nil
	}
	p.Version++
	c.State, c.LockedBy = Completed, uuid.Nil
	c.Revision++
	return []event.Event{p.tell(event.CartCompleted{CompletionID: p.id(), CartID: p.cart(), OrderID: order}, now), c.Updated(now)}
}

func (p *Completion) reject(code string, c *Cart, now time.Time) event.Event {
	if p.Version = 1; p.State == "" {
		p.State = Rejected
	}
	rejected := event.CartRejected{CompletionID: p.id(), CartID: p.cart(), Code: code}
	if c != nil {
		rejected.Version = c.Version
	}
	return p.tell(rejected, now)
}

func (p *Completion) tell(data event.Data, now time.Time) event.Event {
	return event.New(p.id(), p.Version, data, now)
}

func (p *Completion) id() string   { return gid.Format("CheckoutCompletion", p.ID) }
func (p *Completion) cart() string { return gid.Format("Cart", p.Cart) }
