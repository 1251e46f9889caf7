package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/media"
)

// Load puts the demonstration catalogue into a shop, all of it or nothing, and its pictures into a folder. Products and
// collections whose handles are there stay as they are: a second time it changes nothing. It returns how many products it
// made.
func Load(ctx context.Context, store product.Store, mediaDir string, now time.Time) (made int, err error) {
	now = now.UTC().Truncate(time.Microsecond) // PostgreSQL keeps no more.
	c, err := readCatalogue()
	if err != nil {
		return 0, err
	}
	drafts := make([]*draft, len(c.Products))
	handles := make([]string, len(c.Products))
	var kept []string
	for i, t := range c.Products {
		created := now.Add(time.Duration(i-len(c.Products)) * time.Hour) // So that an order by age means something.
		if drafts[i], err = c.draft(t, i, created); err != nil {
			return 0, fmt.Errorf("%s: %w", t.Handle, err)
		}
		handles[i] = t.Handle
	}
	for _, d := range drafts {
		for _, p := range d.pictures {
			fresh, err := p.Keep(mediaDir)
			if err != nil {
				return 0, errors.Join(err, media.Remove(mediaDir, kept))
			}
			if fresh {
				kept = append(kept, p.Name)
			}
		}
	}
	err = store.Change(ctx, Currencies[0], func(b product.Batch) error {
		made, err = c.write(ctx, b, drafts, handles, now)
		return err
	})
	if err != nil {
		return 0, errors.Join(err, media.Remove(mediaDir, kept))
	}
	return made, nil
}

func (c *catalogue) write(ctx context.Context, b product.Batch, drafts []*draft, handles []string, now time.Time) (int, error) {
	there, err := b.Load(ctx, handles)
	if err != nil {
		return 0, err
	}
	collections, groupTexts := c.groups()
	keys, err := b.MakeCollections(ctx, collections, now)
	if err != nil {
		return 0, err
	}
	var products []*product.Product
	var members []product.Membership
	var prices []product.PriceChange
	texts := ofNew(groupTexts, collections, keys)
	for _, d := range drafts {
		if there[d.product.Handle] != nil {
			continue
		}
		products = append(products, d.product)
		texts = append(texts, d.texts...)
		prices = append(prices, d.prices...)
		for _, handle := range d.in {
			members = append(members, product.Membership{Product: d.product.Key, Collection: handle, Title: handle})
		}
	}
	if len(products) == 0 {
		return 0, nil
	}
	if err := b.Save(ctx, products, now); err != nil {
		return 0, err
	}
	if err := b.SetPrices(ctx, prices, now); err != nil {
		return 0, err
	}
	if _, err := b.Gather(ctx, members, now); err != nil {
		return 0, err
	}
	return len(products), b.Translate(ctx, texts)
}

// ofNew keeps the texts of collections that were made just now.
func ofNew(texts []product.Translation, collections []*product.Collection, keys map[string]uuid.UUID) []product.Translation {
	made := map[uuid.UUID]bool{}
	for _, k := range collections {
		made[k.Key] = keys[k.Handle] == k.Key
	}
	var kept []product.Translation
	for _, t := range texts {
		if made[t.Owner] {
			kept = append(kept, t)
		}
	}
	return kept
}

// In tells whether products of the demonstration catalogue are in a shop.
func In(ctx context.Context, store product.Store) (bool, error) {
	c, err := readCatalogue()
	if err != nil {
		return false, err
	}
	handles := make([]string, len(c.Products))
	for i, t := range c.Products {
		handles[i] = t.Handle
	}
	there, err := store.ProductKeys(ctx, handles)
	return len(there) > 0, err
}
