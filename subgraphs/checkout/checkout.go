// Package checkout turns a cart into an order.
package checkout

import (
	"time"

	"github.com/google/uuid"
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

// Checkout is a cart on its way to an order. It serves the GraphQL type Checkout.
type Checkout struct {
	UUID             uuid.UUID
	Version          int // grows with every change
	State            string
	CartUUID         uuid.UUID
	CartVersion      int    // of the cart when the prices were locked
	Customer         string // the id of the customer who owns the cart; empty for a guest
	CurrencyCode     string
	CountryCode      string // of the buyer, as cart knew it; empty when not said
	Email            *string
	Phone            *string
	ShippingAddress  *Address
	BillingAddress   *Address
	Lines            []Line
	Delivery         *Delivery // what was chosen; nil for nothing yet
	Cost             Cost
	PaymentSession   *PaymentSession
	PricedAt         time.Time
	PriceLockedUntil time.Time
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// Line is a line of the cart as it was when the prices were locked. It serves the GraphQL type CheckoutLine.
type Line struct {
	ID               string           `json:"id"` // of the line in the cart
	VariantID        string           `json:"variantId"`
	ProductID        string           `json:"productId"`
	Quantity         int              `json:"quantity"`
	PriceID          string           `json:"priceId"` // of the price row, a uuid
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
	WeightGrams      int64            `json:"weightGrams"`
	Availability     string           `json:"availability"`
	Total            money.Money      `json:"total"` // all pieces
	Taxed            *totals.Taxed    `json:"taxed"` // the same with its tax; nil while the rate is not known
	TaxLines         []TaxLine        `json:"taxLines"`
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

// Delivery is the way of delivery that was chosen for the group of all lines.
type Delivery struct {
	GroupID string      `json:"groupId"`
	Handle  string      `json:"handle"`
	Title   string      `json:"title"`
	Price   money.Money `json:"price"`
}

// PaymentSession is a payment that was begun at a gateway. It serves the GraphQL type PaymentSession.
type PaymentSession struct {
	UUID      uuid.UUID `json:"id"`
	Gateway   string    `json:"gateway"`
	Token     string    `json:"token"` // what the gateway needs to know; never shown, never logged
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

// Change is what a buyer says of himself; nil stays. It serves the GraphQL input CheckoutUpdateInput.
type Change struct {
	Email           *string
	Phone           *string
	ShippingAddress *Address
	BillingAddress  *Address
}

// Selection is the choice for a group of lines. It serves the GraphQL input DeliveryOptionSelectionInput.
type Selection struct {
	GroupID      string
	OptionHandle string
}

// Problem is a reason why the order cannot be placed yet. It serves the GraphQL type CheckoutProblem.
type Problem struct {
	Code    string
	Message string
	LineID  *string // the line of the cart that is concerned
}
