// Package cart keeps the baskets that shoppers fill.
package cart

import (
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
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
	Version      int    // 1 when opened, +1 for each effective change (rule C-1)
	State        string // Active, Locked or Completed
	CurrencyCode string // ISO 4217, for all amounts
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
		UUID: gid.New(), Version: 1, State: Active, CurrencyCode: currency, Buyer: Buyer{Customer: owner},
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

// Apply runs a change and tells whether it had an effect; only then the version grows (rule C-1). After an error the cart
// is as it was.
func (c *Cart) Apply(now time.Time, change func(*Cart) error) (changed bool, err error) {
	before := *c
	before.Lines = slices.Clone(c.Lines) // All else that a change writes, it replaces.
	if err := change(c); err != nil {
		*c = before
		return false, err
	}
	if reflect.DeepEqual(*c, before) {
		return false, nil
	}
	c.Version++
	c.UpdatedAt = clock(now)
	return true, nil
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
