package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/subgraphs/product"
)

type collectionRow struct {
	ID              uuid.UUID
	Version         int64
	Handle          string
	Title           string
	Description     string
	DescriptionHTML string     `db:"description_html"`
	SEOTitle        *string    `db:"seo_title"`
	SEODescription  *string    `db:"seo_description"`
	UpdatedAt       time.Time  `db:"updated_at"`
	ImageID         *uuid.UUID `db:"image_id"`
	ProductID       *uuid.UUID `db:"product_id"` // whose picture it is
	Source          *string
	Alt             *string
	Width           *int
	Height          *int
}

// collectionQuery reads collections with the first picture of their first product that is for sale and has one.
const collectionQuery = `
SELECT k.id, k.version, k.handle, k.title, k.description, k.description_html, k.seo_title, k.seo_description, k.updated_at,
	i.id AS image_id, i.product_id, i.source, i.alt, i.width, i.height
FROM collections k LEFT JOIN LATERAL (
	SELECT i.* FROM collection_members m JOIN images i ON i.product_id = m.product_id AND i.position = 0 CROSS JOIN ` + forSale + `
		AND m.collection_id = k.id AND m.product_id = p.id
	ORDER BY m.position LIMIT 1
) i ON true
WHERE k.id = ANY ($1::uuid[])`

func (s store) Collections(ctx context.Context, view product.View, keys []uuid.UUID) (map[uuid.UUID]*product.Collection, error) {
	var rows []collectionRow
	if err := s.db.Select(ctx, &rows, collectionQuery, uuids(keys), view.Currency, view.At); err != nil {
		return nil, fmt.Errorf("read collections: %w", err)
	}
	found := make(map[uuid.UUID]*product.Collection, len(rows))
	for _, r := range rows {
		c := &product.Collection{
			Key: r.ID, Version: r.Version, Handle: r.Handle, Title: r.Title, Text: r.Description, DescriptionHTML: r.DescriptionHTML,
			Seo: product.SEO{Title: r.SEOTitle, Description: r.SEODescription}, UpdatedAt: r.UpdatedAt.UTC(),
		}
		if r.ImageID != nil {
			c.Image = &product.Image{Key: *r.ImageID, Source: *r.Source, AltText: r.Alt, Width: r.Width, Height: r.Height}
		}
		found[r.ID] = c
	}
	return found, s.translate(ctx, view.Languages, rows, found)
}

func (s store) translate(ctx context.Context, languages []string, rows []collectionRow, found map[uuid.UUID]*product.Collection) error {
	owners := keysIn(found)
	for _, r := range rows {
		if r.ProductID != nil {
			owners = append(owners, *r.ProductID)
		}
	}
	texts, err := readTexts(ctx, s.db, languages, owners)
	if err != nil {
		return err
	}
	for _, r := range rows {
		found[r.ID].Translate(texts[r.ID])
		if r.ProductID != nil {
			found[r.ID].Image.Translate(texts[*r.ProductID])
		}
	}
	return nil
}

func (s store) CollectionsOf(ctx context.Context, products []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	return collectionsOf(ctx, s.db, products)
}

func collectionsOf(ctx context.Context, q database.Queryer, products []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	var rows []struct {
		ProductID    uuid.UUID `db:"product_id"`
		CollectionID uuid.UUID `db:"collection_id"`
	}
	const query = `SELECT product_id, collection_id FROM collection_members WHERE product_id = ANY ($1::uuid[]) ORDER BY product_id, collection_id`
	if err := q.Select(ctx, &rows, query, uuids(products)); err != nil {
		return nil, fmt.Errorf("read collections of products: %w", err)
	}
	found := make(map[uuid.UUID][]uuid.UUID, len(products))
	for _, r := range rows {
		found[r.ProductID] = append(found[r.ProductID], r.CollectionID)
	}
	return found, nil
}
