package demo

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/media"
)

// draft is a product that is not in the shop yet.
type draft struct {
	product  *product.Product // with its prices in the first currency
	prices   []product.PriceChange
	texts    []product.Translation
	in       []string // handles of collections
	pictures []media.Picture
}

// The names of the options.
var colourOption, sizeOption = texts{"Color", "Farbe"}, texts{"Size", "Größe"}

// draft makes a product of the file, which is there the ordinal-th.
func (c *catalogue) draft(t thing, ordinal int, created time.Time) (*draft, error) {
	p := &product.Product{
		Key: gid.New(), Handle: t.Handle, Title: t.Title[0], Text: t.Text[0], DescriptionHTML: paragraph(t.Text[0]), Vendor: t.Vendor,
		ProductType: t.Type, Tags: slices.Sorted(slices.Values(t.Tags)), Published: &created,
		Seo: product.SEO{Title: &t.Title[0], Description: &t.Text[0]},
	}
	d := &draft{product: p, in: t.In}
	d.translate(p.Key, described(t.Title[1], t.Text[1]))
	for _, colour := range t.Colours {
		if err := d.addPicture(t, c.Colours[colour]); err != nil {
			return nil, err
		}
	}
	var colours, sizes *product.Option
	if len(t.Colours) > 1 { // A product of one colour leaves no choice.
		colours = d.addOption(colourOption)
		for _, colour := range t.Colours {
			known := c.Colours[colour]
			d.addValue(colours, texts{known[0], known[1]}, &product.Swatch{Color: &known[2]})
		}
	}
	if len(t.Sizes) > 0 {
		sizes = d.addOption(sizeOption)
		for _, s := range t.Sizes {
			d.addValue(sizes, s.Name, nil)
		}
	}
	for i := range t.Colours {
		for j := range max(len(t.Sizes), 1) {
			if err := d.addVariant(t, i, j, colours, sizes); err != nil {
				return nil, err
			}
		}
	}
	for i, pieces := range share(t.Stock, len(p.Variants), ordinal) {
		p.Variants[i].Stock.OnHand = pieces
	}
	p.Begin(created)
	return d, nil
}

func (d *draft) addPicture(t thing, colour [3]string) error {
	drawn, err := Draw(t.Kind, colour[2], t.Ornament)
	if err != nil {
		return err
	}
	picture := media.Drawn(drawn, Side, Side)
	alt := texts{t.Title[0] + ", " + colour[0], t.Title[1] + ", " + colour[1]}
	image := &product.Image{Key: gid.New(), Source: picture.Name, AltText: &alt[0], Width: picture.Width, Height: picture.Height}
	d.product.Pictures = append(d.product.Pictures, image)
	d.pictures = append(d.pictures, picture)
	d.translate(image.Key, map[string]string{product.FieldAlt: alt[1]})
	return nil
}

func (d *draft) addOption(name texts) *product.Option {
	o := &product.Option{Key: gid.New(), Name: name[0]}
	d.product.Options = append(d.product.Options, o)
	d.translate(o.Key, map[string]string{product.FieldName: name[1]})
	return o
}

func (d *draft) addValue(o *product.Option, name texts, swatch *product.Swatch) {
	v := &product.OptionValue{Key: gid.New(), Name: name[0], Swatch: swatch}
	o.OptionValues = append(o.OptionValues, v)
	d.translate(v.Key, map[string]string{product.FieldName: name[1]})
}

// addVariant adds the variant of a colour and a size.
func (d *draft) addVariant(t thing, colour, size int, colours, sizes *product.Option) error {
	v := &product.Variant{
		Key: gid.New(), Picture: d.product.Pictures[colour], Tracked: true, RequiresShipping: true, TaxClass: "standard",
		Weight: &product.Weight{Milligrams: t.Grams * 1000, Unit: product.Grams},
	}
	if t.TaxClass != "" {
		v.TaxClass = t.TaxClass
	}
	sku := strings.ToUpper(t.Handle)
	if colours != nil {
		v.Values = append(v.Values, colours.OptionValues[colour].Key)
		sku += "-" + strings.ToUpper(t.Colours[colour])
	}
	price, was := t.Price, t.Was
	if sizes != nil {
		v.Values = append(v.Values, sizes.OptionValues[size].Key)
		sku += fmt.Sprintf("-%d", size+1)
		price = price.plus(t.Sizes[size].More)
		if was != nil {
			before := was.plus(t.Sizes[size].More)
			was = &before
		}
	}
	v.Sku = &sku
	d.product.Variants = append(d.product.Variants, v)
	return d.addPrices(v, price, was)
}

func (d *draft) addPrices(v *product.Variant, price amounts, was *amounts) error {
	for i, currency := range Currencies {
		amount, err := price.in(i)
		if err != nil {
			return err
		}
		offer := &product.Price{Key: gid.New(), Amount: amount}
		if was != nil {
			before, err := was.in(i)
			if err != nil {
				return err
			}
			offer.CompareAt = &before
		}
		if i == 0 {
			v.Offer = offer
			continue
		}
		d.prices = append(d.prices, product.PriceChange{Variant: v.Key, Currency: currency, Price: offer})
	}
	return nil
}

func (d *draft) translate(subject uuid.UUID, fields map[string]string) {
	d.texts = append(d.texts, translations(d.product.Key, subject, fields)...)
}

func translations(owner, subject uuid.UUID, fields map[string]string) []product.Translation {
	var made []product.Translation
	for field, text := range fields {
		made = append(made, product.Translation{Owner: owner, Subject: product.Subject{Key: subject, Field: field}, Language: Translated, Text: text})
	}
	return made
}

// described are the fields of something with a title and a text.
func described(title, text string) map[string]string {
	return map[string]string{
		product.FieldTitle: title, product.FieldText: text, product.FieldDescriptionHTML: paragraph(text),
		product.FieldSEOTitle: title, product.FieldSEODescription: text,
	}
}

func paragraph(text string) string { return "<p>" + html.EscapeString(text) + "</p>" }

// groups returns the collections with their translations.
func (c *catalogue) groups() ([]*product.Collection, []product.Translation) {
	var collections []*product.Collection
	var texts []product.Translation
	for _, g := range c.Collections {
		k := &product.Collection{
			Key: gid.New(), Handle: g.Handle, Title: g.Title[0], Text: g.Text[0], DescriptionHTML: paragraph(g.Text[0]),
			Seo: product.SEO{Title: &g.Title[0], Description: &g.Text[0]},
		}
		collections = append(collections, k)
		texts = append(texts, translations(k.Key, k.Key, described(g.Title[1], g.Text[1]))...)
	}
	return collections, texts
}

// weights are how pieces are shared between variants: some have many, some few, some none.
var weights = [4]int64{4, 1, 2, 0}

// share divides the pieces of a product between its variants. The ordinal lets neighbours differ.
func share(pieces int64, variants, ordinal int) []int64 {
	shares := make([]int64, variants)
	if variants == 1 {
		shares[0] = pieces
		return shares
	}
	var sum int64
	first := 0
	for i := range shares {
		w := weights[(i+ordinal)%len(weights)]
		if sum == 0 && w > 0 {
			first = i
		}
		sum += w
	}
	rest := pieces
	for i := range shares {
		shares[i] = pieces * weights[(i+ordinal)%len(weights)] / sum
		rest -= shares[i]
	}
	shares[first] += rest
	return shares
}
