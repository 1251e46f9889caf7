package product

import (
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Begin makes a product that is put together elsewhere a new one.
func (p *Product) Begin(now time.Time) {
	p.Version, p.CreatedAt, p.UpdatedAt = 1, now, now
	p.Link()
}

// Become returns what the product is to be as the same product: parts that are equal in name, choice or source keep their
// keys, prices that did not change stay, pieces that are sold or held too. It tells whether anything differs; if more than
// figures of stock does, the result has the next version. Neither the product nor what it is to be is changed.
func (p *Product) Become(wanted *Product, now time.Time) (next *Product, changed bool) {
	n := *wanted
	n.Key, n.Version, n.CreatedAt, n.UpdatedAt = p.Key, p.Version, p.CreatedAt, p.UpdatedAt
	n.Tags = append([]string{}, wanted.Tags...)
	if wanted.Published != nil && p.Published != nil {
		n.Published = p.Published
	}
	pictures := map[*Image]*Image{}
	n.Pictures = nil
	for _, i := range wanted.Pictures {
		pictures[i] = p.sameImage(i)
		n.Pictures = append(n.Pictures, pictures[i])
	}
	values := map[uuid.UUID]uuid.UUID{} // from those of wanted to the final ones
	n.Options = nil
	for _, o := range wanted.Options {
		n.Options = append(n.Options, p.sameOption(o, values, n.Pictures, pictures))
	}
	n.Variants = nil
	for _, v := range wanted.Variants {
		n.Variants = append(n.Variants, p.sameVariant(v, values, pictures))
	}
	n.Link()
	if changed = !reflect.DeepEqual(p, &n); changed {
		n.Version, n.UpdatedAt = p.Version+1, now
	}
	if n.count(wanted.Variants) || changed {
		return &n, true
	}
	return p, false
}

// count takes over how many pieces there are of each variant, and tells whether any number differs.
func (p *Product) count(wanted []*Variant) (differs bool) {
	for i, v := range p.Variants {
		there, limit := wanted[i].Stock.OnHand, wanted[i].Stock.BackorderLimit
		differs = differs || v.Stock.OnHand != there || v.Stock.BackorderLimit != limit
		v.Stock.OnHand, v.Stock.BackorderLimit = there, limit
	}
	return differs
}

func (p *Product) sameOption(wanted *Option, values map[uuid.UUID]uuid.UUID, kept []*Image, pictures map[*Image]*Image) *Option {
	n := &Option{Key: wanted.Key, Name: wanted.Name}
	var old Option
	if i := slices.IndexFunc(p.Options, func(o *Option) bool { return o.Name == wanted.Name }); i >= 0 {
		old = *p.Options[i]
		n.Key = old.Key
	}
	for _, v := range wanted.OptionValues {
		value := &OptionValue{Key: v.Key, Name: v.Name}
		if v.Swatch != nil {
			value.Swatch = &Swatch{Color: v.Swatch.Color, Picture: pictures[v.Swatch.Picture]}
		}
		if i := slices.IndexFunc(old.OptionValues, func(o *OptionValue) bool { return o.Name == v.Name }); i >= 0 {
			value.Key = old.OptionValues[i].Key
			if v.Swatch == nil {
				value.Swatch = old.OptionValues[i].Swatch.among(kept)
			}
		}
		values[v.Key] = value.Key
		n.OptionValues = append(n.OptionValues, value)
	}
	return n
}

// among returns the swatch for a product that has these pictures.
func (s *Swatch) among(pictures []*Image) *Swatch {
	if s == nil {
		return nil
	}
	n := &Swatch{Color: s.Color}
	if i := slices.IndexFunc(pictures, func(i *Image) bool { return s.Picture != nil && i.Key == s.Picture.Key }); i >= 0 {
		n.Picture = pictures[i]
	}
	return n
}

func (p *Product) sameImage(wanted *Image) *Image {
	n := *wanted
	if i := slices.IndexFunc(p.Pictures, func(o *Image) bool { return o.Source == wanted.Source }); i >= 0 {
		old := p.Pictures[i]
		n.Key = old.Key
		if wanted.Width == nil {
			n.Width, n.Height = old.Width, old.Height
		}
	}
	return &n
}

func (p *Product) sameVariant(wanted *Variant, values map[uuid.UUID]uuid.UUID, pictures map[*Image]*Image) *Variant {
	n := *wanted
	n.Product, n.Values, n.Picture = nil, nil, pictures[wanted.Picture]
	for _, v := range wanted.Values {
		n.Values = append(n.Values, values[v])
	}
	i := slices.IndexFunc(p.Variants, func(o *Variant) bool { return slices.Equal(o.Values, n.Values) })
	if i < 0 {
		return &n
	}
	old := p.Variants[i]
	n.Key = old.Key
	n.Stock = old.Stock
	if wanted.Offer.costs(old.Offer) {
		n.Offer = old.Offer
	}
	return &n
}

// costs tells whether two prices ask the same.
func (p *Price) costs(other *Price) bool {
	if p == nil || other == nil {
		return p == other
	}
	return p.Amount == other.Amount && reflect.DeepEqual(p.CompareAt, other.CompareAt)
}
