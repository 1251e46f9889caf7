package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
)

func (s store) States(ctx context.Context, ids []string, from time.Time) ([]event.State, error) {
	keys := make([]uuid.UUID, 0, len(ids))
	for _, id := range ids {
		if key, ok := gid.Parse("Product", id); ok {
			keys = append(keys, key)
		}
	}
	var told []event.ProductUpdated
	err := s.db.DB.Transact(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`); err != nil {
			return fmt.Errorf("begin to read products: %w", err)
		}
		var err error
		told, err = readTold(ctx, tx, keys, from)
		return err
	})
	if err != nil {
		return nil, err
	}
	states := make([]event.State, len(told))
	for i, p := range told {
		data, err := json.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("write product: %w", err)
		}
		states[i] = event.State{Kind: "Product", Subject: p.ProductID, Version: p.Version, Data: data}
	}
	return states, nil
}

type priceRow struct {
	ID         uuid.UUID
	VariantID  uuid.UUID `db:"variant_id"`
	Currency   string
	Amount     int64
	CompareAt  *int64     `db:"compare_at"`
	ValidFrom  time.Time  `db:"valid_from"`
	ValidUntil *time.Time `db:"valid_until"`
}

func (r priceRow) price() product.PriceRow {
	p := product.PriceRow{
		Price:     product.Price{Key: r.ID, Amount: money.Money{Minor: r.Amount, Currency: r.Currency}},
		ValidFrom: r.ValidFrom.UTC(),
	}
	if r.CompareAt != nil {
		p.CompareAt = &money.Money{Minor: *r.CompareAt, Currency: r.Currency}
	}
	if r.ValidUntil != nil {
		until := r.ValidUntil.UTC()
		p.ValidUntil = &until
	}
	return p
}

const (
	productQuery = `SELECT ` + productColumns + ` FROM products p WHERE p.id = ANY ($1::uuid[])`

	// priceQuery reads the prices of products that can be valid at $2 or later.
	priceQuery = `
SELECT c.id, c.variant_id, c.currency, c.amount, c.compare_at, c.valid_from, c.valid_until
FROM prices c JOIN variants v ON v.id = c.variant_id
WHERE v.product_id = ANY ($1::uuid[]) AND (c.valid_until IS NULL OR c.valid_until > $2)
ORDER BY c.variant_id, c.currency, c.valid_from, c.id`
)

// readTold reads what is told of products, in five statements. They come in the order of the keys; those that are not there
// are left out.
func readTold(ctx context.Context, q database.Queryer, keys []uuid.UUID, from time.Time) ([]event.ProductUpdated, error) {
	var rows []productRow
	if err := q.Select(ctx, &rows, productQuery, uuids(keys)); err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	products, err := assemble(ctx, q, rows, "", fmt.Sprintf(variantQuery, "LEFT JOIN", "false"))
	if err != nil {
		return nil, err
	}
	var priceRows []priceRow
	if err := q.Select(ctx, &priceRows, priceQuery, uuids(keys), from); err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	prices := make(map[uuid.UUID][]product.PriceRow, len(priceRows))
	for _, r := range priceRows {
		prices[r.VariantID] = append(prices[r.VariantID], r.price())
	}
	told := make([]event.ProductUpdated, 0, len(products))
	for _, key := range keys {
		if p := products[key]; p != nil {
			told = append(told, p.Told(prices))
			delete(products, key) // A key may be asked for twice.
		}
	}
	return told, nil
}
