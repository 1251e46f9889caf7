package postgres

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/cart"
)

// cartRow is a row of carts with its lines: read column by column, written as one JSON object.
type cartRow struct {
	ID         uuid.UUID                `db:"id" json:"id"`
	Version    int                      `db:"version" json:"version"`
	Revision   int64                    `db:"revision" json:"revision"`
	State      string                   `db:"state" json:"state"`
	LockedBy   *uuid.UUID               `db:"locked_by" json:"locked_by"`
	Currency   string                   `db:"currency" json:"currency"`
	Customer   *string                  `db:"customer" json:"customer"`
	Country    *string                  `db:"country" json:"country"`
	Email      *string                  `db:"email" json:"email"`
	Phone      *string                  `db:"phone" json:"phone"`
	Note       *string                  `db:"note" json:"note"`
	Attributes column[[]cart.Attribute] `db:"attributes" json:"attributes"`
	CreatedAt  time.Time                `db:"created_at" json:"created_at"`
	UpdatedAt  time.Time                `db:"updated_at" json:"updated_at"`
	Lines      column[[]lineRow]        `db:"lines" json:"-"`
}

// lineRow is a row of cart_lines, read and written as a JSON object.
type lineRow struct {
	ID               uuid.UUID                `json:"id"`
	CartID           uuid.UUID                `json:"cart_id"`
	Position         int                      `json:"position"`
	VariantID        uuid.UUID                `json:"variant_id"`
	Quantity         int                      `json:"quantity"`
	Attributes       column[[]cart.Attribute] `json:"attributes"`
	Price            int64                    `json:"price"`
	PriceID          *uuid.UUID               `json:"price_id"`
	PricedAt         time.Time                `json:"priced_at"`
	CompareAt        *int64                   `json:"compare_at"`
	ProductID        uuid.UUID                `json:"product_id"`
	Title            string                   `json:"title"`
	VariantTitle     string                   `json:"variant_title"`
	SKU              *string                  `json:"sku"`
	Handle           string                   `json:"handle"`
	Image            column[*cart.Picture]    `json:"image"`
	Options          column[[]cart.Option]    `json:"options"`
	RequiresShipping bool                     `json:"requires_shipping"`
	Weight           int64                    `json:"weight"`
	TaxClass         string                   `json:"tax_class"`
	Facts            column[*cart.Facts]      `json:"facts"`
	TakenAt          time.Time                `json:"taken_at"`
}

func (r cartRow) cart() *cart.Cart {
	c := &cart.Cart{
		UUID: r.ID, Version: r.Version, Revision: r.Revision, State: r.State, LockedBy: value(r.LockedBy), CurrencyCode: r.Currency,
		Buyer: cart.Buyer{Country: r.Country, Email: r.Email, Phone: r.Phone},
		Note:  r.Note, Attributes: r.Attributes.value, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
	if r.Customer != nil {
		c.Buyer.Customer = *r.Customer
	}
	for _, l := range r.Lines.value {
		c.Lines = append(c.Lines, l.line(r.Currency))
	}
	return c
}

func rowOf(c *cart.Cart) cartRow {
	r := cartRow{
		ID: c.UUID, Version: c.Version, Revision: c.Revision, State: c.State, LockedBy: pointer(c.LockedBy), Currency: c.CurrencyCode, Country: c.Buyer.Country, Email: c.Buyer.Email, Phone: c.Buyer.Phone,
		Note: c.Note, Attributes: column[[]cart.Attribute]{c.Attributes}, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if c.Buyer.Customer != "" {
		r.Customer = &c.Buyer.Customer
	}
	return r
}

func (r lineRow) line(currency string) cart.Line {
	l := cart.Line{
		UUID: r.ID, Position: r.Position, Variant: r.VariantID, Quantity: r.Quantity, Attributes: r.Attributes.value,
		Price: money.Money{Minor: r.Price, Currency: currency}, PriceID: value(r.PriceID), PricedAt: r.PricedAt.UTC(),
		Snapshot: cart.Snapshot{
			Product: r.ProductID, Title: r.Title, VariantTitle: r.VariantTitle, SKU: r.SKU, Handle: r.Handle, Image: r.Image.value,
			Options: r.Options.value, RequiresShipping: r.RequiresShipping, Weight: r.Weight, TaxClass: r.TaxClass, TakenAt: r.TakenAt.UTC(),
		},
	}
	l.Snapshot.Facts = cart.Facts{Tags: []string{}, PublishedAt: r.TakenAt.UTC(), CreatedAt: r.TakenAt.UTC(), UpdatedAt: r.TakenAt.UTC()}
	if r.Facts.value != nil {
		l.Snapshot.Facts = *r.Facts.value
	}
	if r.CompareAt != nil {
		l.CompareAt = &money.Money{Minor: *r.CompareAt, Currency: currency}
	}
	return l
}

func rowOfLine(cartID uuid.UUID, l *cart.Line) lineRow {
	s := l.Snapshot
	r := lineRow{
		ID: l.UUID, CartID: cartID, Position: l.Position, VariantID: l.Variant, Quantity: l.Quantity,
		Attributes: column[[]cart.Attribute]{l.Attributes}, Price: l.Price.Minor, PriceID: pointer(l.PriceID), PricedAt: l.PricedAt, ProductID: s.Product, Title: s.Title,
		VariantTitle: s.VariantTitle, SKU: s.SKU, Handle: s.Handle, Image: column[*cart.Picture]{s.Image},
		Options: column[[]cart.Option]{s.Options}, RequiresShipping: s.RequiresShipping, Weight: s.Weight, TaxClass: s.TaxClass,
		Facts: column[*cart.Facts]{&s.Facts}, TakenAt: s.TakenAt,
	}
	if l.CompareAt != nil {
		r.CompareAt = &l.CompareAt.Minor
	}
	return r
}

// value and pointer are between an id that may be missing and NULL.
func value(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

func pointer(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// column is a jsonb column.
type column[T any] struct{ value T }

// Scan reads the column; NULL is the zero value.
func (c *column[T]) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		return nil
	case []byte:
		return json.Unmarshal(src, &c.value)
	case string:
		return json.Unmarshal([]byte(src), &c.value)
	default:
		return fmt.Errorf("a jsonb column cannot be read from %T", src)
	}
}

// UnmarshalJSON reads the column as part of its row.
func (c *column[T]) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &c.value) }

// MarshalJSON writes the column as part of its row.
func (c column[T]) MarshalJSON() ([]byte, error) { return json.Marshal(c.value) }
