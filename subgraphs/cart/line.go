package cart

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/totals"
)

// The states of a line.
const (
	OK                = "OK"                 // so many pieces can be sold
	Unavailable       = "UNAVAILABLE"        // the variant is no longer for sale
	NoPrice           = "NO_PRICE"           // the variant has no price in the currency of the cart (rule P-4)
	InsufficientStock = "INSUFFICIENT_STOCK" // there are not so many pieces
)

// heard is how long a variant that product told of when it was asked counts as known: by then its event is there.
const heard = time.Minute

// Line is some pieces of one variant. It serves the GraphQL type CartLine.
type Line struct {
	UUID       uuid.UUID
	Position   int // fixed when the line is made
	Variant    uuid.UUID
	Quantity   int // 1 to 999,999 (rule M-9)
	Attributes []Attribute
	Price      money.Money // of one piece, when the line was last priced (rule P-6)
	PriceID    uuid.UUID   // of the price row; Nil where product was asked for the price
	CompareAt  *money.Money
	PricedAt   time.Time // when the cart was last written and the variant had a price
	Snapshot   Snapshot

	// What is known of the variant now, as Know found it; nothing of it is kept.
	Offer *Offer // nil where the variant is gone
	State string
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
	Facts            Facts
	TakenAt          time.Time
}

// Facts are what else lines show of their merchandise (rule F-2).
type Facts struct {
	Barcode     *string        `json:"barcode,omitempty"`
	Weight      *WrittenWeight `json:"weight,omitempty"`
	Vendor      string         `json:"vendor"`
	ProductType string         `json:"productType"`
	Tags        []string       `json:"tags"`
	Picture     *Picture       `json:"picture,omitempty"` // the featured one of the product
	PublishedAt time.Time      `json:"publishedAt"`
	CreatedAt   time.Time      `json:"createdAt"`
	UpdatedAt   time.Time      `json:"updatedAt"`
}

// WrittenWeight is a weight in the unit in which it was written.
type WrittenWeight struct {
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
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

// price writes an offer that has a price on the line. The moment of the snapshot changes only with the rest, so that
// asking again is not a change.
func (l *Line) price(o *Offer) {
	l.Price, l.PriceID, l.CompareAt = o.Price.Amount, o.Price.ID, o.Price.before()
	if !l.Snapshot.same(o.Snapshot) {
		l.Snapshot = o.Snapshot
	}
}

// stateOf tells whether so many pieces of the line's variant can be sold.
func (l *Line) stateOf(pieces int, now time.Time) string {
	o := l.Offer
	switch {
	case o == nil && l.PriceID == uuid.Nil && now.Before(l.PricedAt.Add(heard)):
		return OK
	case o == nil || !o.OnSale:
		return Unavailable
	case o.Price == nil:
		return NoPrice
	case o.Stock.Sellable() < int64(pieces):
		return InsufficientStock
	default:
		return OK
	}
}

// same tells whether two snapshots show the same, whenever they were taken.
func (s Snapshot) same(o Snapshot) bool {
	s.TakenAt, s.Facts.UpdatedAt = o.TakenAt, o.Facts.UpdatedAt
	return reflect.DeepEqual(s, o)
}
