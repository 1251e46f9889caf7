package cart

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
)

// Line is some pieces of one variant. It serves the GraphQL type CartLine.
type Line struct {
	UUID       uuid.UUID
	Position   int // fixed when the line is made
	Variant    uuid.UUID
	Quantity   int // 1 to 999,999 (rule M-9)
	Attributes []Attribute
	Price      money.Money // of one piece, when the line was last priced (rule P-6)
	CompareAt  *money.Money
	Snapshot   Snapshot
}

// Snapshot is what a line keeps of its merchandise, so that the cart can be shown without asking anybody (rule B-1 a).
type Snapshot struct {
	Product          uuid.UUID
	Title            string
	VariantTitle     string
	SKU              *string
	Handle           string
	Image            *Picture
	Options          []Option
	RequiresShipping bool
	Weight           int64 // of one piece, in grams
	TaxClass         string
	TakenAt          time.Time
}

// Picture shows merchandise.
type Picture struct {
	URL     string  `json:"url"` // absolute, or below the address of the media server
	AltText *string `json:"altText,omitempty"`
	Width   *int    `json:"width,omitempty"`
	Height  *int    `json:"height,omitempty"`
}

// Option is the value that a variant has for an option.
type Option struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Offer is what product says of a variant now.
type Offer struct {
	Price     money.Money // of one piece
	CompareAt *money.Money
	Stock     *int // pieces that can be bought; nil: as many as wanted
	Snapshot  Snapshot
}

// Offers are offers by variant, for all variants that product was asked for; nil where there is no such variant.
type Offers map[uuid.UUID]*Offer

// IsBaseCartLine marks the GraphQL interface.
func (*Line) IsBaseCartLine() {}

// ID is the id that the graph shows.
func (l *Line) ID() string { return gid.Format("CartLine", l.UUID) }

// Total is what all pieces cost.
func (l *Line) Total() (totals.LineTotal, error) {
	return totals.Line{UnitPrice: l.Price, Quantity: l.Quantity}.Total()
}

// merges tells whether two lines are one (rule C-4): the variant is equal and so are the attributes, in any order.
func (l *Line) merges(variant uuid.UUID, attributes []Attribute) bool {
	return l.Variant == variant && slices.Equal(sorted(l.Attributes), sorted(attributes))
}

func sorted(attributes []Attribute) []Attribute {
	return slices.SortedFunc(slices.Values(attributes), func(a, b Attribute) int { return cmp.Compare(a.Key, b.Key) })
}

// price writes an offer on the line. The moment changes only with the rest, so that asking again is not a change.
func (l *Line) price(o *Offer) {
	if l.Price == o.Price && equal(l.CompareAt, o.CompareAt) && l.Snapshot.same(o.Snapshot) {
		return
	}
	l.Price, l.CompareAt, l.Snapshot = o.Price, o.CompareAt, o.Snapshot
}

func (s Snapshot) same(o Snapshot) bool {
	return s.Product == o.Product && s.Title == o.Title && s.VariantTitle == o.VariantTitle && equal(s.SKU, o.SKU) &&
		s.Handle == o.Handle && s.RequiresShipping == o.RequiresShipping && s.Weight == o.Weight && s.TaxClass == o.TaxClass &&
		slices.Equal(s.Options, o.Options) && s.Image.same(o.Image)
}

func (p *Picture) same(o *Picture) bool {
	if p == nil || o == nil {
		return p == o
	}
	return p.URL == o.URL && equal(p.AltText, o.AltText) && equal(p.Width, o.Width) && equal(p.Height, o.Height)
}

// equal tells whether two optional values are equal.
func equal[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
