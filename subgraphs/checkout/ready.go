package checkout

import (
	"fmt"
	"strings"
	"time"

	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/money"
)

// Problem is a reason why the order cannot be placed yet. It serves the GraphQL type CheckoutProblem.
type Problem struct {
	Code    string
	Message string
	LineID  *string // the line of the cart that is concerned
}

// Problems are all reasons why the order cannot be placed yet.
func (c *Checkout) Problems(now time.Time) []Problem {
	problems := []Problem{}
	if c.State != Open {
		return problems
	}
	if c.Stale(now) {
		problems = append(problems, Problem{Code: "CHECKOUT_EXPIRED", Message: "The prices of the checkout hold no more. Begin the checkout again."})
	}
	for i := range c.Lines {
		if p := c.Lines[i].problem(); p != nil {
			problems = append(problems, *p)
		}
	}
	if text(c.Email) == "" {
		problems = append(problems, Problem{Code: "EMAIL_INVALID", Message: "The e-mail address is missing."})
	}
	if message := c.addressProblem(); message != "" {
		problems = append(problems, Problem{Code: "ADDRESS_INVALID", Message: message})
	}
	if c.ships() && c.Delivery == nil {
		problems = append(problems, Problem{Code: "DELIVERY_OPTION_REQUIRED", Message: "A way of delivery has to be chosen."})
	}
	if c.taxCountry() != "" && c.Cost.TotalTax == nil {
		problems = append(problems, Problem{Code: "TAX_RATE_MISSING", Message: "The shop does not sell all of this to that country."})
	}
	return problems
}

// problem is why the line cannot be sold; nil where it can.
func (l *Line) problem() *Problem {
	switch {
	case l.Availability == OutOfStock:
		return &Problem{Code: "OUT_OF_STOCK", Message: fmt.Sprintf("There are not enough pieces of %s.", l.Title), LineID: &l.ID}
	case l.Availability == NoPrice || l.Availability == Available && l.PriceID == "":
		return &Problem{Code: "NO_PRICE", Message: fmt.Sprintf("%s has no price.", l.Title), LineID: &l.ID}
	case l.Availability != Available:
		return &Problem{Code: "MERCHANDISE_UNAVAILABLE", Message: fmt.Sprintf("%s is not sold any more.", l.Title), LineID: &l.ID}
	}
	return nil
}

// addressProblem says what the addresses lack: goods need a place to go to, and every invoice needs one.
func (c *Checkout) addressProblem() string {
	a, kind := c.ShippingAddress, "shipping"
	if !c.ships() && c.BillingAddress != nil {
		a, kind = c.BillingAddress, "billing"
	}
	if a == nil {
		return "The address is missing."
	}
	missing := a.missing()
	if len(missing) == 0 && kind == "shipping" && c.BillingAddress != nil {
		missing, kind = c.BillingAddress.missing(), "billing"
	}
	if len(missing) > 0 {
		return fmt.Sprintf("The %s address lacks: %s.", kind, strings.Join(missing, ", "))
	}
	return ""
}

// Ready answers why no order may be requested now, with the total that the buyer agreed to; nil where it may. A lower total
// than that passes where the buyer accepts it (rule O-3).
func (c *Checkout) Ready(expected money.Money, acceptLower bool, now time.Time) error {
	if err := c.changeable(); err != nil {
		return err
	}
	if problems := c.Problems(now); len(problems) > 0 {
		faults := make(fault.List, len(problems))
		for i, p := range problems {
			faults[i] = &fault.Error{Code: p.Code, Message: p.Message, Field: []string{"checkoutId"}}
		}
		return faults
	}
	total := c.Cost.Total
	switch {
	case expected.Currency != total.Currency:
		return fault.New("CURRENCY_MISMATCH", fmt.Sprintf("The total is in %s.", total.Currency), "expectedTotal", "currencyCode")
	case total.Minor < expected.Minor && acceptLower, total == expected:
		return nil
	default:
		return fault.New("TOTAL_CHANGED", fmt.Sprintf("The total is %s, not %s.", total, expected), "expectedTotal")
	}
}

// Demand is what is to be sold, as the request for an order tells it.
func (c *Checkout) Demand() []event.CompletionLine {
	lines := make([]event.CompletionLine, len(c.Lines))
	for i, l := range c.Lines {
		lines[i] = event.CompletionLine{VariantID: l.VariantID, Quantity: l.Quantity, PriceID: l.PriceID, UnitPrice: l.UnitPrice.Amount()}
	}
	return lines
}
