package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/soukhq/souk/subgraphs/product"
)

// Sources of lists. $2 is the currency, $3 the moment of the catalogue. LIMIT 1 and OFFSET 0 change no result: they keep the
// planner, which knows nothing of rows that were just imported, from reading all prices once for each product.
const (
	offers = `variants v CROSS JOIN LATERAL (SELECT c.amount FROM prices c WHERE c.variant_id = v.id AND c.currency = $2 AND ` + validAt + ` LIMIT 1) c
		WHERE v.product_id = p.id`
	published   = `products p WHERE p.published_at <= $3`
	forSale     = published + ` AND EXISTS (SELECT FROM ` + offers + ` OFFSET 0)`
	priced      = `products p CROSS JOIN LATERAL (SELECT min(c.amount) AS lowest FROM ` + offers + `) l WHERE p.published_at <= $3 AND l.lowest IS NOT NULL`
	collections = `collections k WHERE true`
)

// productOrders are the orders of products.
var productOrders = map[product.Order]sortable{
	product.ByKey:      {expression: "p.id", kind: "uuid"},
	product.ByCreation: {expression: "p.created_at", kind: "timestamptz"},
	product.ByChange:   {expression: "p.updated_at", kind: "timestamptz"},
	product.ByTitle:    {expression: "p.title", kind: "text"},
	product.ByVendor:   {expression: "p.vendor", kind: "text", nullable: true},
	product.ByType:     {expression: "p.product_type", kind: "text", nullable: true},
	product.ByPrice:    {expression: "l.lowest", kind: "bigint"},
	product.ByPosition: {expression: "m.position", kind: "bigint"},
}

// collectionOrders are the orders of collections.
var collectionOrders = map[product.Order]sortable{
	product.ByKey:    {expression: "k.id", kind: "uuid"},
	product.ByTitle:  {expression: "k.title", kind: "text"},
	product.ByChange: {expression: "k.updated_at", kind: "timestamptz"},
}

func (s store) ProductPage(ctx context.Context, view product.View, wanted product.Listing) (product.Page, error) {
	args := arguments{uuids(theOnly), view.Currency, view.At}
	l := list{name: listName("products", view, wanted), id: "p.id", source: products(wanted.Order, wanted.Filters, &args), order: productOrders[wanted.Order]}
	a, err := newAsk(l, wanted, theOnly)
	if err != nil {
		return product.Page{}, err
	}
	pages, err := a.read(ctx, s.db, theOnly, args[1:]...)
	return pages[uuid.Nil], err
}

func (s store) CountProducts(ctx context.Context, view product.View, filters product.Filters, limit int) (int, error) {
	args := arguments{uuids(theOnly), view.Currency, view.At}
	source := products(product.ByKey, filters, &args)
	counts, err := count(ctx, s.db, source, theOnly, limit, args[1:]...)
	return counts[uuid.Nil], err
}

func (s store) CollectionPage(ctx context.Context, wanted product.Listing) (product.Page, error) {
	l := list{name: "collections", id: "k.id", source: collections, order: collectionOrders[wanted.Order]}
	a, err := newAsk(l, wanted, theOnly)
	if err != nil {
		return product.Page{}, err
	}
	pages, err := a.read(ctx, s.db, theOnly)
	return pages[uuid.Nil], err
}

func (s store) CountCollections(ctx context.Context, limit int) (int, error) {
	counts, err := count(ctx, s.db, collections, theOnly, limit)
	return counts[uuid.Nil], err
}

func (s store) MemberPages(ctx context.Context, view product.View, keys []uuid.UUID, wanted product.Listing) (map[uuid.UUID]product.Page, error) {
	args := arguments{uuids(keys), view.Currency, view.At}
	l := list{name: listName("members", view, wanted), id: "p.id", source: members(wanted.Order, wanted.Filters, &args), order: productOrders[wanted.Order]}
	a, err := newAsk(l, wanted, keys)
	if err != nil {
		return nil, err
	}
	return a.read(ctx, s.db, keys, args[1:]...)
}

func (s store) CountMembers(ctx context.Context, view product.View, keys []uuid.UUID, filters product.Filters, limit int) (map[uuid.UUID]int, error) {
	args := arguments{uuids(keys), view.Currency, view.At}
	source := members(product.ByPosition, filters, &args)
	return count(ctx, s.db, source, keys, limit, args[1:]...)
}

// listName binds the cursors of a list to its currency and its filters (rule S-8).
func listName(name string, view product.View, wanted product.Listing) string {
	name += " " + view.Currency
	if key := wanted.Filters.Key(); key != "" {
		name += " " + key
	}
	return name
}
