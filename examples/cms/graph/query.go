package graph

import (
	"context"
	"slices"

	"github.com/soukhq/souk/examples/cms/graph/generated"
	"github.com/soukhq/souk/examples/cms/library"
)

// Page answers a page by id, else by handle.
func (r queryResolver) Page(ctx context.Context, id, handle *string) (*library.Page, error) {
	return pick(r.edition(ctx), id, handle, (*library.Edition).Page), nil
}

// PageByHandle answers a page by handle.
func (r queryResolver) PageByHandle(ctx context.Context, handle string) (*library.Page, error) {
	return r.edition(ctx).Page(handle), nil
}

// Pages answers all pages in the order of their handles.
func (r queryResolver) Pages(ctx context.Context, first *int, after *string, last *int, before *string) (*generated.PageConnection, error) {
	nodes, cursors, info, err := slice(r.edition(ctx).Pages, func(p *library.Page) string { return p.ID }, first, last, after, before)
	if err != nil {
		return nil, err
	}
	c := &generated.PageConnection{Nodes: nodes, PageInfo: info, Edges: []*generated.PageEdge{}}
	for i, n := range nodes {
		c.Edges = append(c.Edges, &generated.PageEdge{Cursor: cursors[i], Node: n})
	}
	return c, nil
}

// Menu answers a menu.
func (r queryResolver) Menu(ctx context.Context, handle string) (*library.Menu, error) {
	return r.edition(ctx).Menu(handle), nil
}

// Blog answers a blog by id, else by handle.
func (r queryResolver) Blog(ctx context.Context, id, handle *string) (*library.Blog, error) {
	return pick(r.edition(ctx), id, handle, (*library.Edition).Blog), nil
}

// Blogs answers all blogs in the order of their handles.
func (r queryResolver) Blogs(ctx context.Context, after, before *string, first, last *int) (*generated.BlogConnection, error) {
	nodes, cursors, info, err := slice(r.edition(ctx).Blogs, func(b *library.Blog) string { return b.ID }, first, last, after, before)
	if err != nil {
		return nil, err
	}
	c := &generated.BlogConnection{Nodes: nodes, PageInfo: info, Edges: []*generated.BlogEdge{}}
	for i, n := range nodes {
		c.Edges = append(c.Edges, &generated.BlogEdge{Cursor: cursors[i], Node: n})
	}
	return c, nil
}

// ArticleByHandle answers an article of the blog.
func (blogResolver) ArticleByHandle(_ context.Context, b *library.Blog, handle string) (*library.Article, error) {
	return b.Article(handle), nil
}

// Articles answers the articles of the blog, the newest first.
func (blogResolver) Articles(_ context.Context, b *library.Blog, after, before *string, first, last *int, reverse *bool) (*generated.ArticleConnection, error) {
	all := b.All
	if reverse != nil && *reverse {
		all = slices.Clone(all)
		slices.Reverse(all)
	}
	nodes, cursors, info, err := slice(all, func(a *library.Article) string { return a.ID }, first, last, after, before)
	if err != nil {
		return nil, err
	}
	c := &generated.ArticleConnection{Nodes: nodes, PageInfo: info, Edges: []*generated.ArticleEdge{}}
	for i, n := range nodes {
		c.Edges = append(c.Edges, &generated.ArticleEdge{Cursor: cursors[i], Node: n})
	}
	return c, nil
}

// pick finds an object by id where that is given, else by handle.
func pick[T any](e *library.Edition, id, handle *string, byHandle func(*library.Edition, string) *T) *T {
	switch {
	case id != nil:
		return library.ByID[T](e, *id)
	case handle != nil:
		return byHandle(e, *handle)
	default:
		return nil
	}
}
