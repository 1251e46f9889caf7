package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/cart"
)

// offerRow is a variant with its product, as the projection has them.
type offerRow struct {
	VariantID        uuid.UUID                   `db:"variant_id"`
	ProductID        uuid.UUID                   `db:"product_id"`
	Title            string                      `db:"title"`
	SKU              *string                     `db:"sku"`
	Barcode          *string                     `db:"barcode"`
	Options          column[[]cart.Option]       `db:"options"`
	Image            column[*cart.Picture]       `db:"image"`
	RequiresShipping bool                        `db:"requires_shipping"`
	TaxClass         string                      `db:"tax_class"`
	Weight           int64                       `db:"weight"`
	WrittenWeight    column[*cart.WrittenWeight] `db:"written_weight"`
	Prices           column[[]priceRow]          `db:"prices"`
	Tracked          bool                        `db:"tracked"`
	Available        int64                       `db:"available"`
	Backorder        int64                       `db:"backorder"`
	Handle           string                      `db:"handle"`
	ProductTitle     string                      `db:"product_title"`
	Description      string                      `db:"description"`
	Vendor           string                      `db:"vendor"`
	ProductType      string                      `db:"product_type"`
	Tags             column[[]string]            `db:"tags"`
	Picture          column[*cart.Picture]       `db:"picture"`
	PublishedAt      *time.Time                  `db:"published_at"`
	CreatedAt        time.Time                   `db:"created_at"`
	UpdatedAt        time.Time                   `db:"updated_at"`
	SoldIn           column[[]string]            `db:"sold_in"` // the currencies in which a variant of the product can be bought
}

// priceRow is a price row within the row of its variant.
type priceRow struct {
	ID        uuid.UUID  `json:"id"`
	Currency  string     `json:"currency"`
	Amount    int64      `json:"amount"` // in the minor unit
	CompareAt *int64     `json:"compareAt"`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until"`
}

// offerRows are rows of the projection as they were at a moment.
type offerRows []offerRow

const selectOffers = `WITH wanted AS (SELECT * FROM offers WHERE variant_id = ANY ($1::uuid[])),
sold AS (
  SELECT o.product_id, jsonb_agg(DISTINCT p->>'currency') AS sold_in FROM offers o, jsonb_array_elements(o.prices) p
  WHERE o.product_id IN (SELECT product_id FROM wanted) AND (NOT o.tracked OR o.available + o.backorder > 0)
    AND (p->>'from')::timestamptz <= $2 AND (p->>'until' IS NULL OR (p->>'until')::timestamptz > $2)
  GROUP BY o.product_id)
SELECT o.variant_id, o.product_id, o.title, o.sku, o.barcode, o.options, o.image, o.requires_shipping, o.tax_class, o.weight, o.written_weight,
  o.prices, o.tracked, o.available, o.backorder, p.handle, p.title AS product_title, p.description, p.vendor, p.product_type, p.tags,
  p.image AS picture, p.published_at, p.created_at, p.updated_at, sold.sold_in
FROM wanted o JOIN products p ON p.id = o.product_id LEFT JOIN sold ON sold.product_id = o.product_id`

// readOffers reads what the projection has of variants, in one statement or none.
func readOffers(ctx context.Context, q database.Queryer, variants []uuid.UUID, now time.Time) (offerRows, error) {
	if len(variants) == 0 {
		return nil, nil
	}
	var rows offerRows
	if err := q.Select(ctx, &rows, selectOffers, pq.Array(texts(variants)), now); err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	return rows, nil
}

// known returns what a command knows of variants: what the projection has, else what product answered.
func known(ctx context.Context, tx *database.Tx, k cart.Command, variants []uuid.UUID, currency string) (cart.Offers, error) {
	rows, err := readOffers(ctx, tx, variants, k.Now)
	if err != nil {
		return nil, err
	}
	offers := rows.in(currency, k.Now)
	for variant, o := range k.Asked {
		if _, is := offers[variant]; !is {
			offers[variant] = o
		}
	}
	return offers, nil
}

// in returns the offers with the prices that hold in a currency at a moment.
func (rows offerRows) in(currency string, now time.Time) cart.Offers {
	offers := make(cart.Offers, len(rows))
	for _, r := range rows {
		offers[r.VariantID] = r.offer(currency, now)
	}
	return offers
}

func (r *offerRow) offer(currency string, now time.Time) *cart.Offer {
	o := &cart.Offer{
		Description: r.Description, OnSale: r.PublishedAt != nil, Price: cart.Choose(pricesOf(r.Prices.value), currency, now),
		Stock:    cart.Stock{Tracked: r.Tracked, Available: r.Available, Backorder: r.Backorder},
		Siblings: r.PublishedAt != nil && slices.Contains(r.SoldIn.value, currency),
		Snapshot: cart.Snapshot{
			Product: r.ProductID, Title: r.ProductTitle, VariantTitle: r.Title, SKU: r.SKU, Handle: r.Handle, Image: r.Image.value,
			Options: r.Options.value, RequiresShipping: r.RequiresShipping, Weight: r.Weight, TaxClass: r.TaxClass,
			Facts: cart.Facts{
				Barcode: r.Barcode, Weight: r.WrittenWeight.value, Vendor: r.Vendor, ProductType: r.ProductType, Tags: r.Tags.value,
				Picture: r.Picture.value, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
			},
			TakenAt: now.UTC().Truncate(time.Microsecond),
		},
	}
	if r.PublishedAt != nil {
		o.Snapshot.Facts.PublishedAt = r.PublishedAt.UTC()
	}
	return o
}

func pricesOf(rows []priceRow) []cart.Price {
	prices := make([]cart.Price, len(rows))
	for i, r := range rows {
		prices[i] = cart.Price{ID: r.ID, Amount: money.Money{Minor: r.Amount, Currency: r.Currency}, From: r.From, Until: r.Until}
		if r.CompareAt != nil {
			prices[i].CompareAt = &money.Money{Minor: *r.CompareAt, Currency: r.Currency}
		}
	}
	return prices
}
