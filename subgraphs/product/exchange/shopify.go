// Package exchange reads catalogues from the files of other shops.
package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/media"
)

// Sources of collections besides the column Collection.
const (
	FromTags  = "tags"
	FromTypes = "types"
)

// Options say how a file is imported.
type Options struct {
	Currency        string // ISO 4217: that of its prices
	CollectionsFrom string // FromTags or FromTypes also makes collections of them; "" does not
	Files           fs.FS  // holds the pictures that the file names by a relative path; may be nil
	MediaDir        string // the folder into which they are copied
	Now             time.Time
}

// Report is what an import did.
type Report struct {
	Created, Updated, Unchanged int // products
	Variants                    int // in the file
	Unpriced                    int // of them, those without a price, which are not for sale (rule P-4)
	Collections                 int // made
	Pictures                    int // copied
}

// chunk is how many products are written at once.
const chunk = 200

// ImportShopify loads a product export in Shopify's CSV format. First the whole file is checked: what is wrong with it is
// a *FileError that tells all, and nothing is imported. Then products, prices, stock and collections are written in one
// transaction: all of the file or nothing. What is in the shop already and did not change is left as it is; products that
// the file does not mention stay. progress, which may be nil, is told how many products are done.
func ImportShopify(ctx context.Context, r io.Reader, store product.Store, o Options, progress func(done, total int)) (Report, error) {
	if _, err := money.Exponent(o.Currency); err != nil {
		return Report{}, fmt.Errorf("currency %q: %w", o.Currency, err)
	}
	if !slices.Contains([]string{"", FromTags, FromTypes}, o.CollectionsFrom) {
		return Report{}, fmt.Errorf("collections are made from %q or %q, not from %q", FromTags, FromTypes, o.CollectionsFrom)
	}
	o.Now = o.Now.UTC().Truncate(time.Microsecond) // PostgreSQL keeps no more.
	drafts, pictures, err := parseShopify(r, o)
	if err != nil {
		return Report{}, err
	}
	kept, err := pictures.keep(o.MediaDir)
	if err == nil {
		var report Report
		if report, err = write(ctx, store, drafts, o, progress); err == nil {
			report.Pictures = len(kept)
			return report, nil
		}
	}
	return Report{}, errors.Join(err, media.Remove(o.MediaDir, kept))
}

func write(ctx context.Context, store product.Store, drafts []*draft, o Options, progress func(done, total int)) (Report, error) {
	var report Report
	err := store.Change(ctx, o.Currency, func(b product.Batch) error {
		report = Report{} // It may run again.
		if progress != nil {
			progress(0, len(drafts))
		}
		for part := range slices.Chunk(drafts, chunk) {
			if err := writePart(ctx, b, part, o, &report); err != nil {
				return err
			}
			if progress != nil {
				progress(report.Created+report.Updated+report.Unchanged, len(drafts))
			}
		}
		return nil
	})
	return report, err
}

func writePart(ctx context.Context, b product.Batch, drafts []*draft, o Options, report *Report) error {
	handles := make([]string, len(drafts))
	for i, d := range drafts {
		handles[i] = d.product.Handle
	}
	there, err := b.Load(ctx, handles)
	if err != nil {
		return err
	}
	var changed []*product.Product
	var members []product.Membership
	for _, d := range drafts {
		final := d.product
		if old := there[final.Handle]; old == nil {
			final.Begin(o.Now)
			changed = append(changed, final)
			report.Created++
		} else if next, differs := old.Become(final, o.Now); differs {
			final = next
			changed = append(changed, final)
			report.Updated++
		} else {
			final = old
			report.Unchanged++
		}
		report.count(final.Variants)
		for _, title := range d.collections {
			members = append(members, product.Membership{Product: final.Key, Collection: slug(title), Title: title})
		}
	}
	if err := b.Save(ctx, changed, o.Now); err != nil {
		return err
	}
	made, err := b.Gather(ctx, members, o.Now)
	report.Collections += made
	return err
}

func (r *Report) count(variants []*product.Variant) {
	r.Variants += len(variants)
	for _, v := range variants {
		if v.Offer == nil {
			r.Unpriced++
		}
	}
}

// slug makes a readable name for addresses out of a title; empty where it has no letter or digit.
func slug(title string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !product.InHandle(r) || r == '-' }), "-")
}
