package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
)

type member struct {
	ProductID uuid.UUID `json:"product_id"`
	Handle    string    `json:"handle"`
	N         int       `json:"n"` // the order in which products come
}

type newCollection struct {
	ID              uuid.UUID `json:"id"`
	Handle          string    `json:"handle"`
	Title           string    `json:"title"`
	Description     string    `json:"description"`
	DescriptionHTML string    `json:"description_html"`
	SEOTitle        *string   `json:"seo_title"`
	SEODescription  *string   `json:"seo_description"`
}

const (
	makeCollections = `
INSERT INTO collections (id, handle, title, description, description_html, seo_title, seo_description, updated_at)
SELECT id, handle, title, description, description_html, seo_title, seo_description, $2
FROM jsonb_to_recordset($1::jsonb)
	r(id uuid, handle text, title text, description text, description_html text, seo_title text, seo_description text)
ON CONFLICT (handle) DO NOTHING
RETURNING id`

	// Collections are locked in one order, so that positions stay unique while others add to them too.
	lockCollections = `
SELECT id FROM collections WHERE handle IN (SELECT handle FROM jsonb_to_recordset($1::jsonb) r(handle text)) ORDER BY id FOR UPDATE`

	// addMembers appends new members and gives the collections that got some a new version.
	addMembers = `
WITH added AS (
	INSERT INTO collection_members (collection_id, product_id, position)
	SELECT k.id, r.product_id, l.last + row_number() OVER (PARTITION BY k.id ORDER BY r.n)
	FROM jsonb_to_recordset($1::jsonb) r(product_id uuid, handle text, n integer)
	JOIN collections k ON k.handle = r.handle
	CROSS JOIN LATERAL (SELECT coalesce(max(position), -1) AS last FROM collection_members m WHERE m.collection_id = k.id) l
	WHERE NOT EXISTS (SELECT FROM collection_members m WHERE m.collection_id = k.id AND m.product_id = r.product_id)
	RETURNING collection_id
)
UPDATE collections SET version = version + 1, updated_at = $2 WHERE id IN (SELECT collection_id FROM added)
RETURNING id`

	changedCollections = `SELECT id, version, handle, title FROM collections WHERE id = ANY ($1::uuid[]) ORDER BY id`
)

func (b *batch) MakeCollections(ctx context.Context, collections []*product.Collection, now time.Time) (map[string]uuid.UUID, error) {
	rows := make([]newCollection, len(collections))
	handles := make([]string, len(collections))
	for i, c := range collections {
		handles[i] = c.Handle
		rows[i] = newCollection{
			ID: c.Key, Handle: c.Handle, Title: c.Title, Description: c.Text, DescriptionHTML: c.DescriptionHTML,
			SEOTitle: c.Seo.Title, SEODescription: c.Seo.Description,
		}
	}
	var made []uuid.UUID
	if err := b.tx.Select(ctx, &made, makeCollections, text(rows), now); err != nil {
		return nil, fmt.Errorf("make collections: %w", err)
	}
	b.now, b.gathered = now, append(b.gathered, made...)
	var there []newCollection
	if err := b.tx.Select(ctx, &there, `SELECT id, handle FROM collections WHERE handle = ANY ($1::text[])`, pq.Array(handles)); err != nil {
		return nil, fmt.Errorf("read collections: %w", err)
	}
	keys := make(map[string]uuid.UUID, len(there))
	for _, c := range there {
		keys[c.Handle] = c.ID
	}
	return keys, nil
}

func (b *batch) Gather(ctx context.Context, members []product.Membership, now time.Time) (int, error) {
	if len(members) == 0 {
		return 0, nil
	}
	var missing []newCollection
	var list []member
	known := map[string]bool{}
	listed := map[product.Membership]bool{}
	for i, m := range members {
		if !known[m.Collection] {
			known[m.Collection] = true
			missing = append(missing, newCollection{ID: gid.New(), Handle: m.Collection, Title: m.Title})
		}
		if once := (product.Membership{Product: m.Product, Collection: m.Collection}); !listed[once] {
			listed[once] = true
			list = append(list, member{ProductID: m.Product, Handle: m.Collection, N: i})
		}
	}
	var made, grown []uuid.UUID
	if err := b.tx.Select(ctx, &made, makeCollections, text(missing), now); err != nil {
		return 0, fmt.Errorf("make collections: %w", err)
	}
	if _, err := b.tx.Exec(ctx, lockCollections, text(missing)); err != nil {
		return 0, fmt.Errorf("lock collections: %w", err)
	}
	if err := b.tx.Select(ctx, &grown, addMembers, text(list), now); err != nil {
		return 0, fmt.Errorf("add to collections: %w", err)
	}
	b.now, b.gathered = now, append(append(b.gathered, made...), grown...)
	return len(made), nil
}

// tellCollections tells of the collections that were made or changed.
func (b *batch) tellCollections(ctx context.Context) ([]event.Event, error) {
	if len(b.gathered) == 0 {
		return nil, nil
	}
	var rows []collectionRow
	if err := b.tx.Select(ctx, &rows, changedCollections, uuids(b.gathered)); err != nil {
		return nil, fmt.Errorf("read collections that changed: %w", err)
	}
	events := make([]event.Event, len(rows))
	for i, r := range rows {
		id := gid.Format("Collection", r.ID)
		events[i] = event.New(id, r.Version, event.CollectionUpdated{CollectionID: id, Version: r.Version, Handle: r.Handle, Title: r.Title}, b.now)
		events[i].CacheTags = product.CollectionTags(id)
	}
	return events, nil
}
