package product

import (
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
)

// PriceRow is a price with the time in which it is valid, an interval that is half-open (rule P-1).
type PriceRow struct {
	Price
	ValidFrom  time.Time
	ValidUntil *time.Time // the first moment at which it is not valid; nil: open
}

// ValidAt tells whether the price holds at a moment.
func (r *PriceRow) ValidAt(at time.Time) bool {
	return !at.Before(r.ValidFrom) && (r.ValidUntil == nil || at.Before(*r.ValidUntil))
}

// Told returns what others are told of the product, which must hold all its variants. The prices of the variants are all
// that can still be valid.
func (p *Product) Told(prices map[uuid.UUID][]PriceRow) event.ProductUpdated {
	told := event.ProductUpdated{
		ProductID: p.ID(), Version: p.Version, Handle: p.Handle, Title: p.Title, DescriptionHTML: p.DescriptionHTML, Vendor: p.Vendor,
		ProductType: p.ProductType, Tags: append([]string{}, p.Tags...), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		Image: p.FeaturedImage().told(), Variants: make([]event.Variant, len(p.Variants)),
	}
	if p.Published != nil {
		at := p.Published.UTC().Format(time.RFC3339Nano)
		told.PublishedAt = &at
	}
	for i, v := range p.Variants {
		told.Variants[i] = v.told(prices[v.Key])
	}
	return told
}

func (v *Variant) told(prices []PriceRow) event.Variant {
	told := event.Variant{
		VariantID: v.ID(), Title: v.Title(), SKU: v.Sku, Barcode: v.Barcode, SelectedOptions: []event.Option{}, Image: v.Image().told(),
		RequiresShipping: v.RequiresShipping, TaxClass: v.TaxClass, Prices: make([]event.Price, len(prices)), Stock: v.Stock.told(v.Tracked),
	}
	for _, o := range v.SelectedOptions() {
		told.SelectedOptions = append(told.SelectedOptions, event.Option{Name: o.Name, Value: o.Value})
	}
	if v.Weight != nil {
		told.WeightGrams = v.Weight.Grams()
		told.Weight = &event.Weight{Value: v.Weight.Value(), Unit: string(v.Weight.Unit)}
	}
	for i, r := range prices {
		told.Prices[i] = event.Price{
			PriceID: r.Key.String(), CurrencyCode: r.Amount.Currency, Amount: r.Amount.Amount(), ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil,
		}
		if r.CompareAt != nil {
			before := r.CompareAt.Amount()
			told.Prices[i].CompareAt = &before
		}
	}
	return told
}

func (i *Image) told() *event.Image {
	if i == nil {
		return nil
	}
	return &event.Image{Source: i.Source, Alt: i.AltText, Width: i.Width, Height: i.Height}
}

func (s Stock) told(tracked bool) event.Inventory {
	return event.Inventory{Version: s.Version, Tracked: tracked, Available: s.Available(), BackorderLimit: s.BackorderLimit}
}

// variantID is the id of a variant as the graph shows it.
func variantID(key uuid.UUID) string { return gid.Format("ProductVariant", key) }
