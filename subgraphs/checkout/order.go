package checkout

import (
	"strconv"
	"time"

	"github.com/google/uuid"
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

// Order is what was ordered, as it was at that moment (rule O-12). It serves the GraphQL type Order.
type Order struct {
	UUID            uuid.UUID
	Serial          int64 // the number, from a sequence
	CheckoutUUID    uuid.UUID
	CompletionUUID  uuid.UUID
	CartUUID        uuid.UUID
	Customer        string // the id of the account that bought it; empty for guests
	State           string
	CurrencyCode    string
	Email           *string
	Phone           *string
	ShippingAddress *Address
	BillingAddress  *Address
	Lines           []OrderLine
	Cost            OrderCost
	Payment         Paid
	PlacedAt        time.Time
	TokenHash       []byte // SHA-256 of the secret that opens the order for a guest; nil for none (rule A-5)
}

// OrderLine is a line of an order. It serves the GraphQL type OrderLine.
type OrderLine struct {
	UUID             uuid.UUID
	VariantID        string
	ProductID        string
	Quantity         int
	PriceID          string
	UnitPrice        money.Money
	Title            string
	VariantTitle     string
	SKU              *string
	Handle           string
	Image            *Image
	SelectedOptions  []SelectedOption
	Attributes       []Attribute
	RequiresShipping bool
	TaxClass         string
	WeightGrams      int64
	Total            totals.Taxed
	TaxLines         []TaxLine
	Sent             int // pieces
	Returned         int // pieces
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
	sent := 0
	for _, l := range o.Lines {
		sent += l.Sent
	}
	switch sent {
	case 0:
		return "UNFULFILLED"
	case o.TotalQuantity():
		return "FULFILLED"
	}
	return "PARTIALLY_FULFILLED"
}

// ReturnStatus says how far the order came back: a value of the GraphQL enum OrderReturnStatus.
func (o *Order) ReturnStatus() string {
	returned := 0
	for _, l := range o.Lines {
		returned += l.Returned
	}
	switch returned {
	case 0:
		return "NONE"
	case o.TotalQuantity():
		return "RETURNED"
	}
	return "IN_PROGRESS"
}

// IsEntity marks the entity for generated code.
func (*Order) IsEntity() {}

// IsNode marks the GraphQL interface.
func (*Order) IsNode() {}
