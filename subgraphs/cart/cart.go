// Package cart keeps the baskets that shoppers fill.
package cart

import (
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/totals"
)

const (
	// MaxLines is how many lines a cart has at most (rule C-4).
	MaxLines = 200
	// MaxList is how many items a list in a command has at most (rule G-5).
	MaxList = 250
	// MaxNote is how many characters a note has at most.
	MaxNote = 5_000
)

// The states of a cart.
const (
	Active    = "ACTIVE"    // can be changed
	Locked    = "LOCKED"    // is being ordered (rule C-10)
	Completed = "COMPLETED" // became an order
)

// Cart is a basket. A method that answers with a fault may leave it half changed; Apply takes that back. It serves the
// GraphQL type Cart.
type Cart struct {
	UUID         uuid.UUID
	Version      int       // 1 when opened, +1 for each effective change (rule C-1)
	Revision     int64     // 1 when opened, +1 each time that it is written: also when it is frozen, freed or closed
	State        string    // Active, Locked or Completed
	LockedBy     uuid.UUID // the completion for which it is frozen; Nil where it is not (rule O-2f)
	CurrencyCode string    // ISO 4217, for all amounts
	Buyer        Buyer
	Lines        []Line // by position
	Attributes   []Attribute
	Note         *string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Attribute is a free key and value pair of a cart or a line.
type Attribute struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Open makes an empty cart. The owner is the id of the signed-in customer who opens it; empty for a guest.
func Open(currency, owner string, now time.Time) *Cart {
	return &Cart{
		UUID: gid.New(), Version: 1, Revision: 1, State: Active, CurrencyCode: currency, Buyer: Buyer{Customer: owner},
		Attributes: []Attribute{}, CreatedAt: clock(now), UpdatedAt: clock(now),
	}
}

// IsEntity marks the entity for generated code.
func (*Cart) IsEntity() {}

// IsNode marks the GraphQL interface.
func (*Cart) IsNode() {}

// TotalQuantity is the number of pieces over all lines.
func (c *Cart) TotalQuantity() int {
	n := 0
	for _, l := range c.Lines {
		n += l.Quantity
	}
	return n
}

// Variants are those of the lines.
func (c *Cart) Variants() []uuid.UUID {
	variants := make([]uuid.UUID, len(c.Lines))
	for i, l := range c.Lines {
		variants[i] = l.Variant
	}
	return variants
}

// Totals adds the lines up.
func (c *Cart) Totals() (totals.Basket, error) {
	lines := make([]totals.Line, len(c.Lines))
	for i, l := range c.Lines {
		lines[i] = totals.Line{UnitPrice: l.Price, Quantity: l.Quantity}
	}
	return totals.Of(c.CurrencyCode, lines)
}

// Apply runs a change of a cart that can be changed, prices it anew (rule P-6) and tells whether that had an effect; only
// then the version grows (rule C-1). After an error the cart is as it was. offers are those of all lines and of what the
// change names, as far as they are known.
func (c *Cart) Apply(now time.Time, offers Offers, change func(*Cart) error) (changed bool, err error) {
	before := *c
	before.Lines = slices.Clone(c.Lines) // All else that a change writes, it replaces.
	if err := c.changeable(); err != nil {
		return false, err
	}
	if err := change(c); err != nil {
		*c = before
		return false, err
	}
	c.reprice(offers)
	if reflect.DeepEqual(*c, before) {
		return false, nil
	}
	c.Version++
	c.Revision++
	c.UpdatedAt = clock(now)
	c.priced(offers, now)
	return true, nil
}

// Know tells the lines what is known of their variants now. As long as the cart can be changed it shows what its things
// cost now; that is not a change of the cart (rules P-6, O-2d).
func (c *Cart) Know(offers Offers, now time.Time) {
	active := c.State == Active
	if active {
		c.reprice(offers)
	}
	pieces := map[uuid.UUID]int{}
	for _, l := range c.Lines {
		pieces[l.Variant] += l.Quantity
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		l.Offer, l.State = offers[l.Variant], OK
		if active {
			l.State = l.stateOf(pieces[l.Variant], now)
		}
	}
}

// reprice writes the prices that hold now on the lines.
func (c *Cart) reprice(offers Offers) {
	for i := range c.Lines {
		if o := offers[c.Lines[i].Variant]; o != nil && o.OnSale && o.Price != nil {
			c.Lines[i].price(o)
		}
	}
}

// priced notes when the lines got their prices.
func (c *Cart) priced(offers Offers, now time.Time) {
	for i := range c.Lines {
		if o := offers[c.Lines[i].Variant]; o != nil && o.OnSale && o.Price != nil {
			c.Lines[i].PricedAt = clock(now)
		}
	}
}

// Updated is the event that tells of the cart as it is written.
func (c *Cart) Updated(now time.Time) event.Event {
	subject := gid.Format("Cart", c.UUID)
	return event.New(subject, c.Revision, event.CartUpdated{CartID: subject, Version: c.Version, State: c.State}, now)
}

// Expect answers CART_VERSION_CONFLICT where the caller knows another version; nil is no condition (rule C-2).
func (c *Cart) Expect(version *int) error {
	if version == nil || *version == c.Version {
		return nil
	}
	return fault.New("CART_VERSION_CONFLICT", "The cart was changed meanwhile.", "expectedVersion")
}

// SetNote writes the note; an empty one takes it away.
func (c *Cart) SetNote(note string) error {
	switch {
	case len([]rune(note)) > MaxNote:
		return fault.New("NOTE_TOO_LONG", "The note has more than 5,000 characters.", "note")
	case !storable(note):
		return fault.New("INVALID", "The note holds a character that cannot be kept.", "note")
	case note == "":
		c.Note = nil
	default:
		c.Note = &note
	}
	return nil
}

// SetAttributes replaces the free pairs.
func (c *Cart) SetAttributes(attributes []Attribute) error {
	if err := checkAttributes(attributes).Err(); err != nil {
		return err
	}
	c.Attributes = append([]Attribute{}, attributes...)
	return nil
}

// changeable answers CART_LOCKED while the cart is being ordered (rule C-10) and CART_COMPLETED afterwards.
func (c *Cart) changeable() error {
	switch c.State {
	case Locked:
		return fault.New("CART_LOCKED", "The cart is being ordered. It can be changed again if no order comes of it.", "cartId")
	case Completed:
		return fault.New("CART_COMPLETED", "The cart became an order. Open another one.", "cartId")
	default:
		return nil
	}
}

// NotFound is the fault of a cart that does not exist or whose key is wrong: the caller cannot tell which (rule C-6).
func NotFound() *fault.Error {
	return fault.New("CART_NOT_FOUND", "There is no such cart.", "cartId")
}

// Busy is the fault of a cart that others are changing (rule C-1).
func Busy() *fault.Error {
	return fault.New("CART_BUSY", "The cart is being changed by somebody else. Try again.", "cartId")
}

// clock is a time as exact as it is stored.
func clock(now time.Time) time.Time { return now.UTC().Truncate(time.Microsecond) }
