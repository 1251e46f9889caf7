package product

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/money"
)

// Why a variant stands against a completion.
const (
	outOfStock   = "OUT_OF_STOCK"
	priceChanged = "PRICE_CHANGED"
	unavailable  = "UNAVAILABLE"
	cancelled    = "CANCELLED"
)

// Offered is what there is for a line of a completion: the variant and the price row that it names.
type Offered struct {
	Variant   uuid.UUID  // uuid.Nil where there is none
	Published *time.Time // of its product; nil: not on sale
	Tracked   bool       // whether its pieces are counted
	Price     *PriceRow  // nil where there is none
	PriceOf   uuid.UUID  // the variant whose price it is
}

// Wanted are pieces of one variant, over all lines.
type Wanted struct {
	Variant  uuid.UUID
	Quantity int64
}

// Reserve decides about a completion (rules I-2, O-2f): which pieces are held for it, or what stands against it. The offers
// are those of its lines, the shelves all those of the variants in Demand.
func Reserve(c event.CompletionRequested, offers []Offered, shelves []Shelf) (held []Portion, refused []event.RejectedVariant) {
	for i, l := range c.Lines {
		if reason := offers[i].against(l, c); reason != "" {
			refused = refuse(refused, event.RejectedVariant{VariantID: l.VariantID, Reason: reason})
		}
	}
	wanted := Demand(c, offers)
	for _, w := range wanted {
		if left := sellable(shelves, w.Variant); left < w.Quantity {
			refused = refuse(refused, event.RejectedVariant{VariantID: variantID(w.Variant), Reason: outOfStock, Available: &left})
		}
	}
	if len(refused) > 0 {
		return nil, refused
	}
	return Allot(wanted, shelves), nil
}

// Cancelled refuses all lines of a completion that had failed before it was heard of (rule I-5).
func Cancelled(c event.CompletionRequested) (refused []event.RejectedVariant) {
	for _, l := range c.Lines {
		refused = refuse(refused, event.RejectedVariant{VariantID: l.VariantID, Reason: cancelled})
	}
	return refused
}

// refuse names a variant once for each reason.
func refuse(refused []event.RejectedVariant, r event.RejectedVariant) []event.RejectedVariant {
	if slices.ContainsFunc(refused, func(o event.RejectedVariant) bool { return o.VariantID == r.VariantID && o.Reason == r.Reason }) {
		return refused
	}
	return append(refused, r)
}

// against tells why a line cannot be sold as it was priced; "" when it can. The product must have been on sale when prices
// were locked and still be; the price row must be that of the variant and the currency, ask that amount, and have been valid
// when prices were locked, whatever became of it since.
func (o Offered) against(l event.CompletionLine, c event.CompletionRequested) string {
	if l.Quantity < 1 || !o.onSale(c.PricedAt) {
		return unavailable
	}
	asked, err := money.Parse(l.UnitPrice, c.CurrencyCode)
	if err != nil || o.Price == nil || o.PriceOf != o.Variant || o.Price.Amount != asked || !o.Price.ValidAt(c.PricedAt) {
		return priceChanged
	}
	return ""
}

func (o Offered) onSale(at time.Time) bool {
	return o.Variant != uuid.Nil && o.Published != nil && !o.Published.After(at)
}

// Demand sums what the lines of a completion want of each variant that is on sale and counted, in the order of the lines.
func Demand(c event.CompletionRequested, offers []Offered) []Wanted {
	var wanted []Wanted
	for i, l := range c.Lines {
		if o := offers[i]; o.Tracked && o.onSale(c.PricedAt) && l.Quantity > 0 {
			wanted = want(wanted, o.Variant, l.Quantity)
		}
	}
	return wanted
}

// OrderDemand sums what the lines of an order took of each variant that is there and counted.
func OrderDemand(o event.OrderPlaced, offers []Offered) []Wanted {
	var wanted []Wanted
	for i, l := range o.Lines {
		if offers[i].Variant != uuid.Nil && offers[i].Tracked && l.Quantity > 0 {
			wanted = want(wanted, offers[i].Variant, l.Quantity)
		}
	}
	return wanted
}

func want(wanted []Wanted, variant uuid.UUID, quantity int) []Wanted {
	i := slices.IndexFunc(wanted, func(w Wanted) bool { return w.Variant == variant })
	if i < 0 {
		return append(wanted, Wanted{variant, int64(quantity)})
	}
	wanted[i].Quantity += int64(quantity)
	return wanted
}

func sellable(shelves []Shelf, variant uuid.UUID) (left int64) {
	for _, s := range shelves {
		if s.Variant == variant {
			left += s.left()
		}
	}
	return left
}

// left is how many pieces can be sold from the shelf (rule I-1).
func (s Shelf) left() int64 { return max(0, s.Stock.Available()+s.Stock.BackorderLimit) }
