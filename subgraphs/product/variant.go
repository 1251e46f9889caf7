package product

import (
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
)

// Variant is one buyable form of a product.
type Variant struct {
	Key              uuid.UUID
	Product          *Product    `cache:"-"` // restored by Link
	Values           []uuid.UUID // the key of the value it has for each option of the product, in their order
	Sku              *string
	Barcode          *string
	Picture          *Image // its own; nil when it has none
	Offer            *Price // nil: it is not in the catalogue (rule P-4)
	Tracked          bool   // whether pieces are counted
	Stock            Stock
	RequiresShipping bool
	TaxClass         string
	Weight           *Weight // nil when not said
}

// SelectedOption is the value that a variant has for an option.
type SelectedOption struct{ Name, Value string }

// Price is what one piece costs from one moment to another. Prices are immutable: a new one closes the one before
// (rule P-4).
type Price struct {
	Key       uuid.UUID
	Amount    money.Money
	CompareAt *money.Money // what it cost before; nil when not said
}

// PriceRange is the lowest and highest of some prices.
type PriceRange struct{ MinVariantPrice, MaxVariantPrice money.Money }

// ID returns the id that the graph shows.
func (v *Variant) ID() string { return gid.Format("ProductVariant", v.Key) }

// Title returns its option values, "Default Title" where the product has no options.
func (v *Variant) Title() string {
	if len(v.Values) == 0 {
		return "Default Title"
	}
	var names []string
	for _, o := range v.SelectedOptions() {
		names = append(names, o.Value)
	}
	return strings.Join(names, " / ")
}

// SelectedOptions returns the value it has for each option; none where the product has no options.
func (v *Variant) SelectedOptions() []SelectedOption {
	selected := make([]SelectedOption, 0, len(v.Values))
	for i, o := range v.Product.Options {
		at := slices.IndexFunc(o.OptionValues, func(value *OptionValue) bool { return value.Key == v.Values[i] })
		selected = append(selected, SelectedOption{Name: o.Name, Value: o.OptionValues[at].Name})
	}
	return selected
}

// Image returns its own picture, else the first of the product, else nil.
func (v *Variant) Image() *Image {
	if v.Picture != nil {
		return v.Picture
	}
	return v.Product.FeaturedImage()
}

// Price returns what one piece costs. The variant must be in the catalogue.
func (v *Variant) Price() money.Money { return v.Offer.Amount }

// CompareAtPrice returns what one piece cost before, only when that was more (rule P-5).
func (v *Variant) CompareAtPrice() *money.Money {
	if v.Offer.CompareAt == nil || v.Offer.CompareAt.Minor <= v.Offer.Amount.Minor {
		return nil
	}
	return v.Offer.CompareAt
}

// AvailableForSale tells whether one piece can be bought now (rule I-1).
func (v *Variant) AvailableForSale() bool { return !v.Tracked || v.Stock.Sellable(1) }

// CurrentlyNotInStock tells whether it can be bought although nothing is in stock.
func (v *Variant) CurrentlyNotInStock() bool {
	return v.Tracked && v.Stock.Available() <= 0 && v.AvailableForSale()
}

// QuantityAvailable returns how many pieces are left, nil when they are not counted.
func (v *Variant) QuantityAvailable() *int {
	if !v.Tracked {
		return nil
	}
	left := max(0, int(v.Stock.Available()))
	return &left
}

// PriceRange returns the lowest and highest price of the variants. All must be in the catalogue, and there must be one.
func (p *Product) PriceRange() PriceRange {
	prices := make([]money.Money, len(p.Variants))
	for i, v := range p.Variants {
		prices[i] = v.Price()
	}
	return *rangeOf(prices)
}

// CompareAtPriceRange returns the lowest and highest earlier price, nil when no variant has one that was more.
func (p *Product) CompareAtPriceRange() *PriceRange {
	var prices []money.Money
	for _, v := range p.Variants {
		if before := v.CompareAtPrice(); before != nil {
			prices = append(prices, *before)
		}
	}
	return rangeOf(prices)
}

func rangeOf(prices []money.Money) *PriceRange {
	if len(prices) == 0 {
		return nil
	}
	byAmount := func(a, b money.Money) int {
		return int(min(1, max(-1, a.Minor-b.Minor))) // Prices are not negative: no overflow.
	}
	return &PriceRange{MinVariantPrice: slices.MinFunc(prices, byAmount), MaxVariantPrice: slices.MaxFunc(prices, byAmount)}
}

// Match is how chosen options are compared with those of a product.
type Match struct {
	IgnoreUnknown bool // skip options the product does not have
	IgnoreCase    bool // of names and values
}

// VariantWith returns the variant with exactly these option values, nil when there is none.
func (p *Product) VariantWith(chosen []SelectedOption, match Match) *Variant {
	equal := func(a, b string) bool { return a == b || match.IgnoreCase && strings.EqualFold(a, b) }
	for _, v := range p.Variants {
		own := v.SelectedOptions()
		named := map[int]bool{}
		wrong := slices.ContainsFunc(chosen, func(c SelectedOption) bool {
			at := slices.IndexFunc(own, func(o SelectedOption) bool { return equal(o.Name, c.Name) })
			if at < 0 {
				return !match.IgnoreUnknown
			}
			named[at] = true
			return !equal(own[at].Value, c.Value)
		})
		if !wrong && len(named) == len(own) {
			return v
		}
	}
	return nil
}

// FirstAvailable returns the first variant that can be bought, else the first, nil when there is none.
func (p *Product) FirstAvailable() *Variant {
	if i := slices.IndexFunc(p.Variants, (*Variant).AvailableForSale); i >= 0 {
		return p.Variants[i]
	}
	if len(p.Variants) > 0 {
		return p.Variants[0]
	}
	return nil
}
