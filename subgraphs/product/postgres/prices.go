package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/subgraphs/product"
)

type savedPrice struct {
	Variant   uuid.UUID  `json:"variant_id"`
	Currency  string     `json:"currency"`
	ID        *uuid.UUID `json:"id"`
	Amount    *int64     `json:"amount"` // null: none any more
	CompareAt *int64     `json:"compare_at"`
}

// Statements of SetPrices take rows as a JSON list in $1 and the moment in $2; they return the variants that they changed.
const (
	pricesToSet = `jsonb_to_recordset($1::jsonb) r(variant_id uuid, currency text, id uuid, amount bigint, compare_at bigint)`

	endPrices = `
UPDATE prices c SET valid_until = greatest(c.valid_from, $2) FROM ` + pricesToSet + `
WHERE c.variant_id = r.variant_id AND c.currency = r.currency AND c.valid_until IS NULL
	AND (c.amount, c.compare_at) IS DISTINCT FROM (r.amount, r.compare_at)
RETURNING c.variant_id`

	beginPrices = `
INSERT INTO prices (id, variant_id, currency, amount, compare_at, valid_from)
SELECT r.id, r.variant_id, r.currency, r.amount, r.compare_at, $2 FROM ` + pricesToSet + `
WHERE r.amount IS NOT NULL
	AND NOT EXISTS (SELECT FROM prices c WHERE c.variant_id = r.variant_id AND c.currency = r.currency AND c.valid_until IS NULL)
RETURNING variant_id`

	// nextVersions gives the products of variants in $1 their next version, but for those in $3, which have it already.
	nextVersions = `
UPDATE products SET version = version + 1, updated_at = $2
WHERE id IN (SELECT product_id FROM variants WHERE id = ANY ($1::uuid[])) AND NOT id = ANY ($3::uuid[])
RETURNING id`
)

func (b *batch) SetPrices(ctx context.Context, changes []product.PriceChange, now time.Time) error {
	rows := make([]savedPrice, len(changes))
	for i, c := range changes {
		rows[i] = savedPrice{Variant: c.Variant, Currency: c.Currency}
		if c.Price != nil {
			rows[i].ID, rows[i].Amount = &c.Price.Key, &c.Price.Amount.Minor
			if c.Price.CompareAt != nil {
				rows[i].CompareAt = &c.Price.CompareAt.Minor
			}
		}
	}
	b.now = now
	var ended, begun, products []uuid.UUID
	if err := b.tx.Select(ctx, &ended, endPrices, text(rows), now); err != nil {
		return fmt.Errorf("close prices: %w", err)
	}
	if err := b.tx.Select(ctx, &begun, beginPrices, text(rows), now); err != nil {
		return fmt.Errorf("save prices: %w", err)
	}
	if err := b.tx.Select(ctx, &products, nextVersions, uuids(slices.Concat(ended, begun)), now, uuids(b.told)); err != nil {
		return fmt.Errorf("save versions of products: %w", err)
	}
	b.told = append(b.told, products...)
	return nil
}
