package checkout

import (
	"slices"

	"github.com/soukhq/souk/internal/event"
)

// Failure is why no order came of a completion. It serves the GraphQL type CompletionFailure.
type Failure struct {
	Code  string   `json:"code"`            // of the GraphQL enum CheckoutErrorCode
	Lines []string `json:"lines,omitempty"` // the ids of the cart's lines that are concerned
}

// Message is a sentence for the buyer.
func (f *Failure) Message() string {
	switch f.Code {
	case "OUT_OF_STOCK":
		return "Too few pieces are left."
	case "NO_PRICE":
		return "A price has changed."
	case "MERCHANDISE_UNAVAILABLE":
		return "Something is not sold any more."
	case "CART_CHANGED":
		return "The cart was changed meanwhile."
	case "CART_LOCKED":
		return "Another order of this cart is being placed, or was placed."
	case "CART_NOT_FOUND", "CART_EXPIRED":
		return "The cart is not there any more."
	case "PAYMENT_DECLINED":
		return "The payment was declined."
	case "PAYMENT_CANCELLED":
		return "The order was given up."
	case "PAYMENT_SESSION_INVALID":
		return "The payment cannot be used."
	case "COMPLETION_TIMED_OUT":
		return "The order could not be placed in time."
	}
	return "The order could not be placed."
}

// LineIds are the lines, named as generated code asks for it; never nil.
func (f *Failure) LineIds() []string { return append([]string{}, f.Lines...) }

// Retryable tells whether a new attempt with the same checkout can help.
func (f *Failure) Retryable() bool {
	switch f.Code {
	case "PAYMENT_DECLINED", "PAYMENT_SESSION_INVALID", "COMPLETION_TIMED_OUT", "CART_LOCKED":
		return true
	}
	return false
}

// reasons are what a variant is rejected for, the gravest first, and the code of the failure.
var reasons = []struct{ reason, code string }{
	{"UNAVAILABLE", "MERCHANDISE_UNAVAILABLE"}, {"OUT_OF_STOCK", "OUT_OF_STOCK"}, {"PRICE_CHANGED", "NO_PRICE"},
}

// StockFailure is the failure of a completion whose lines product rejected. All lines with a rejected variant are named,
// the code is that of the gravest reason.
func StockFailure(rejected event.StockRejected, lines []Line) *Failure {
	f := &Failure{Code: "COMPLETION_TIMED_OUT"} // Where there is no reason, product was told of the end before the beginning.
	given, variants := map[string]bool{}, map[string]bool{}
	for _, r := range rejected.Lines {
		given[r.Reason], variants[r.VariantID] = true, true
	}
	for _, r := range slices.Backward(reasons) {
		if given[r.reason] {
			f.Code = r.code
		}
	}
	for _, l := range lines {
		if variants[l.VariantID] {
			f.Lines = append(f.Lines, l.ID)
		}
	}
	return f
}

// CartFailure is the failure of a completion whose cart was not frozen.
func CartFailure(rejected event.CartRejected, _ []Line) *Failure {
	switch rejected.Code {
	case "CART_CHANGED", "CART_LOCKED", "CART_NOT_FOUND", "CART_EXPIRED":
		return &Failure{Code: rejected.Code}
	}
	return &Failure{Code: "COMPLETION_TIMED_OUT"} // As with product.
}
