package checkout

import (
	"crypto/sha256"
	"crypto/subtle"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
)

// States of an order: the values of the GraphQL enum OrderState.
const (
	OrderOpen      = "OPEN"
	OrderCancelled = "CANCELLED"
	OrderClosed    = "CLOSED"
)

const (
	tokenLife   = 90 * 24 * time.Hour // how long a guest's secret opens an order (rule A-5)
	tokenUnseen = 30 * 24 * time.Hour // how long it shows where the order goes
)

// Order is what was ordered, as it was at that moment (rule O-12). It serves the GraphQL type Order.
type Order struct {
	UUID           uuid.UUID
	Serial         int64 // the number, from a sequence
	CheckoutUUID   uuid.UUID
	CompletionUUID uuid.UUID
	CartUUID       uuid.UUID
	Customer       string // the id of the account that bought it; empty for guests
	State          string
	CurrencyCode   string
	Contact
	Lines     []OrderLine
	Cost      OrderCost
	Payment   Paid
	PlacedAt  time.Time
	TokenHash []byte // SHA-256 of the secret that opens the order for a guest; nil for none (rule A-5)
}

// OrderLine is a line of an order. It serves the GraphQL type OrderLine.
type OrderLine struct {
	UUID uuid.UUID
	Goods
	Total    totals.Taxed
	TaxLines []TaxLine
	Sent     int // pieces
	Returned int // pieces
}

// OrderCost is what an order cost. It serves the GraphQL type OrderCost.
type OrderCost struct {
	Subtotal         money.Money  `json:"subtotal"`
	Shipping         totals.Taxed `json:"shipping"`
	Total            totals.Taxed `json:"total"`
	TaxLines         []TaxLine    `json:"taxLines"`
	PricesIncludeTax bool         `json:"pricesIncludeTax"`
}

// Paid is what became of the money for an order, in minor units of its currency.
type Paid struct {
	Authorized, Captured, Refunded, Voided int64
}

// NewOrder makes the order of a checkout that was ready and whose total is authorised (rule O-2, step 4). A customer's is
// opened by the customer only, without the secret.
func NewOrder(c *Checkout, completion uuid.UUID, number int64, now time.Time, p Placement) *Order {
	o := &Order{
		UUID: gid.New(), Serial: number, CheckoutUUID: c.UUID, CompletionUUID: completion, CartUUID: c.CartUUID, Customer: c.Customer,
		State: OrderOpen, CurrencyCode: c.CurrencyCode, Contact: c.Contact, PlacedAt: clock(now), TokenHash: p.TokenHash,
		Lines: make([]OrderLine, len(c.Lines)),
		Cost: OrderCost{
			Subtotal: c.Cost.Subtotal, Shipping: *c.Cost.TaxedShipping, Total: *c.Cost.TaxedTotal, TaxLines: c.Cost.TaxLines,
			PricesIncludeTax: c.Cost.PricesIncludeTax,
		},
		Payment: Paid{Authorized: p.Payment.Amount.Minor},
	}
	if p.Payment.Status == PaymentCaptured {
		o.Payment.Captured = p.Payment.Amount.Minor
	}
	if o.Customer != "" {
		o.TokenHash = nil
	}
	if o.BillingAddress == nil {
		o.BillingAddress = o.ShippingAddress
	}
	for i, l := range c.Lines {
		o.Lines[i] = OrderLine{UUID: gid.New(), Goods: l.Goods, Total: *l.Taxed, TaxLines: l.TaxLines}
	}
	return o
}

// Placed tells that there is the order.
func (o *Order) Placed() event.Event {
	t := o.Cost.Total
	data := event.OrderPlaced{
		OrderID: o.ID(), Number: o.Number(), CompletionID: gid.Format("CheckoutCompletion", o.CompletionUUID),
		CheckoutID: gid.Format("Checkout", o.CheckoutUUID), CartID: gid.Format("Cart", o.CartUUID), CurrencyCode: o.CurrencyCode,
		Total: event.TaxedAmount{Gross: t.Gross.Amount(), Net: t.Net.Amount(), Tax: t.Tax.Amount()},
		Lines: make([]event.OrderLine, len(o.Lines)),
	}
	if o.Customer != "" {
		data.CustomerID = &o.Customer
	}
	for i, l := range o.Lines {
		data.Lines[i] = event.OrderLine{VariantID: l.VariantID, Quantity: l.Quantity, Total: l.Total.Gross.Amount()}
	}
	return event.New(o.ID(), 1, data, o.PlacedAt)
}

// OpenedBy returns the order as the holder of a secret sees it: nil where the secret is wrong or too old. After a while it
// no longer tells where the order went (rule A-5).
func (o *Order) OpenedBy(secret string, now time.Time) *Order {
	sum := sha256.Sum256([]byte(secret))
	age := now.Sub(o.PlacedAt)
	if subtle.ConstantTimeCompare(sum[:], o.TokenHash) != 1 || age >= tokenLife {
		return nil
	}
	if age < tokenUnseen {
		return o
	}
	seen := *o
	seen.Contact = o.masked()
	return &seen
}

// OwnedBy tells whether a signed-in customer bought it. The caller is the id of the customer or empty.
func (o *Order) OwnedBy(caller string) bool { return o.Customer != "" && o.Customer == caller }

// ID is the id of the order as the graph shows it.
func (o *Order) ID() string { return gid.Format("Order", o.UUID) }

// Number is the number of the order.
func (o *Order) Number() string { return strconv.FormatInt(o.Serial, 10) }

// Name is the number as people write it.
func (o *Order) Name() string { return "#" + o.Number() }

// TotalQuantity is the number of pieces over all lines.
func (o *Order) TotalQuantity() int {
	n := 0
	for _, l := range o.Lines {
		n += l.Quantity
	}
	return n
}

// ID is the id of the line as the graph shows it.
func (l *OrderLine) ID() string { return gid.Format("OrderLine", l.UUID) }

// PaymentStatus says how far the order is paid: a value of the GraphQL enum OrderPaymentStatus.
func (o *Order) PaymentStatus() string {
	p, total := o.Payment, o.Cost.Total.Gross.Minor
	switch {
	case p.Refunded > 0 && p.Refunded >= p.Captured:
		return "REFUNDED"
	case p.Refunded > 0:
		return "PARTIALLY_REFUNDED"
	case p.Captured >= total:
		return "PAID"
	case p.Captured > 0:
		return "PARTIALLY_CAPTURED"
	case p.Authorized > 0 && p.Voided >= p.Authorized:
		return "VOIDED"
	case p.Authorized > 0:
		return "AUTHORIZED"
	}
	return "PENDING"
}

// FulfillmentStatus says how far the order is sent: a value of the GraphQL enum OrderFulfillmentStatus.
func (o *Order) FulfillmentStatus() string {
	return o.progress(func(l OrderLine) int { return l.Sent }, "UNFULFILLED", "PARTIALLY_FULFILLED", "FULFILLED")
}

// ReturnStatus says how far the order came back: a value of the GraphQL enum OrderReturnStatus.
func (o *Order) ReturnStatus() string {
	return o.progress(func(l OrderLine) int { return l.Returned }, "NONE", "IN_PROGRESS", "RETURNED")
}

// progress says whether something happened to none, some or all of the pieces.
func (o *Order) progress(pieces func(OrderLine) int, none, some, all string) string {
	n := 0
	for _, l := range o.Lines {
		n += pieces(l)
	}
	switch n {
	case 0:
		return none
	case o.TotalQuantity():
		return all
	}
	return some
}

// IsEntity marks the entity for generated code.
func (*Order) IsEntity() {}

// IsNode marks the GraphQL interface.
func (*Order) IsNode() {}
