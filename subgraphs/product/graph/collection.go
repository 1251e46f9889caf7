package graph

import (
	"context"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
)

// memberOrders are the orders of the products of a collection by their names in the schema.
var memberOrders = map[generated.ProductCollectionSortKeys]product.Order{
	generated.ProductCollectionSortKeysCollectionDefault: product.ByPosition,
	generated.ProductCollectionSortKeysManual:            product.ByPosition,
	generated.ProductCollectionSortKeysCreated:           product.ByCreation,
	generated.ProductCollectionSortKeysID:                product.ByKey,
	generated.ProductCollectionSortKeysPrice:             product.ByPrice,
	generated.ProductCollectionSortKeysTitle:             product.ByTitle,
}

// members is what is read once for collections that came together.
type members struct {
	pages map[uuid.UUID]product.Page
	found map[uuid.UUID]*product.Product
}

// question tells apart what collections are asked for: their products in an order, a part of it.
type question struct {
	what          string
	order         product.Order
	reverse       bool
	filters       string
	first, last   int // -1 when not given
	after, before string
}

func ask(list product.Listing) question {
	number := func(n *int) int {
		if n == nil {
			return -1
		}
		return *n
	}
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return "=" + *s
	}
	return question{
		what: "page", order: list.Order, reverse: list.Reverse, filters: list.Filters.Key(), first: number(list.Args.First), last: number(list.Args.Last),
		after: text(list.Args.After), before: text(list.Args.Before),
	}
}

// Products answers a page of the products of the collection that are for sale.
func (r collectionResolver) Products(ctx context.Context, c *product.Collection, after, before *string, first, last *int, reverse *bool, filters []*generated.ProductFilter, sortKey *generated.ProductCollectionSortKeys) (*generated.ProductConnection, error) {
	order := product.ByPosition
	if sortKey != nil {
		order = memberOrders[*sortKey]
	}
	view := r.view(ctx)
	narrow, err := readFilters(filters, view.Currency)
	if err != nil {
		return nil, err
	}
	list := listing(order, reverse, paging.Args{First: first, Last: last, After: after, Before: before})
	list.Filters = narrow
	siblings := recall(ctx).ofCollection(c)
	all, err := once(siblings, ask(list), func(collections []uuid.UUID) (m members, err error) {
		if m.pages, err = r.Store.MemberPages(ctx, view, collections, list); err != nil {
			return m, err
		}
		var keys []uuid.UUID
		for _, page := range m.pages {
			keys = append(keys, page.Keys...)
		}
		m.found, err = r.products(ctx, keys)
		return m, err
	})
	if err != nil {
		return nil, err
	}
	count := func(limit int) (int, error) {
		counts, err := once(siblings, question{what: "count", filters: narrow.Key()}, func(collections []uuid.UUID) (map[uuid.UUID]int, error) {
			return r.Store.CountMembers(ctx, view, collections, narrow, limit)
		})
		return counts[c.Key], err
	}
	facets := func() ([]product.Facet, error) {
		found, err := once(siblings, question{what: "facets", filters: narrow.Key()}, func(collections []uuid.UUID) (map[uuid.UUID][]product.Facet, error) {
			return r.Store.MemberFacets(ctx, view, collections, narrow)
		})
		return found[c.Key], err
	}
	return productConnection(all.pages[c.Key], all.found, countIf(ctx, count), r.listIf(ctx, facets))
}
