package postgres

import (
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/subgraphs/product"
)

// rows are products taken apart into the rows of their tables.
type rows struct {
	keys     []uuid.UUID
	products []savedProduct
	options  []savedOption
	values   []savedValue
	images   []savedImage
	variants []savedVariant
}

type savedProduct struct {
	ID              uuid.UUID  `json:"id"`
	Version         int64      `json:"version"`
	Handle          string     `json:"handle"`
	Title           string     `json:"title"`
	Description     string     `json:"description"`
	DescriptionHTML string     `json:"description_html"`
	Vendor          *string    `json:"vendor"`
	ProductType     *string    `json:"product_type"`
	Tags            []string   `json:"tags"`
	SEOTitle        *string    `json:"seo_title"`
	SEODescription  *string    `json:"seo_description"`
	PublishedAt     *time.Time `json:"published_at"`
	CreatedAt       time.Time  `json:"created_at"`
	UpdatedAt       time.Time  `json:"updated_at"`
}

type savedOption struct {
	ID        uuid.UUID `json:"id"`
	ProductID uuid.UUID `json:"product_id"`
	Position  int       `json:"position"`
	Name      string    `json:"name"`
}

type savedValue struct {
	ID       uuid.UUID  `json:"id"`
	OptionID uuid.UUID  `json:"option_id"`
	Position int        `json:"position"`
	Name     string     `json:"name"`
	Color    *string    `json:"swatch_color"`
	ImageID  *uuid.UUID `json:"swatch_image_id"`
}

type savedImage struct {
	ID        uuid.UUID `json:"id"`
	ProductID uuid.UUID `json:"product_id"`
	Position  int       `json:"position"`
	Source    string    `json:"source"`
	Alt       *string   `json:"alt"`
	Width     *int      `json:"width"`
	Height    *int      `json:"height"`
}

type savedVariant struct {
	ID               uuid.UUID           `json:"id"`
	ProductID        uuid.UUID           `json:"product_id"`
	Position         int                 `json:"position"`
	ValueIDs         []uuid.UUID         `json:"value_ids"`
	SKU              *string             `json:"sku"`
	Barcode          *string             `json:"barcode"`
	ImageID          *uuid.UUID          `json:"image_id"`
	Tracked          bool                `json:"tracked"`
	RequiresShipping bool                `json:"requires_shipping"`
	TaxClass         string              `json:"tax_class"`
	WeightMg         *int64              `json:"weight_mg"`
	WeightUnit       *product.WeightUnit `json:"weight_unit"`
	OnHand           int64               `json:"on_hand"`
	BackorderLimit   int64               `json:"backorder_limit"`
	PriceID          *uuid.UUID          `json:"price_id"`
	Amount           *int64              `json:"amount"`
	CompareAt        *int64              `json:"compare_at"`
}

func (r savedOption) key() uuid.UUID  { return r.ID }
func (r savedValue) key() uuid.UUID   { return r.ID }
func (r savedImage) key() uuid.UUID   { return r.ID }
func (r savedVariant) key() uuid.UUID { return r.ID }

func keysOf[R interface{ key() uuid.UUID }](rows []R) []uuid.UUID {
	keys := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		keys[i] = r.key()
	}
	return keys
}

// rowsOf takes products apart. Lists are not nil, so that they are written as empty and not as null.
func rowsOf(products []*product.Product) rows {
	r := rows{options: []savedOption{}, values: []savedValue{}, images: []savedImage{}, variants: []savedVariant{}}
	for _, p := range products {
		r.keys = append(r.keys, p.Key)
		r.products = append(r.products, savedProduct{
			ID: p.Key, Version: p.Version, Handle: p.Handle, Title: p.Title, Description: p.Text, DescriptionHTML: p.DescriptionHTML,
			Vendor: said(p.Vendor), ProductType: said(p.ProductType), Tags: append([]string{}, p.Tags...),
			SEOTitle: p.Seo.Title, SEODescription: p.Seo.Description, PublishedAt: p.Published, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		})
		for i, o := range p.Options {
			r.options = append(r.options, savedOption{ID: o.Key, ProductID: p.Key, Position: i, Name: o.Name})
			for j, v := range o.OptionValues {
				value := savedValue{ID: v.Key, OptionID: o.Key, Position: j, Name: v.Name}
				if v.Swatch != nil {
					value.Color = v.Swatch.Color
				}
				if v.Swatch != nil && v.Swatch.Picture != nil {
					value.ImageID = &v.Swatch.Picture.Key
				}
				r.values = append(r.values, value)
			}
		}
		for i, image := range p.Pictures {
			r.images = append(r.images, savedImage{
				ID: image.Key, ProductID: p.Key, Position: i, Source: image.Source, Alt: image.AltText, Width: image.Width, Height: image.Height,
			})
		}
		for i, v := range p.Variants {
			r.variants = append(r.variants, variantRowOf(p, i, v))
		}
	}
	return r
}

func variantRowOf(p *product.Product, position int, v *product.Variant) savedVariant {
	row := savedVariant{
		ID: v.Key, ProductID: p.Key, Position: position, ValueIDs: append([]uuid.UUID{}, v.Values...), SKU: v.Sku, Barcode: v.Barcode,
		Tracked: v.Tracked, RequiresShipping: v.RequiresShipping, TaxClass: v.TaxClass,
		OnHand: v.Stock.OnHand, BackorderLimit: v.Stock.BackorderLimit,
	}
	if v.Picture != nil {
		row.ImageID = &v.Picture.Key
	}
	if v.Weight != nil {
		row.WeightMg, row.WeightUnit = &v.Weight.Milligrams, &v.Weight.Unit
	}
	if v.Offer != nil {
		row.PriceID, row.Amount = &v.Offer.Key, &v.Offer.Amount.Minor
		if v.Offer.CompareAt != nil {
			row.CompareAt = &v.Offer.CompareAt.Minor
		}
	}
	return row
}

// said is null for a text that is not said.
func said(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
