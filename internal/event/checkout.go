package event

import "time"

// Amounts are decimal texts with exactly the digits of the currency, as MoneyV2 has them; ids are those of the graph, those
// of carts and checkouts without their key (rule G-1).

// CheckoutStarted says that a checkout was opened. Its subject is the checkout.
type CheckoutStarted struct {
	CheckoutID string `json:"checkoutId"`
	CartID     string `json:"cartId"`
}

// CompletionRequested asks for an order: product reserves all lines or none, cart freezes the cart at that version
// (rule O-2, step 1). The subject of it and of all answers is the completion: gid://souk/CheckoutCompletion/<uuid>.
type CompletionRequested struct {
	CompletionID string           `json:"completionId"`
	CheckoutID   string           `json:"checkoutId"`
	CartID       string           `json:"cartId"`
	CartVersion  int              `json:"cartVersion"`
	CurrencyCode string           `json:"currencyCode"`
	PricedAt     time.Time        `json:"pricedAt"` // when the prices were locked: they were valid then
	Lines        []CompletionLine `json:"lines"`
}

// CompletionLine is something to be sold in a completion; a variant may be in several lines.
type CompletionLine struct {
	VariantID string `json:"variantId"`
	Quantity  int    `json:"quantity"`
	PriceID   string `json:"priceId"`   // the key of the price row, a uuid
	UnitPrice string `json:"unitPrice"` // what one piece cost in that row
}

// CompletionFailed says that no order comes of a completion: all undo what they did for it. Of a completion that checkout knows
// no more, because its database was restored, it may be told twice, without the checkout and without the cart.
type CompletionFailed struct {
	CompletionID string `json:"completionId"`
	CheckoutID   string `json:"checkoutId,omitempty"`
	CartID       string `json:"cartId,omitempty"`
	Code         string `json:"code"` // of the failure, as the graph tells it
}

// OrderPlaced says that a completion became an order; there is no way back (rule O-2, step 4). Its subject is the order.
type OrderPlaced struct {
	OrderID      string      `json:"orderId"`
	Number       string      `json:"number"`
	CompletionID string      `json:"completionId"`
	CheckoutID   string      `json:"checkoutId"`
	CartID       string      `json:"cartId"`
	CustomerID   *string     `json:"customerId"`
	CurrencyCode string      `json:"currencyCode"`
	Total        TaxedAmount `json:"total"`
	Lines        []OrderLine `json:"lines"`
}

// TaxedAmount is an amount with and without tax.
type TaxedAmount struct {
	Gross string `json:"gross"`
	Net   string `json:"net"`
	Tax   string `json:"tax"`
}

// OrderLine is something that was sold.
type OrderLine struct {
	VariantID string `json:"variantId"`
	Quantity  int    `json:"quantity"`
	Total     string `json:"total"` // with tax
}

// OrphanResolved says that money was reserved for a completion that failed long ago, and was set free (rule O-10).
type OrphanResolved struct {
	CompletionID string `json:"completionId"`
	Gateway      string `json:"gateway"`
	PaymentID    string `json:"paymentId"` // the gateway's name for the payment
	Amount       string `json:"amount"`
	CurrencyCode string `json:"currencyCode"`
}

func (CheckoutStarted) kind() (string, string)     { return "checkout", "checkout.started.v1" }
func (CompletionRequested) kind() (string, string) { return "checkout", "completion.requested.v1" }
func (CompletionFailed) kind() (string, string)    { return "checkout", "completion.failed.v1" }
func (OrderPlaced) kind() (string, string)         { return "checkout", "order.placed.v1" }
func (OrphanResolved) kind() (string, string)      { return "checkout", "payment.orphan_resolved.v1" }
