package product

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/paging"
)

// View is the catalogue of one currency at one moment. Products that are not published then, and variants that have no
// price in it, are not part of it (rule P-4).
type View struct {
	Currency  string   // ISO 4217
	Languages []string // of texts, the best first; what has no text in any of them is in the shop's own language
	At        time.Time
}

// Order is what a list is sorted by. Every order ends with the key (rule S-9).
type Order string

const (
	ByKey      Order = "ID"
	ByCreation Order = "CREATED_AT"
	ByChange   Order = "UPDATED_AT"
	ByTitle    Order = "TITLE"
	ByVendor   Order = "VENDOR"       // products only
	ByType     Order = "PRODUCT_TYPE" // products only
	ByPrice    Order = "PRICE"        // the lowest price; products only
	ByPosition Order = "POSITION"     // that in the collection; products of a collection only
)

// Listing asks for a page of a list.
type Listing struct {
	Order   Order
	Reverse bool
	Filters Filters // of products only; normal
	Args    paging.Args
}

// Page is a part of a list: keys with their cursors.
type Page struct {
	Keys                 []uuid.UUID
	Cursors              []string
	HasNext, HasPrevious bool
}

// Store keeps the catalogue. Its methods answer many questions with one fixed number of statements. Batches hold only
// what was found.
type Store interface {
	Administration

	// Products returns products of the catalogue by their keys.
	Products(ctx context.Context, view View, keys []uuid.UUID) (map[uuid.UUID]*Product, error)
	// Variants returns variants of the catalogue by their keys, each linked to its whole product.
	Variants(ctx context.Context, view View, keys []uuid.UUID) (map[uuid.UUID]*Variant, error)
	// ProductsOf returns the keys of the products that variants are forms of, whether they are in the catalogue or not.
	ProductsOf(ctx context.Context, variants []uuid.UUID) (map[uuid.UUID]uuid.UUID, error)
	// NextChange returns the next moment at which the catalogue changes by itself: a price begins or ends, or a product is put
	// on sale (rule E-8). The zero time: at none.
	NextChange(ctx context.Context, view View) (time.Time, error)
	// ProductKeys returns the keys of products by their handles.
	ProductKeys(ctx context.Context, handles []string) (map[string]uuid.UUID, error)
	// ProductPage returns a page of all products of the catalogue. A bad argument is a fault.
	ProductPage(ctx context.Context, view View, list Listing) (Page, error)
	// CountProducts returns how many products the catalogue has that filters let pass, at most the limit.
	CountProducts(ctx context.Context, view View, filters Filters, limit int) (int, error)
	// ProductFacets returns by what the list of all products of the catalogue can be narrowed further (rule S-6).
	ProductFacets(ctx context.Context, view View, filters Filters) ([]Facet, error)

	// Collections returns collections by their keys.
	Collections(ctx context.Context, view View, keys []uuid.UUID) (map[uuid.UUID]*Collection, error)
	// CollectionKey returns the key of the collection of that handle; not found is uuid.Nil.
	CollectionKey(ctx context.Context, handle string) (uuid.UUID, error)
	// CollectionPage returns a page of all collections. A bad argument is a fault.
	CollectionPage(ctx context.Context, list Listing) (Page, error)
	// CountCollections returns how many collections there are, at most the limit.
	CountCollections(ctx context.Context, limit int) (int, error)
	// CollectionsOf returns the keys of the collections that products are in, oldest collection first.
	CollectionsOf(ctx context.Context, products []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error)
	// MemberPages returns the same page of each of some collections: their products that are in the catalogue. A bad
	// argument is a fault, also a cursor when there is more than one collection.
	MemberPages(ctx context.Context, view View, collections []uuid.UUID, list Listing) (map[uuid.UUID]Page, error)
	// CountMembers returns for each of some collections how many products of the catalogue it has that filters let pass, at
	// most the limit.
	CountMembers(ctx context.Context, view View, collections []uuid.UUID, filters Filters, limit int) (map[uuid.UUID]int, error)
	// MemberFacets returns for each of some collections by what the list of its products can be narrowed further (rule S-6).
	MemberFacets(ctx context.Context, view View, collections []uuid.UUID, filters Filters) (map[uuid.UUID][]Facet, error)

	// States tells products as they are now by their ids, also what is not in the catalogue: what product.updated tells of
	// them, with the prices that can be valid from then on (rule E-12).
	States(ctx context.Context, ids []string, from time.Time) ([]event.State, error)

	// Empty tells whether there is no product at all.
	Empty(ctx context.Context) (bool, error)
	// Change runs a change of many products in one transaction, one at a time in the whole shop: all of it becomes
	// durable and is told when it returns nil, nothing of it otherwise. It may run again.
	Change(ctx context.Context, currency string, change func(Batch) error) error
}

// Asked is by whom and when an administrator's change is asked for.
type Asked struct {
	Key      idempotency.Key
	Actor    string // stands in the ledger of stock
	Currency string // ISO 4217: the shop's own
	Now      time.Time
}

// Which names a product by its key or its handle; the zero value names none.
type Which struct {
	Key    uuid.UUID // uuid.Nil: not said
	Handle *string
}

// Administration keeps what administrators change. Each method is one transaction, once for its key; what stands against it
// is faults, and nothing is changed then.
type Administration interface {
	// SetProduct makes a product, or changes one. It returns its key.
	SetProduct(ctx context.Context, a Asked, which Which, edit Edit) (uuid.UUID, error)
	// SetPrices closes prices and lets others follow (rule P-4).
	SetPrices(ctx context.Context, a Asked, changes []PriceChange) error
	// SetInventory says how many pieces there are (rule I-7).
	SetInventory(ctx context.Context, a Asked, counts []Tally) error
	// Levels returns how many pieces of variants there are, of those that exist.
	Levels(ctx context.Context, variants []uuid.UUID) (map[uuid.UUID]*Level, error)
}

// InUseError is the error of a change that removes variants whose pieces are sold or held.
type InUseError struct{ Names []string }

// Error names the variants.
func (e *InUseError) Error() string {
	return "variants cannot be removed while pieces of them are sold or held: " + strings.Join(e.Names, ", ")
}

// Batch is a running change of many products.
type Batch interface {
	// Load returns the products of these handles with all that belongs to them, also what is not in the catalogue.
	Load(ctx context.Context, handles []string) (map[string]*Product, error)
	// Save writes products as they are now: parts that are not there any more are removed, prices that differ are closed
	// and followed by new ones, parts that did not change are not touched. Figures of stock are written when the change
	// ends.
	Save(ctx context.Context, products []*Product, now time.Time) error
	// Gather puts products into collections, behind those that are there, and makes collections that are missing. It
	// returns how many it made. Members stay as they are.
	Gather(ctx context.Context, members []Membership, now time.Time) (made int, err error)
	// MakeCollections makes those whose handles are not taken; it returns the keys of all of them by their handles.
	MakeCollections(ctx context.Context, collections []*Collection, now time.Time) (map[string]uuid.UUID, error)
	// SetPrices closes prices and lets others follow, in any currency; those that ask the same stay (rule P-4).
	SetPrices(ctx context.Context, changes []PriceChange, now time.Time) error
	// Translate writes texts in other languages over those that are there.
	Translate(ctx context.Context, texts []Translation) error
}

// PriceChange is what a variant costs from now on in a currency.
type PriceChange struct {
	Variant  uuid.UUID
	Currency string // ISO 4217
	Price    *Price // nil: it is not for sale in that currency any more
}

// Membership puts a product into a collection.
type Membership struct {
	Product    uuid.UUID
	Collection string // its handle
	Title      string // of the collection, where it is made
}
