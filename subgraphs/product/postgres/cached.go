package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/subgraphs/product"
)

// nextChange finds the next moment at which a product is put on sale, or a price begins or ends.
const nextChange = `SELECT least(
	(SELECT min(published_at) FROM products WHERE published_at > $1),
	(SELECT min(valid_from) FROM prices WHERE currency = $2 AND valid_from > $1),
	(SELECT min(valid_until) FROM prices WHERE currency = $2 AND valid_until > $1))`

func (s store) NextChange(ctx context.Context, view product.View) (time.Time, error) {
	var next sql.NullTime
	if err := s.db.Get(ctx, &next, nextChange, view.At, view.Currency); err != nil {
		return time.Time{}, fmt.Errorf("look for the next change of the catalogue: %w", err)
	}
	return next.Time.UTC(), nil
}

func (s store) ProductsOf(ctx context.Context, variants []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	var rows []struct {
		ID        uuid.UUID
		ProductID uuid.UUID `db:"product_id"`
	}
	if err := s.db.Select(ctx, &rows, `SELECT id, product_id FROM variants WHERE id = ANY ($1::uuid[])`, uuids(variants)); err != nil {
		return nil, fmt.Errorf("look up products of variants: %w", err)
	}
	found := make(map[uuid.UUID]uuid.UUID, len(rows))
	for _, r := range rows {
		found[r.ID] = r.ProductID
	}
	return found, nil
}
