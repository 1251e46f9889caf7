// Package checkout turns a cart into an order.
package checkout

import (
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
)

// PriceLock is how long the prices of a checkout hold (rule P-6).
const PriceLock = 15 * time.Minute

// States of a checkout: the values of the GraphQL enum CheckoutState.
const (
	Open       = "OPEN"
	Processing = "PROCESSING" // an attempt to place the order goes on
	Completed  = "COMPLETED"
	Cancelled  = "CANCELLED"
)

// Checkout is a cart on its way to an order. It serves the GraphQL type Checkout. What its methods change they replace:
// nothing that it points to is ever written to.
type Checkout struct {
	UUID         uuid.UUID
	Version      int // grows with every change
	State        string
	CartUUID     uuid.UUID
	CartVersion  int    // of the cart when the prices were locked
	Customer     string // the id of the customer who owns the cart; empty for a guest
	CurrencyCode string
	CountryCode  string // of the buyer, as cart knew it; empty when not said
	Contact
	Lines            []Line
	Offered          []Method  // how it can be delivered, if anything has to be shipped
	Delivery         *Delivery // what was chosen; nil for nothing yet
	Cost             Cost
	PaymentSession   *PaymentSession
	PricedAt         time.Time
	PriceLockedUntil time.Time
	CreatedAt        time.Time
	UpdatedAt        time.Time
	// Completions returns the last attempts to place the orders of all carts of an answer; nil where it was not prepared.
	Completions func() (map[uuid.UUID]*Completion, error)
}

// Line is a line of the cart as it was when the prices were locked. It serves the GraphQL type CheckoutLine.
type Line struct {
	ID string `json:"id"` // of the line in the cart
	Goods
	Availability string        `json:"availability"`
	Total        money.Money   `json:"total"` // all pieces
	Taxed        *totals.Taxed `json:"taxed"` // the same with its tax; nil while the rate is not known
	TaxLines     []TaxLine     `json:"taxLines"`
}

// Goods are what a line sells and for how much, kept as it was.
type Goods struct {
	VariantID        string           `json:"variantId"`
	ProductID        string           `json:"productId"`
	Quantity         int              `json:"quantity"`
	PriceID          string           `json:"priceId"` // of the price row, a uuid; empty where there is none
	UnitPrice        money.Money      `json:"unitPrice"`
	Title            string           `json:"title"` // of the product
	VariantTitle     string           `json:"variantTitle"`
	SKU              *string          `json:"sku"`
	Handle           string           `json:"handle"`
	Image            *Image           `json:"image"`
	SelectedOptions  []SelectedOption `json:"selectedOptions"`
	Attributes       []Attribute      `json:"attributes"`
	RequiresShipping bool             `json:"requiresShipping"`
	TaxClass         string           `json:"taxClass"`
	WeightGrams      int64            `json:"weightGrams"` // of one piece; 0 when not said
}

// Image is a picture. It serves the GraphQL type Image.
type Image struct {
	ID      *string `json:"id,omitempty"`
	URL     string  `json:"url"`
	AltText *string `json:"altText"`
	Width   *int    `json:"width"` // in pixels
	Height  *int    `json:"height"`
}

// SelectedOption is the value that a variant has for an option. It serves the GraphQL type SelectedOption.
type SelectedOption struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Attribute is a free key and value pair. It serves the GraphQL type Attribute.
type Attribute struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// PaymentSession is a payment that was begun at a gateway. It serves the GraphQL type PaymentSession.
type PaymentSession struct {
	UUID      uuid.UUID `json:"id"`
	Gateway   string    `json:"gateway"`
	Reference string    `json:"reference"` // the gateway's name for it; never shown, never logged
	CreatedAt time.Time `json:"createdAt"`
}

// ID is the id of the session as the graph shows it.
func (s *PaymentSession) ID() string { return gid.Format("PaymentSession", s.UUID) }

// ID is the id of the checkout without its key.
func (c *Checkout) ID() string { return gid.Format("Checkout", c.UUID) }

// IsEntity marks the entity for generated code.
func (*Checkout) IsEntity() {}

// IsNode marks the GraphQL interface.
func (*Checkout) IsNode() {}

// Begin opens the checkout of a cart and locks its prices. A cart that cannot be ordered at all is a fault.
func Begin(cart uuid.UUID, f Facts, shop Shop, now time.Time) (*Checkout, error) {
	now = clock(now)
	c := &Checkout{UUID: gid.New(), Version: 1, State: Open, CartUUID: cart, CreatedAt: now, UpdatedAt: now}
	return c, c.Refresh(f, shop, now)
}

// Started tells that the checkout was opened.
func (c *Checkout) Started() event.Event {
	return event.New(c.ID(), 1, event.CheckoutStarted{CheckoutID: c.ID(), CartID: gid.Format("Cart", c.CartUUID)}, c.CreatedAt)
}

// Refresh takes over what the cart is now and locks its prices anew (rule P-6). What the buyer said before stays; where he
// said nothing, what he told the cart is taken.
func (c *Checkout) Refresh(f Facts, shop Shop, now time.Time) error {
	if err := c.changeable(); err != nil {
		return err
	}
	if err := f.orderable(); err != nil {
		return err
	}
	now = clock(now)
	c.CartVersion, c.Customer, c.CurrencyCode, c.CountryCode = f.Version, f.Customer, f.CurrencyCode, f.CountryCode
	c.Lines = f.Lines
	c.PricedAt, c.PriceLockedUntil = now, now.Add(PriceLock)
	if c.Email == nil {
		c.Email = f.Email
	}
	if c.Phone == nil {
		c.Phone = f.Phone
	}
	return c.reckon(shop)
}

// Resume refreshes the checkout of a cart whose checkout is begun again. One whose order is being placed, or was, says so
// of the cart.
func (c *Checkout) Resume(f Facts, shop Shop, now time.Time) error {
	if c.State != Open {
		return CartLocked()
	}
	return c.Refresh(f, shop, now)
}

// Stale tells whether the prices hold no more.
func (c *Checkout) Stale(now time.Time) bool {
	return c.State == Open && !now.Before(c.PriceLockedUntil)
}

// Update writes who buys and where it goes. The change was checked.
func (c *Checkout) Update(change Change, shop Shop) error {
	if err := c.changeable(); err != nil {
		return err
	}
	change.apply(&c.Contact)
	return c.reckon(shop)
}

// Begun notes the payment that was begun last.
func (c *Checkout) Begun(session PaymentSession) error {
	if err := c.changeable(); err != nil {
		return err
	}
	session.CreatedAt = clock(session.CreatedAt)
	c.PaymentSession = &session
	return nil
}

// Apply runs a change and tells whether it had an effect; only then the version grows. After an error the checkout is as
// it was.
func (c *Checkout) Apply(now time.Time, change func(*Checkout) error) (changed bool, err error) {
	before := *c
	before.Lines = slices.Clone(c.Lines) // Reckoning writes to them.
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

// SeenBy tells whether a caller who has the checkout's key may see it: that of a customer's cart only the customer. The
// caller is the id of a signed-in customer or empty.
func (c *Checkout) SeenBy(caller string) bool { return c.Customer == "" || c.Customer == caller }

// ShownTo returns the checkout as a caller who has its key sees it at a moment, nil where he does not. That of a guest's order
// tells no more than the order itself (rule A-5).
func (c *Checkout) ShownTo(caller string, now time.Time) *Checkout {
	if !c.SeenBy(caller) {
		return nil
	}
	if c.State != Completed || c.Customer != "" {
		return c
	}
	switch age := now.Sub(c.UpdatedAt); { // The order was its last change.
	case age >= tokenLife:
		return nil
	case age >= tokenUnseen:
		seen := *c
		seen.Contact = c.masked()
		return &seen
	}
	return c
}

func (c *Checkout) changeable() error {
	switch c.State {
	case Open:
		return nil
	case Processing:
		return fault.New("INVALID_STATE", "The order of this checkout is being placed.", "checkoutId")
	case Completed:
		return fault.New("INVALID_STATE", "The order of this checkout was placed.", "checkoutId")
	default:
		return fault.New("INVALID_STATE", "This checkout was given up.", "checkoutId")
	}
}

// NotFound is the fault of a checkout that does not exist, whose key is wrong, or that is somebody else's: the caller
// cannot tell which (rule A-3).
func NotFound() *fault.Error {
	return fault.New("NOT_FOUND", "There is no such checkout.", "checkoutId")
}

// Busy is the fault of a checkout that others are changing.
func Busy() *fault.Error {
	return fault.New("SERVICE_UNAVAILABLE", "The checkout is being changed by somebody else. Try again.", "checkoutId")
}

// clock is a moment as the database keeps it.
func clock(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
