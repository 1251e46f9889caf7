// Package postgres keeps what checkout needs to know in PostgreSQL.
package postgres

import (
	"context"
	"embed"
	"fmt"

	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/outbox"
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
