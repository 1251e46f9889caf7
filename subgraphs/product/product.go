// Package product says what is for sale, at which price, and how many are left.
package product

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
)

// Product is a thing for sale with all that belongs to it: options, variants, pictures. Its parts are in the order of the
// shop. A product that was read for the graph holds only the variants that are in the catalogue (rule P-4).
type Product struct {
	Key             uuid.UUID
	Handle          string // the readable name used in addresses, unique
	Title           string
	Text            string // the description as plain text
	DescriptionHTML string // the description with safe markup
	Vendor          string // empty when not said
	ProductType     string // empty when not said
	Tags            []string
	Seo             SEO
	Options         []*Option
	Variants        []*Variant
	Pictures        []*Image
	Published       *time.Time // nil: not on sale
	CreatedAt       time.Time
	UpdatedAt       time.Time
	Version         int64
}

// Option is something a buyer chooses, such as the size.
type Option struct {
	Key          uuid.UUID
	Name         string
	OptionValues []*OptionValue
}

// OptionValue is one of the choices of an option, such as large.
type OptionValue struct {
	Key                    uuid.UUID
	Name                   string
	Swatch                 *Swatch  // how it is shown beside its name; nil when not said
	FirstSelectableVariant *Variant `cache:"-"` // the first variant in the catalogue that has this value; nil when there is none
}

// Swatch is how a value of an option is shown beside its name.
type Swatch struct {
	Color   *string // as #rrggbb in lower case; nil when not said
	Picture *Image  // one of the product; nil when there is none
}

// Image returns the picture, nil when there is none.
func (s *Swatch) Image() Media {
	if s.Picture == nil {
		return nil
	}
	return &MediaImage{s.Picture}
}

// MediaImage is an image among other media.
type MediaImage struct{ Picture *Image }

// ID returns the id that the graph shows.
func (m *MediaImage) ID() string { return gid.Format("MediaImage", m.Picture.Key) }

// Alt returns what it shows, nil when not said.
func (m *MediaImage) Alt() *string { return m.Picture.AltText }

// Image returns the image.
func (m *MediaImage) Image() *Image { return m.Picture }

// PreviewImage returns the image, too.
func (m *MediaImage) PreviewImage() *Image { return m.Picture }

// Image is a picture of a product.
type Image struct {
	Key     uuid.UUID
	Source  string  // an address, or the name of a file of ours
	AltText *string // what it shows; nil when not said
	Width   *int    // in pixels; nil when not known
	Height  *int
}

// SEO are texts for search engines; nil when not said.
type SEO struct{ Title, Description *string }

// ID returns the id that the graph shows.
func (p *Product) ID() string { return gid.Format("Product", p.Key) }

// ID returns the id that the graph shows.
func (o *Option) ID() string { return gid.Format("ProductOption", o.Key) }

// ID returns the id that the graph shows.
func (v *OptionValue) ID() string { return gid.Format("ProductOptionValue", v.Key) }

// ID returns the id that the graph shows.
func (i *Image) ID() *string {
	id := gid.Format("Image", i.Key)
	return &id
}

// Values returns the names of the values.
func (o *Option) Values() []string {
	names := make([]string, len(o.OptionValues))
	for i, v := range o.OptionValues {
		names[i] = v.Name
	}
	return names
}

// Description returns the description as plain text, cut to at most so many characters, an ellipsis included.
func (p *Product) Description(truncateAt *int) string { return truncate(p.Text, truncateAt) }

// PublishedAt returns when the product was put on sale; it must be.
func (p *Product) PublishedAt() time.Time { return *p.Published }

// AvailableForSale tells whether any variant can be bought now.
func (p *Product) AvailableForSale() bool {
	return slices.ContainsFunc(p.Variants, (*Variant).AvailableForSale)
}

// FeaturedImage returns the first picture, nil when there is none.
func (p *Product) FeaturedImage() *Image {
	if len(p.Pictures) == 0 {
		return nil
	}
	return p.Pictures[0]
}

// Link lets the parts know each other. Whoever puts a product together calls it when all parts are there.
func (p *Product) Link() {
	values := map[uuid.UUID]*OptionValue{}
	for _, o := range p.Options {
		for _, v := range o.OptionValues {
			v.FirstSelectableVariant = nil
			values[v.Key] = v
		}
	}
	for _, variant := range p.Variants {
		variant.Product = p
		for _, key := range variant.Values {
			if v := values[key]; v != nil && v.FirstSelectableVariant == nil {
				v.FirstSelectableVariant = variant
			}
		}
	}
}

// truncate cuts a text to a number of characters, an ellipsis included.
func truncate(text string, at *int) string {
	if at == nil {
		return text
	}
	runes := []rune(text)
	switch {
	case len(runes) <= *at:
		return text
	case *at <= 0:
		return ""
	default:
		return string(runes[:*at-1]) + "…"
	}
}
