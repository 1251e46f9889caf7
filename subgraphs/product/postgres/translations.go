package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/subgraphs/product"
)

type savedText struct {
	Owner    uuid.UUID `json:"owner_id" db:"owner_id"`
	Subject  uuid.UUID `json:"subject_id" db:"subject_id"`
	Language string    `json:"language"`
	Field    string    `json:"field"`
	Text     string    `json:"text"`
}

const (
	saveTexts = `
INSERT INTO translations AS t (owner_id, subject_id, language, field, text)
SELECT owner_id, subject_id, language, field, text
FROM jsonb_to_recordset($1::jsonb) r(owner_id uuid, subject_id uuid, language text, field text, text text)
ON CONFLICT (owner_id, language, subject_id, field) DO UPDATE SET text = excluded.text WHERE t.text <> excluded.text
RETURNING owner_id`

	// Statements that give the owners in $1 their next version, but for those in $3, which have it already.
	translateProducts    = `UPDATE products SET version = version + 1, updated_at = $2 WHERE id = ANY ($1::uuid[]) AND NOT id = ANY ($3::uuid[]) RETURNING id`
	translateCollections = `UPDATE collections SET version = version + 1, updated_at = $2 WHERE id = ANY ($1::uuid[]) AND NOT id = ANY ($3::uuid[]) RETURNING id`

	// textQuery reads the texts of owners, each in the first of some languages that has it.
	textQuery = `
SELECT DISTINCT ON (owner_id, subject_id, field) owner_id, subject_id, field, text FROM translations
WHERE owner_id = ANY ($1::uuid[]) AND language = ANY ($2::text[])
ORDER BY owner_id, subject_id, field, array_position($2::text[], language)`
)

func (b *batch) Translate(ctx context.Context, texts []product.Translation) error {
	rows := make([]savedText, len(texts))
	for i, t := range texts {
		rows[i] = savedText{Owner: t.Owner, Subject: t.Key, Language: t.Language, Field: t.Field, Text: t.Text}
	}
	var owners, products, collections []uuid.UUID
	if err := b.tx.Select(ctx, &owners, saveTexts, text(rows)); err != nil {
		return fmt.Errorf("save translations: %w", err)
	}
	if len(owners) == 0 {
		return nil
	}
	if b.now.IsZero() { // Nothing else was changed.
		if err := b.tx.Get(ctx, &b.now, `SELECT now()`); err != nil {
			return fmt.Errorf("read time: %w", err)
		}
	}
	if err := b.tx.Select(ctx, &products, translateProducts, uuids(owners), b.now, uuids(b.told)); err != nil {
		return fmt.Errorf("save versions of products: %w", err)
	}
	if err := b.tx.Select(ctx, &collections, translateCollections, uuids(owners), b.now, uuids(b.gathered)); err != nil {
		return fmt.Errorf("save versions of collections: %w", err)
	}
	b.told, b.gathered = append(b.told, products...), append(b.gathered, collections...)
	return nil
}

// readTexts reads the texts of products or collections in one statement, in none where nothing is to be translated.
func readTexts(ctx context.Context, q database.Queryer, languages []string, owners []uuid.UUID) (map[uuid.UUID]map[product.Subject]string, error) {
	if len(languages) == 0 || len(owners) == 0 {
		return nil, nil
	}
	var rows []savedText
	if err := q.Select(ctx, &rows, textQuery, uuids(owners), pq.Array(languages)); err != nil {
		return nil, fmt.Errorf("read translations: %w", err)
	}
	texts := make(map[uuid.UUID]map[product.Subject]string, len(owners))
	for _, r := range rows {
		if texts[r.Owner] == nil {
			texts[r.Owner] = map[product.Subject]string{}
		}
		texts[r.Owner][product.Subject{Key: r.Subject, Field: r.Field}] = r.Text
	}
	return texts, nil
}

func keysIn[T any](found map[uuid.UUID]T) []uuid.UUID { return slices.Collect(maps.Keys(found)) }
