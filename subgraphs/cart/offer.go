package cart

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/money"
)

// Offer is what is known of a variant at a moment, in the currency of a cart: a row of the projection (rule B-2), or what
// product answered.
type Offer struct {
	Snapshot    Snapshot
	Description string // of the product, with safe markup
	OnSale      bool   // whether the product is published
	Price       *Price // that holds; nil where there is none
	Stock       Stock
	Siblings    bool // whether any variant of the product can be bought
}

// Offers are offers by variant. A variant that is missing is not known; one that is nil does not exist.
type Offers map[uuid.UUID]*Offer

// Price is a price row: what one piece costs from one moment to another.
type Price struct {
	ID        uuid.UUID // Nil where product was asked for what the projection lacks
	Amount    money.Money
	CompareAt *money.Money // what it cost before
	From      time.Time
	Until     *time.Time // the first moment at which it is not valid; nil: open
}

// Stock is how many pieces there are (rule I-1).
type Stock struct {
	Tracked   bool // whether pieces are counted
	Available int64
	Backorder int64 // how many can be sold beyond those
}

// Choose returns the price row that holds in a currency at a moment; nil where there is none. Rows are valid from their
// first moment until before their last (rule P-1). Of several that are, one that ends comes first, then the lower amount,
// then the lower id (rule P-2; channels, countries and groups have no rows of their own yet).
func Choose(rows []Price, currency string, now time.Time) *Price {
	var valid []*Price
	for i, r := range rows {
		if r.Amount.Currency == currency && !now.Before(r.From) && (r.Until == nil || now.Before(*r.Until)) {
			valid = append(valid, &rows[i])
		}
	}
	if len(valid) == 0 {
		return nil
	}
	return slices.MinFunc(valid, func(a, b *Price) int {
		return cmp.Or(order(a.Until == nil, b.Until == nil), cmp.Compare(a.Amount.Minor, b.Amount.Minor), slices.Compare(a.ID[:], b.ID[:]))
	})
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// before returns the earlier price where it was more (rule P-5).
func (p *Price) before() *money.Money {
	if p.CompareAt == nil || p.CompareAt.Minor <= p.Amount.Minor {
		return nil
	}
	return p.CompareAt
}

// Sellable is how many pieces can be sold; as many as can be written where they are not counted.
func (s Stock) Sellable() int64 {
	switch {
	case !s.Tracked:
		return math.MaxInt64
	case s.Available > 0 && s.Backorder > math.MaxInt64-s.Available:
		return math.MaxInt64
	default:
		return max(0, s.Available+s.Backorder)
	}
}

// Left is how many pieces are there; nil where they are not counted.
func (s Stock) Left() *int {
	if !s.Tracked {
		return nil
	}
	left := int(min(max(0, s.Available), math.MaxInt32))
	return &left
}

// Buyable tells whether a piece can be bought now.
func (o *Offer) Buyable() bool { return o.OnSale && o.Price != nil && o.Stock.Sellable() > 0 }

// Lacks returns those variants that are not known.
func (o Offers) Lacks(variants []uuid.UUID) []uuid.UUID {
	var lacking []uuid.UUID
	for _, v := range variants {
		if _, known := o[v]; !known {
			lacking = append(lacking, v)
		}
	}
	return lacking
}

// Unknown is the error of a change that needs offers that are not known: product has to be asked for them.
type Unknown struct {
	Variants []uuid.UUID
	Currency string // of the cart
}

// Error tells how many are lacking.
func (*Unknown) Error() string { return "offers are not known" }
