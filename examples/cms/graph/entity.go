package graph

import (
	"context"

	"github.com/soukhq/souk/examples/cms/graph/generated"
	"github.com/soukhq/souk/examples/cms/library"
)

// FindManyArticleByIDs answers articles in the order of their representations, as all resolvers of entities do; a null
// stands for what is not there.
func (r entityResolver) FindManyArticleByIDs(ctx context.Context, reps []*generated.ArticleByIDsInput) ([]*library.Article, error) {
	return each(reps, func(rep *generated.ArticleByIDsInput) *library.Article {
		return library.ByID[library.Article](r.edition(ctx), rep.ID)
	}), nil
}

// FindManyBlogByIDs answers blogs.
func (r entityResolver) FindManyBlogByIDs(ctx context.Context, reps []*generated.BlogByIDsInput) ([]*library.Blog, error) {
	return each(reps, func(rep *generated.BlogByIDsInput) *library.Blog {
		return library.ByID[library.Blog](r.edition(ctx), rep.ID)
	}), nil
}

// FindManyMenuByIDs answers menus.
func (r entityResolver) FindManyMenuByIDs(ctx context.Context, reps []*generated.MenuByIDsInput) ([]*library.Menu, error) {
	return each(reps, func(rep *generated.MenuByIDsInput) *library.Menu {
		return library.ByID[library.Menu](r.edition(ctx), rep.ID)
	}), nil
}

// FindManyPageByIDs answers pages.
func (r entityResolver) FindManyPageByIDs(ctx context.Context, reps []*generated.PageByIDsInput) ([]*library.Page, error) {
	return each(reps, func(rep *generated.PageByIDsInput) *library.Page {
		return library.ByID[library.Page](r.edition(ctx), rep.ID)
	}), nil
}

// FindManyShopByIDs answers what is added to the shop.
func (r entityResolver) FindManyShopByIDs(ctx context.Context, reps []*generated.ShopByIDsInput) ([]*library.Shop, error) {
	return each(reps, func(rep *generated.ShopByIDsInput) *library.Shop { return r.edition(ctx).Shop(rep.ID) }), nil
}

// FindManyShopPolicyByIDs answers policies.
func (r entityResolver) FindManyShopPolicyByIDs(ctx context.Context, reps []*generated.ShopPolicyByIDsInput) ([]*library.ShopPolicy, error) {
	return each(reps, func(rep *generated.ShopPolicyByIDsInput) *library.ShopPolicy {
		return library.ByID[library.ShopPolicy](r.edition(ctx), rep.ID)
	}), nil
}

func each[R, T any](reps []R, find func(R) *T) []*T {
	list := make([]*T, len(reps))
	for i, rep := range reps {
		list[i] = find(rep)
	}
	return list
}
