// Package postgres keeps the catalogue in PostgreSQL.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/subgraphs/product"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations holds the .sql files that make the schema.
var Migrations = database.Embedded(files)

type store struct{ db *outbox.DB }

// New returns the store of that database.
func New(db *outbox.DB) product.Store { return store{db} }

func (s store) Products(ctx context.Context, view product.View, keys []uuid.UUID) (map[uuid.UUID]*product.Product, error) {
	return s.catalogue(ctx, view, productIDs, keys)
}

func (s store) Variants(ctx context.Context, view product.View, keys []uuid.UUID) (map[uuid.UUID]*product.Variant, error) {
	products, err := s.catalogue(ctx, view, productIDsOfVariants, keys)
	if err != nil {
		return nil, err
	}
	wanted := make(map[uuid.UUID]bool, len(keys))
	for _, k := range keys {
		wanted[k] = true
	}
	found := make(map[uuid.UUID]*product.Variant, len(keys))
	for _, p := range products {
		for _, v := range p.Variants {
			if wanted[v.Key] {
				found[v.Key] = v
			}
		}
	}
	return found, nil
}

func (s store) ProductKeys(ctx context.Context, handles []string) (map[string]uuid.UUID, error) {
	handles = slices.DeleteFunc(slices.Clone(handles), func(h string) bool { return strings.ContainsRune(h, 0) }) // Nothing is called that.
	var rows []struct {
		ID     uuid.UUID
		Handle string
	}
	if err := s.db.Select(ctx, &rows, `SELECT id, handle FROM products WHERE handle = ANY($1)`, pq.Array(handles)); err != nil {
		return nil, fmt.Errorf("look up handles: %w", err)
	}
	found := make(map[string]uuid.UUID, len(rows))
	for _, r := range rows {
		found[r.Handle] = r.ID
	}
	return found, nil
}

func (s store) Empty(ctx context.Context) (bool, error) {
	var empty bool
	if err := s.db.Get(ctx, &empty, `SELECT NOT EXISTS (SELECT FROM products)`); err != nil {
		return false, fmt.Errorf("look for products: %w", err)
	}
	return empty, nil
}

func (s store) CollectionKey(ctx context.Context, handle string) (uuid.UUID, error) {
	return s.key(ctx, `SELECT id FROM collections WHERE handle = $1`, handle)
}

func (s store) key(ctx context.Context, query, handle string) (uuid.UUID, error) {
	var key uuid.UUID
	if strings.ContainsRune(handle, 0) { // PostgreSQL has no such text, so nothing is called that.
		return uuid.Nil, nil
	}
	err := s.db.Get(ctx, &key, query, handle)
	if errors.Is(err, database.ErrNotFound) {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("look up handle: %w", err)
	}
	return key, nil
}

// uuids writes keys as a parameter of the type uuid[].
func uuids(keys []uuid.UUID) any {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = k.String()
	}
	return pq.Array(texts)
}
