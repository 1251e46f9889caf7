package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/paging"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
)

// countLimit is up to where lists are counted exactly (rule G-5).
const countLimit = 10_000

// counter counts a list up to a limit; nil where nobody asked.
type counter func(limit int) (int, error)

// countIf returns the counter where totalCount is selected: counting reads the whole list.
func countIf(ctx context.Context, count counter) counter {
	if !selected(ctx, "totalCount") {
		return nil
	}
	return count
}

// selected tells whether a field of a connection is asked for.
func selected(ctx context.Context, field string) bool {
	return slices.ContainsFunc(graphql.CollectFieldsCtx(ctx, []string{"ProductConnection", "CollectionConnection"}),
		func(f graphql.CollectedField) bool { return f.Name == field })
}

func (c counter) count() (*generated.Count, error) {
	if c == nil {
		return nil, nil
	}
	n, err := c(countLimit + 1)
	return &generated.Count{Value: min(n, countLimit), Exact: n <= countLimit}, err
}

// productConnection shows a page. Products that were taken off sale since the page was read are left out.
func productConnection(page product.Page, found map[uuid.UUID]*product.Product, count counter, filters lister) (*generated.ProductConnection, error) {
	total, err := count.count()
	if err != nil {
		return nil, err
	}
	shown, err := filters.list()
	c := &generated.ProductConnection{Edges: []*generated.ProductEdge{}, Nodes: []*product.Product{}, PageInfo: pageInfo(page.Cursors, page.HasNext, page.HasPrevious), TotalCount: total, Filters: shown}
	for i, key := range page.Keys {
		if p := found[key]; p != nil {
			c.Nodes = append(c.Nodes, p)
			c.Edges = append(c.Edges, &generated.ProductEdge{Cursor: page.Cursors[i], Node: p})
		}
	}
	return c, err
}

// collectionConnection shows a page. Collections that were removed since the page was read are left out.
func collectionConnection(page product.Page, found map[uuid.UUID]*product.Collection, count counter) (*generated.CollectionConnection, error) {
	total, err := count.count()
	c := &generated.CollectionConnection{Edges: []*generated.CollectionEdge{}, Nodes: []*product.Collection{}, PageInfo: pageInfo(page.Cursors, page.HasNext, page.HasPrevious), TotalCount: total}
	for i, key := range page.Keys {
		if k := found[key]; k != nil {
			c.Nodes = append(c.Nodes, k)
			c.Edges = append(c.Edges, &generated.CollectionEdge{Cursor: page.Cursors[i], Node: k})
		}
	}
	return c, err
}

func variantConnection(page paging.Page[*product.Variant]) *generated.ProductVariantConnection {
	c := &generated.ProductVariantConnection{
		Edges: []*generated.ProductVariantEdge{}, Nodes: page.Items, PageInfo: pageInfo(page.Cursors, page.HasNext, page.HasPrevious), TotalCount: exactly(page.Total),
	}
	for i, v := range page.Items {
		c.Edges = append(c.Edges, &generated.ProductVariantEdge{Cursor: page.Cursors[i], Node: v})
	}
	return c
}

func imageConnection(page paging.Page[*product.Image]) *generated.ImageConnection {
	c := &generated.ImageConnection{
		Edges: []*generated.ImageEdge{}, Nodes: page.Items, PageInfo: pageInfo(page.Cursors, page.HasNext, page.HasPrevious), TotalCount: exactly(page.Total),
	}
	for i, image := range page.Items {
		c.Edges = append(c.Edges, &generated.ImageEdge{Cursor: page.Cursors[i], Node: image})
	}
	return c
}

func exactly(n int) *generated.Count { return &generated.Count{Value: n, Exact: true} }

func pageInfo(cursors []string, next, previous bool) *generated.PageInfo {
	p := &generated.PageInfo{HasNextPage: next, HasPreviousPage: previous}
	if len(cursors) > 0 {
		p.StartCursor, p.EndCursor = &cursors[0], &cursors[len(cursors)-1]
	}
	return p
}
