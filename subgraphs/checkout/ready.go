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
	add := func(code, message string) { problems = append(problems, Problem{Code: code, Message: message}) }
	if c.State != Open {
		return problems
	}
	if c.Stale(now) {
		add("CHECKOUT_EXPIRED", "The prices of the checkout hold no more. Begin the checkout again.")
	}
	problems = append(problems, c.lineProblems()...)
	if text(c.Email) == "" {
		add("EMAIL_INVALID", "The e-mail address is missing.")
	}
	if message := c.addressProblem(); message != "" {
		add("ADDRESS_INVALID", message)
	}
	if c.ships() && c.Delivery == nil {
		add("DELIVERY_OPTION_REQUIRED", "A way of delivery has to be chosen.")
	}
	if c.taxCountry() != "" && c.Cost.TotalTax == nil {
		add("TAX_RATE_MISSING", "The shop does not sell all of this to that country.")
	}
	return problems
}

func (c *Checkout) lineProblems() []Problem {
	var problems []Problem
	for _, l := range c.Lines {
		p := Problem{LineID: &l.ID}
		switch {
		case l.Availability == OutOfStock:
			p.Code, p.Message = "OUT_OF_STOCK", fmt.Sprintf("There are not enough pieces of %s.", l.Title)
		case l.Availability == NoPrice || l.Availability == Available && l.PriceID == "":
			p.Code, p.Message = "NO_PRICE", fmt.Sprintf("%s has no price.", l.Title)
		case l.Availability != Available:
			p.Code, p.Message = "MERCHANDISE_UNAVAILABLE", fmt.Sprintf("%s is not sold any more.", l.Title)
		default:
			continue
		}
		problems = append(problems, p)
	}
	return problems
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
