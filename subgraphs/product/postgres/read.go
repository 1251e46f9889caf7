package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/subgraphs/product"
)

// What a batch of products is chosen by: $1 is a list of keys or handles.
const (
	productIDs           = `SELECT unnest($1::uuid[])`
	productIDsOfVariants = `SELECT product_id FROM variants WHERE id = ANY ($1::uuid[])`
)

type productRow struct {
	ID              uuid.UUID
	Version         int64
	Handle          string
	Title           string
	Description     string
	DescriptionHTML string `db:"description_html"`
	Vendor          string
	ProductType     string `db:"product_type"`
	Tags            pq.StringArray
	SEOTitle        *string    `db:"seo_title"`
	SEODescription  *string    `db:"seo_description"`
	PublishedAt     *time.Time `db:"published_at"`
	CreatedAt       time.Time  `db:"created_at"`
	UpdatedAt       time.Time  `db:"updated_at"`
}

type optionRow struct {
	ProductID uuid.UUID `db:"product_id"`
	OptionID  uuid.UUID `db:"option_id"`
	Option    string
	ValueID   uuid.UUID `db:"value_id"`
	Value     string
	Color     *string    `db:"swatch_color"`
	ImageID   *uuid.UUID `db:"swatch_image_id"`
}

type imageRow struct {
	ID        uuid.UUID
	ProductID uuid.UUID `db:"product_id"`
	Source    string
	Alt       *string
	Width     *int
	Height    *int
}

type variantRow struct {
	ID               uuid.UUID
	ProductID        uuid.UUID      `db:"product_id"`
	ValueIDs         pq.StringArray `db:"value_ids"`
	SKU              *string
	Barcode          *string
	ImageID          *uuid.UUID `db:"image_id"`
	Tracked          bool
	RequiresShipping bool       `db:"requires_shipping"`
	TaxClass         string     `db:"tax_class"`
	WeightMg         *int64     `db:"weight_mg"`
	WeightUnit       *string    `db:"weight_unit"`
	PriceID          *uuid.UUID `db:"price_id"`
	Amount           *int64
	CompareAt        *int64 `db:"compare_at"`
	OnHand           int64  `db:"on_hand"`
	Allocated        int64
	Held             int64
	Safety           int64
	BackorderLimit   int64 `db:"backorder_limit"`
	StockVersion     int64 `db:"stock_version"`
}

const productColumns = `p.id, p.version, p.handle, p.title, p.description, p.description_html, coalesce(p.vendor, '') AS vendor,
	coalesce(p.product_type, '') AS product_type, p.tags, p.seo_title, p.seo_description, p.published_at, p.created_at, p.updated_at`

const optionQuery = `
SELECT o.product_id, o.id AS option_id, o.name AS option, v.id AS value_id, v.name AS value, v.swatch_color, v.swatch_image_id
FROM options o JOIN option_values v ON v.option_id = o.id
WHERE o.product_id = ANY ($1::uuid[])
ORDER BY o.product_id, o.position, v.position`

const imageQuery = `
SELECT id, product_id, source, alt, width, height FROM images WHERE product_id = ANY ($1::uuid[]) ORDER BY product_id, position`

// variantQuery reads variants with their price at a moment and their stock. The join is LEFT JOIN for all variants, JOIN for
// those in the catalogue (rule P-4); then comes the condition of the price.
const variantQuery = `
SELECT v.id, v.product_id, v.value_ids, v.sku, v.barcode, v.image_id, v.tracked, v.requires_shipping, v.tax_class,
	v.weight_mg, v.weight_unit, c.id AS price_id, c.amount, c.compare_at,
	coalesce(s.on_hand, 0) AS on_hand, coalesce(s.allocated, 0) AS allocated, coalesce(s.held, 0) AS held,
	coalesce(s.safety, 0) AS safety, coalesce(s.backorder_limit, 0) AS backorder_limit,
	coalesce(s.version, 0) AS stock_version
FROM variants v
%s LATERAL (SELECT c.* FROM prices c WHERE c.variant_id = v.id AND c.currency = $2 AND %s LIMIT 1) c ON true
CROSS JOIN LATERAL (
	SELECT sum(on_hand)::bigint AS on_hand, sum(allocated)::bigint AS allocated, sum(held)::bigint AS held, sum(safety)::bigint AS safety,
		sum(backorder_limit)::bigint AS backorder_limit, sum(version)::bigint AS version
	FROM stock WHERE variant_id = v.id
) s
WHERE v.product_id = ANY ($1::uuid[])
ORDER BY v.product_id, v.position`

// validAt is the condition of a price c that holds at $3, a half-open interval (rule P-1): at most one does.
const validAt = `c.valid_from <= $3 AND (c.valid_until IS NULL OR c.valid_until > $3)`

// catalogue reads products of the catalogue with all that belongs to them, as they are at one moment: an import that ends
// in between must not mix old variants with new options. chosen is a query for the keys of products.
func (s store) catalogue(ctx context.Context, view product.View, chosen string, keys []uuid.UUID) (map[uuid.UUID]*product.Product, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var products map[uuid.UUID]*product.Product
	err := s.db.DB.Transact(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`); err != nil {
			return fmt.Errorf("begin to read products: %w", err)
		}
		var err error
		products, err = readCatalogue(ctx, tx, view, chosen, keys)
		return err
	})
	return products, err
}

func readCatalogue(ctx context.Context, q database.Queryer, view product.View, chosen string, keys []uuid.UUID) (map[uuid.UUID]*product.Product, error) {
	var rows []productRow
	const query = `SELECT ` + productColumns + ` FROM products p WHERE p.id IN (%s) AND p.published_at <= $2`
	if err := q.Select(ctx, &rows, fmt.Sprintf(query, chosen), uuids(keys), view.At); err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	a, err := assemble(ctx, q, rows, view.Currency, fmt.Sprintf(variantQuery, "JOIN", validAt), view.At)
	if err != nil {
		return nil, err
	}
	for key, p := range a {
		if len(p.Variants) == 0 {
			delete(a, key)
		}
	}
	texts, err := readTexts(ctx, q, view.Languages, keysIn(a))
	if err != nil {
		return nil, err
	}
	for key, p := range a {
		p.Translate(texts[key])
	}
	return a, nil
}

// assemble reads what belongs to products in three statements, and links it. The query for variants takes the keys of the
// products, the currency, and the further arguments.
func assemble(ctx context.Context, q database.Queryer, rows []productRow, currency, variants string, more ...any) (map[uuid.UUID]*product.Product, error) {
	products := make(map[uuid.UUID]*product.Product, len(rows))
	keys := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		keys[i] = r.ID
		products[r.ID] = r.product()
	}
	var options []optionRow
	var images []imageRow
	var forms []variantRow
	if len(rows) > 0 {
		if err := q.Select(ctx, &options, optionQuery, uuids(keys)); err != nil {
			return nil, fmt.Errorf("read options: %w", err)
		}
		if err := q.Select(ctx, &images, imageQuery, uuids(keys)); err != nil {
			return nil, fmt.Errorf("read images: %w", err)
		}
		if err := q.Select(ctx, &forms, variants, append([]any{uuids(keys), currency}, more...)...); err != nil {
			return nil, fmt.Errorf("read variants: %w", err)
		}
	}
	pictures := make(map[uuid.UUID]*product.Image, len(images))
	for _, r := range images {
		picture := &product.Image{Key: r.ID, Source: r.Source, AltText: r.Alt, Width: r.Width, Height: r.Height}
		pictures[r.ID] = picture
		products[r.ProductID].Pictures = append(products[r.ProductID].Pictures, picture)
	}
	for _, r := range options {
		r.addTo(products[r.ProductID], pictures)
	}
	for _, r := range forms {
		v, err := r.variant(currency, pictures)
		if err != nil {
			return nil, err
		}
		products[r.ProductID].Variants = append(products[r.ProductID].Variants, v)
	}
	for _, p := range products {
		p.Link()
	}
	return products, nil
}

func (r productRow) product() *product.Product {
	p := &product.Product{
		Key: r.ID, Version: r.Version, Handle: r.Handle, Title: r.Title, Text: r.Description, DescriptionHTML: r.DescriptionHTML,
		Vendor: r.Vendor, ProductType: r.ProductType, Tags: r.Tags, Seo: product.SEO{Title: r.SEOTitle, Description: r.SEODescription},
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
	if r.PublishedAt != nil {
		at := r.PublishedAt.UTC()
		p.Published = &at
	}
	return p
}

// addTo adds a value, and its option where it is the first: rows come in the order of options.
func (r optionRow) addTo(p *product.Product, pictures map[uuid.UUID]*product.Image) {
	if n := len(p.Options); n == 0 || p.Options[n-1].Key != r.OptionID {
		p.Options = append(p.Options, &product.Option{Key: r.OptionID, Name: r.Option})
	}
	o := p.Options[len(p.Options)-1]
	value := &product.OptionValue{Key: r.ValueID, Name: r.Value}
	if r.Color != nil || r.ImageID != nil {
		value.Swatch = &product.Swatch{Color: r.Color}
	}
	if r.ImageID != nil {
		value.Swatch.Picture = pictures[*r.ImageID]
	}
	o.OptionValues = append(o.OptionValues, value)
}

func (r variantRow) variant(currency string, pictures map[uuid.UUID]*product.Image) (*product.Variant, error) {
	v := &product.Variant{
		Key: r.ID, Sku: r.SKU, Barcode: r.Barcode, Tracked: r.Tracked, RequiresShipping: r.RequiresShipping, TaxClass: r.TaxClass,
		Stock: product.Stock{
			OnHand: r.OnHand, Allocated: r.Allocated, Held: r.Held, Safety: r.Safety, BackorderLimit: r.BackorderLimit, Version: r.StockVersion,
		},
	}
	for _, text := range r.ValueIDs {
		key, err := uuid.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("read option values of variant: %w", err)
		}
		v.Values = append(v.Values, key)
	}
	if r.ImageID != nil {
		v.Picture = pictures[*r.ImageID]
	}
	if r.WeightMg != nil {
		v.Weight = &product.Weight{Milligrams: *r.WeightMg, Unit: product.WeightUnit(*r.WeightUnit)}
	}
	if r.PriceID != nil {
		v.Offer = &product.Price{Key: *r.PriceID, Amount: money.Money{Minor: *r.Amount, Currency: currency}}
		if r.CompareAt != nil {
			v.Offer.CompareAt = &money.Money{Minor: *r.CompareAt, Currency: currency}
		}
	}
	return v, nil
}
