// Package postgres keeps what checkout needs to know in PostgreSQL.
package postgres

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/totals"
	"github.com/soukhq/souk/subgraphs/checkout"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the schema of the checkout database, step by step.
var Migrations = database.Embedded(files)

type store struct{ db *outbox.DB }

// New makes a store on the checkout database.
func New(db *outbox.DB) checkout.Store { return store{db} }

const selectMethods = `SELECT handle, currency, title, description, price FROM shipping_methods ORDER BY currency, position, handle`

func (s store) Methods(ctx context.Context) ([]checkout.Method, error) {
	var rows []struct {
		Handle, Currency, Title string
		Description             *string
		Price                   int64
	}
	if err := s.db.Select(ctx, &rows, selectMethods); err != nil {
		return nil, fmt.Errorf("read shipping methods: %w", err)
	}
	methods := make([]checkout.Method, len(rows))
	for i, r := range rows {
		methods[i] = checkout.Method{
			Handle: r.Handle, Title: r.Title, Description: r.Description, Price: money.Money{Minor: r.Price, Currency: r.Currency},
		}
	}
	return methods, nil
}

const selectRates = `SELECT country, tax_class, title, rate FROM tax_rates`

func (s store) Shop(ctx context.Context) (checkout.Shop, error) {
	methods, err := s.Methods(ctx)
	if err != nil {
		return checkout.Shop{}, err
	}
	var rows []struct {
		Country, Title string
		TaxClass       string `db:"tax_class"`
		Rate           int64
	}
	if err := s.db.Select(ctx, &rows, selectRates); err != nil {
		return checkout.Shop{}, fmt.Errorf("read tax rates: %w", err)
	}
	shop := checkout.Shop{Methods: methods, Rates: make([]checkout.Rate, len(rows))}
	for i, r := range rows {
		shop.Rates[i] = checkout.Rate{Country: r.Country, TaxClass: r.TaxClass, Title: r.Title, PPM: totals.Rate(r.Rate)}
	}
	return shop, nil
}

// write runs a statement whose only parameter is JSON, and tells how many rows it wrote.
func write(ctx context.Context, tx *database.Tx, statement string, value any) (int64, error) {
	b, err := json.Marshal(value)
	if err != nil {
		return 0, fmt.Errorf("write row: %w", err)
	}
	return tx.Exec(ctx, statement, string(b))
}

// readAll reads rows that a statement returns as one JSON object each.
func readAll[T any](ctx context.Context, q database.Queryer, statement string, args ...any) ([]T, error) {
	var texts [][]byte
	if err := q.Select(ctx, &texts, statement, args...); err != nil {
		return nil, err
	}
	rows := make([]T, len(texts))
	for i, t := range texts {
		if err := json.Unmarshal(t, &rows[i]); err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
	}
	return rows, nil
}

// array is a list of ids as a parameter.
func array(ids []uuid.UUID) any {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return pq.Array(texts)
}

// optional is a text as the database keeps it: empty is NULL.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func given(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
