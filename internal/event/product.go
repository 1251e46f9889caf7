package event

import "time"

// ProductUpdated says what a product is now, after it was made or changed: everything that others keep of it. Its subject
// is the product; it is also the product's state in the feed.
type ProductUpdated struct {
	ProductID string `json:"productId"`
	Version   int64  `json:"version"`
	Handle    string `json:"handle"`
	Title     string `json:"title"`
	// DescriptionHTML is the description with safe markup: cart provides it on its lines (rule F-2).
	DescriptionHTML string    `json:"descriptionHtml"`
	Vendor          string    `json:"vendor"` // empty when not said
	ProductType     string    `json:"productType"`
	Tags            []string  `json:"tags"`
	PublishedAt     *string   `json:"publishedAt"` // RFC 3339; null: not on sale
	CreatedAt       time.Time `json:"createdAt"`
	UpdatedAt       time.Time `json:"updatedAt"`
	Image           *Image    `json:"image"` // the featured one
	Variants        []Variant `json:"variants"`
}

// Variant is one buyable form of a product with all its prices that can still be valid.
type Variant struct {
	VariantID        string    `json:"variantId"`
	Title            string    `json:"title"`
	SKU              *string   `json:"sku"`
	Barcode          *string   `json:"barcode"`
	SelectedOptions  []Option  `json:"selectedOptions"`
	Image            *Image    `json:"image"` // its own or that of the product
	RequiresShipping bool      `json:"requiresShipping"`
	TaxClass         string    `json:"taxClass"`
	WeightGrams      int64     `json:"weightGrams"` // 0 when not said
	Weight           *Weight   `json:"weight"`
	Prices           []Price   `json:"prices"`
	Stock            Inventory `json:"stock"`
}

// Option is the value that a variant has for an option.
type Option struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Image is a picture: an address, or the name of a file of ours.
type Image struct {
	Source string  `json:"source"`
	Alt    *string `json:"alt"`
	Width  *int    `json:"width"` // in pixels
	Height *int    `json:"height"`
}

// Weight is a weight in the unit in which it was written: GRAMS, KILOGRAMS, OUNCES or POUNDS.
type Weight struct {
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Price is a price row: what one piece costs from one moment to another (rules P-1, P-4).
type Price struct {
	PriceID      string     `json:"priceId"`
	CurrencyCode string     `json:"currencyCode"`
	Amount       string     `json:"amount"`
	CompareAt    *string    `json:"compareAt"`
	ValidFrom    time.Time  `json:"validFrom"`
	ValidUntil   *time.Time `json:"validUntil"` // the first moment at which it is not valid; null: open
}

// Inventory is how many pieces of a variant there are, over all locations (rule I-1). Sellable are available +
// backorderLimit.
type Inventory struct {
	Version        int64 `json:"version"` // grows with each change of the figures
	Tracked        bool  `json:"tracked"` // whether pieces are counted at all
	Available      int64 `json:"available"`
	BackorderLimit int64 `json:"backorderLimit"`
}

// CollectionUpdated says that a collection was made, or that its texts or its products changed. Its subject is the collection.
type CollectionUpdated struct {
	CollectionID string `json:"collectionId"`
	Version      int64  `json:"version"`
	Handle       string `json:"handle"`
	Title        string `json:"title"`
}

// InventoryChanged says how many pieces of a variant there are now. Its subject is the variant, its version that of the
// inventory.
type InventoryChanged struct {
	VariantID string    `json:"variantId"`
	ProductID string    `json:"productId"`
	Before    int64     `json:"before"` // available
	After     int64     `json:"after"`
	Inventory Inventory `json:"inventory"`
}

// ProductDeleted says that a product is gone.
type ProductDeleted struct {
	ProductID string `json:"productId"`
}

// StockReserved says that all lines of a completion are reserved until it ends (rule I-5).
type StockReserved struct {
	CompletionID string `json:"completionId"`
}

// StockRejected says that no line of a completion is reserved, and why.
type StockRejected struct {
	CompletionID string            `json:"completionId"`
	Lines        []RejectedVariant `json:"lines"`
}

// RejectedVariant is a variant that stands against a completion.
type RejectedVariant struct {
	VariantID string `json:"variantId"`
	Reason    string `json:"reason"`    // OUT_OF_STOCK, PRICE_CHANGED, UNAVAILABLE or CANCELLED
	Available *int64 `json:"available"` // pieces that are left, with OUT_OF_STOCK
}

func (ProductUpdated) kind() (string, string)    { return "product", "product.updated.v1" }
func (CollectionUpdated) kind() (string, string) { return "product", "collection.updated.v1" }
func (ProductDeleted) kind() (string, string)    { return "product", "product.deleted.v1" }
func (InventoryChanged) kind() (string, string)  { return "product", "inventory.changed.v1" }
func (StockReserved) kind() (string, string)     { return "product", "stock.reserved.v1" }
func (StockRejected) kind() (string, string)     { return "product", "stock.rejected.v1" }
