package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/cart"
)

// products is the projection of what product tells (rule B-2).
func products() consumer.Source {
	return consumer.Source{
		Service: "product",
		Handlers: map[string]consumer.Handler{
			event.TypeOf[event.ProductUpdated]():   productTold,
			event.TypeOf[event.ProductDeleted]():   productTold,
			event.TypeOf[event.InventoryChanged](): inventoryChanged,
		},
		Projection: &consumer.Projection{Kind: "Product", Apply: applyProducts, Prune: pruneProducts},
	}
}

// productTold applies an event as the state that it tells.
func productTold(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
	return nil, applyProducts(ctx, tx, consumer.Epoch(ctx), []event.State{{
		Kind: e.Kind(), Subject: e.Subject, Version: e.AggregateVersion, Deleted: e.Type == event.TypeOf[event.ProductDeleted](), Data: e.Data,
	}})
}

// productRow is a row of products, written as a JSON object.
type productRow struct {
	ID          uuid.UUID     `json:"id"`
	Epoch       uuid.UUID     `json:"epoch"`
	Version     int64         `json:"version"`
	Deleted     bool          `json:"deleted"`
	Handle      string        `json:"handle"`
	Title       string        `json:"title"`
	Description string        `json:"description"`
	Vendor      string        `json:"vendor"`
	ProductType string        `json:"product_type"`
	Tags        []string      `json:"tags"`
	Image       *cart.Picture `json:"image"`
	PublishedAt *string       `json:"published_at"`
	CreatedAt   time.Time     `json:"created_at"`
	UpdatedAt   time.Time     `json:"updated_at"`
}

// variantRow is a row of offers, written as a JSON object.
type variantRow struct {
	VariantID        uuid.UUID           `json:"variant_id"`
	ProductID        uuid.UUID           `json:"product_id"`
	Title            string              `json:"title"`
	SKU              *string             `json:"sku"`
	Barcode          *string             `json:"barcode"`
	Options          []cart.Option       `json:"options"`
	Image            *cart.Picture       `json:"image"`
	RequiresShipping bool                `json:"requires_shipping"`
	TaxClass         string              `json:"tax_class"`
	Weight           int64               `json:"weight"`
	WrittenWeight    *cart.WrittenWeight `json:"written_weight"`
	Prices           []priceRow          `json:"prices"`
	stockRow
}

// stockRow is how many pieces there are of a variant.
type stockRow struct {
	StockEpoch   uuid.UUID `json:"stock_epoch"`
	StockVersion int64     `json:"stock_version"`
	Tracked      bool      `json:"tracked"`
	Available    int64     `json:"available"`
	Backorder    int64     `json:"backorder"`
}

// A product of the same epoch that is as new or newer stays as it is, and so do its variants; the figures of a variant
// have a version of their own. A variant that its product no longer tells of is gone.
const upsertProducts = `WITH told AS (
  INSERT INTO products AS p (id, epoch, version, deleted, handle, title, description, vendor, product_type, tags, image, published_at, created_at, updated_at)
  SELECT id, epoch, version, deleted, handle, title, description, vendor, product_type, tags, image, published_at, created_at, updated_at
  FROM jsonb_populate_recordset(NULL::products, $1::jsonb)
  ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, version = excluded.version, deleted = excluded.deleted, handle = excluded.handle,
    title = excluded.title, description = excluded.description, vendor = excluded.vendor, product_type = excluded.product_type,
    tags = excluded.tags, image = excluded.image, published_at = excluded.published_at, created_at = excluded.created_at,
    updated_at = excluded.updated_at
  WHERE p.epoch <> excluded.epoch OR p.version < excluded.version
  RETURNING id),
listed AS (SELECT * FROM jsonb_populate_recordset(NULL::offers, $2::jsonb)),
gone AS (
  DELETE FROM offers o USING told WHERE o.product_id = told.id AND NOT EXISTS (SELECT FROM listed WHERE listed.variant_id = o.variant_id))
INSERT INTO offers AS o (variant_id, product_id, title, sku, barcode, options, image, requires_shipping, tax_class, weight, written_weight, prices,
  stock_epoch, stock_version, tracked, available, backorder)
SELECT variant_id, product_id, title, sku, barcode, options, image, requires_shipping, tax_class, weight, written_weight, prices,
  stock_epoch, stock_version, tracked, available, backorder
FROM listed JOIN told ON told.id = listed.product_id
ON CONFLICT (variant_id) DO UPDATE SET product_id = excluded.product_id, title = excluded.title, sku = excluded.sku,
  barcode = excluded.barcode, options = excluded.options, image = excluded.image, requires_shipping = excluded.requires_shipping,
  tax_class = excluded.tax_class, weight = excluded.weight, written_weight = excluded.written_weight, prices = excluded.prices`

const updateStock = `UPDATE offers o SET stock_epoch = s.stock_epoch, stock_version = s.stock_version, tracked = s.tracked,
  available = s.available, backorder = s.backorder
FROM jsonb_populate_recordset(NULL::offers, $1::jsonb) s
WHERE o.variant_id = s.variant_id AND (o.stock_epoch <> s.stock_epoch OR o.stock_version < s.stock_version)`

// applyProducts writes products as they are in an epoch, in two statements however many they are.
func applyProducts(ctx context.Context, tx *database.Tx, epoch uuid.UUID, states []event.State) error {
	newest := map[string]event.State{}
	for _, s := range states {
		if known, is := newest[s.Subject]; !is || known.Version < s.Version {
			newest[s.Subject] = s
		}
	}
	rows, variants := []productRow{}, []variantRow{}
	for _, s := range newest {
		p, v, err := rowsOf(epoch, s)
		if err != nil {
			return fmt.Errorf("apply %s: %w", s.Subject, err)
		}
		rows, variants = append(rows, p), append(variants, v...)
	}
	told, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("write products: %w", err)
	}
	listed, err := json.Marshal(variants)
	if err != nil {
		return fmt.Errorf("write offers: %w", err)
	}
	if _, err := tx.Exec(ctx, upsertProducts, string(told), string(listed)); err != nil {
		return fmt.Errorf("write products and offers: %w", err)
	}
	if _, err := tx.Exec(ctx, updateStock, string(listed)); err != nil {
		return fmt.Errorf("write stock of offers: %w", err)
	}
	return nil
}

const deleteProducts = `DELETE FROM products WHERE epoch <> $1`

// pruneProducts removes what no state of the epoch told of.
func pruneProducts(ctx context.Context, tx *database.Tx, epoch uuid.UUID) error {
	if _, err := tx.Exec(ctx, deleteProducts, epoch.String()); err != nil {
		return fmt.Errorf("remove products of other epochs: %w", err)
	}
	return nil
}

// inventoryChanged writes the figures of one variant. One that is not known yet comes with its product.
func inventoryChanged(ctx context.Context, tx *database.Tx, e event.Event) ([]event.Event, error) {
	told, err := event.Read[event.InventoryChanged](e)
	if err != nil {
		return nil, err
	}
	variant, ok := gid.Parse("ProductVariant", told.VariantID)
	if !ok {
		return nil, fmt.Errorf("%q is not the id of a variant", told.VariantID)
	}
	row := struct {
		VariantID uuid.UUID `json:"variant_id"`
		stockRow
	}{variant, stockOf(consumer.Epoch(ctx), told.Inventory)}
	if err := write(ctx, tx, updateStock, []any{row}); err != nil {
		return nil, fmt.Errorf("write stock of offer: %w", err)
	}
	return nil, nil
}

func rowsOf(epoch uuid.UUID, s event.State) (productRow, []variantRow, error) {
	id, ok := gid.Parse("Product", s.Subject)
	row := productRow{ID: id, Epoch: epoch, Version: s.Version, Deleted: s.Deleted, Tags: []string{}}
	if !ok {
		return row, nil, fmt.Errorf("%q is not the id of a product", s.Subject)
	}
	if s.Deleted {
		return row, nil, nil
	}
	var p event.ProductUpdated
	if err := json.Unmarshal(s.Data, &p); err != nil {
		return row, nil, fmt.Errorf("read state: %w", err)
	}
	row.Handle, row.Title, row.Description, row.Vendor, row.ProductType = p.Handle, p.Title, p.DescriptionHTML, p.Vendor, p.ProductType
	row.Tags, row.Image = append(row.Tags, p.Tags...), picture(p.Image)
	row.PublishedAt, row.CreatedAt, row.UpdatedAt = p.PublishedAt, p.CreatedAt, p.UpdatedAt
	variants := make([]variantRow, len(p.Variants))
	for i, v := range p.Variants {
		var err error
		if variants[i], err = rowOfVariant(epoch, id, v); err != nil {
			return row, nil, err
		}
	}
	return row, variants, nil
}

func rowOfVariant(epoch, product uuid.UUID, v event.Variant) (variantRow, error) {
	id, ok := gid.Parse("ProductVariant", v.VariantID)
	if !ok {
		return variantRow{}, fmt.Errorf("%q is not the id of a variant", v.VariantID)
	}
	row := variantRow{
		VariantID: id, ProductID: product, Title: v.Title, SKU: v.SKU, Barcode: v.Barcode, Options: []cart.Option{}, Image: picture(v.Image),
		RequiresShipping: v.RequiresShipping, TaxClass: v.TaxClass, Weight: v.WeightGrams, WrittenWeight: (*cart.WrittenWeight)(v.Weight),
		Prices: make([]priceRow, len(v.Prices)), stockRow: stockOf(epoch, v.Stock),
	}
	for _, o := range v.SelectedOptions {
		row.Options = append(row.Options, cart.Option(o))
	}
	for i, p := range v.Prices {
		var err error
		if row.Prices[i], err = rowOfPrice(p); err != nil {
			return row, fmt.Errorf("read price %s: %w", p.PriceID, err)
		}
	}
	return row, nil
}

func rowOfPrice(p event.Price) (priceRow, error) {
	row := priceRow{Currency: p.CurrencyCode, From: p.ValidFrom, Until: p.ValidUntil}
	var err error
	if row.ID, err = uuid.Parse(p.PriceID); err != nil {
		return row, err
	}
	amount, err := money.Parse(p.Amount, p.CurrencyCode)
	if err != nil {
		return row, err
	}
	row.Amount = amount.Minor
	if p.CompareAt != nil {
		before, err := money.Parse(*p.CompareAt, p.CurrencyCode)
		if err != nil {
			return row, err
		}
		row.CompareAt = &before.Minor
	}
	return row, nil
}

func stockOf(epoch uuid.UUID, i event.Inventory) stockRow {
	return stockRow{StockEpoch: epoch, StockVersion: i.Version, Tracked: i.Tracked, Available: i.Available, Backorder: i.BackorderLimit}
}

// picture keeps where a picture is as product tells it: an address, or the name of a file of ours.
func picture(i *event.Image) *cart.Picture {
	if i == nil {
		return nil
	}
	return &cart.Picture{URL: i.Source, AltText: i.Alt, Width: i.Width, Height: i.Height}
}
