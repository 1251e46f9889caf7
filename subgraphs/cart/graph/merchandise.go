package graph

import (
	"context"

	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/cart"
	"github.com/soukhq/souk/subgraphs/cart/graph/generated"
)

// ParentRelationship is null: no line belongs to another one yet.
func (r lineField) ParentRelationship(context.Context, *cart.Line) (*generated.CartLineParentRelationship, error) {
	return nil, nil
}

// Merchandise is what the cart knows of the variant (rule F-2): as product told it last, or as the line remembers it where
// the variant is gone. Prices are those of the cart.
func (r lineField) Merchandise(_ context.Context, l *cart.Line) (generated.Merchandise, error) {
	s := l.Snapshot
	v := &generated.ProductVariant{
		ID: gid.Format("ProductVariant", l.Variant), Price: &l.Price, CompareAtPrice: l.CompareAt, QuantityAvailable: new(int),
	}
	p := &generated.Product{}
	if o := l.Offer; o != nil {
		published := s.Facts.PublishedAt
		if s = o.Snapshot; !o.OnSale {
			s.Facts.PublishedAt = published
		}
		v.AvailableForSale, v.QuantityAvailable = o.Buyable(), o.Stock.Left()
		v.CurrentlyNotInStock = o.Buyable() && o.Stock.Tracked && o.Stock.Available <= 0
		p.DescriptionHTML, p.AvailableForSale = o.Description, o.Siblings
	}
	v.Sku, v.Barcode, v.Title, v.Image = s.SKU, s.Facts.Barcode, s.VariantTitle, r.image(s.Image)
	v.SelectedOptions, v.RequiresShipping, v.TaxClass = optionsOf(s.Options), s.RequiresShipping, s.TaxClass
	if w := s.Facts.Weight; w != nil {
		v.Weight = &generated.Weight{Value: w.Value, Unit: generated.WeightUnit(w.Unit)}
	}
	p.ID, p.Handle, p.Title, p.FeaturedImage = gid.Format("Product", s.Product), s.Handle, s.Title, r.image(s.Facts.Picture)
	p.Vendor, p.ProductType, p.Tags = s.Facts.Vendor, s.Facts.ProductType, append([]string{}, s.Facts.Tags...)
	p.PublishedAt, p.CreatedAt, p.UpdatedAt = s.Facts.PublishedAt, s.Facts.CreatedAt, s.Facts.UpdatedAt
	v.Product = p
	return v, nil
}
