// Package graph answers the GraphQL schema of the product service.
package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/imageurl"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/graph/generated"
)

// Resolver answers the schema.
type Resolver struct {
	Store    product.Store
	Shop     product.Shop
	MediaURL string // the address below which files of ours are served
	Now      func() time.Time
	Cache    *cache.Cache // keeps results; nil: none are kept
}

// Schema returns the schema that the resolver answers.
func Schema(r *Resolver) graphql.ExecutableSchema {
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: r})
	if r.Cache != nil {
		store, err := keep(r.Cache, r.Store, schema.Schema(), r.Now)
		if err != nil {
			panic(err) // The directives are a part of the program.
		}
		r.Store = store
	}
	return perRequest{schema}
}

type (
	collectionResolver struct{ *Resolver }
	entityResolver     struct{ *Resolver }
	imageResolver      struct{ *Resolver }
	productResolver    struct{ *Resolver }
	queryResolver      struct{ *Resolver }
)

// Collection returns the resolvers of the type Collection.
func (r *Resolver) Collection() generated.CollectionResolver { return collectionResolver{r} }

// Entity returns the resolvers of entities.
func (r *Resolver) Entity() generated.EntityResolver { return entityResolver{r} }

// Image returns the resolvers of the type Image.
func (r *Resolver) Image() generated.ImageResolver { return imageResolver{r} }

// Product returns the resolvers of the type Product.
func (r *Resolver) Product() generated.ProductResolver { return productResolver{r} }

// Query returns the resolvers of the root type.
func (r *Resolver) Query() generated.QueryResolver { return queryResolver{r} }

// URL answers where a picture is.
func (r imageResolver) URL(_ context.Context, i *product.Image) (string, error) {
	return imageurl.URL(r.MediaURL, i.Source), nil
}

// perRequest gives each request its own memory, so that it sees one moment and reads what siblings need together.
type perRequest struct{ graphql.ExecutableSchema }

// Exec begins a request.
func (s perRequest) Exec(ctx context.Context) graphql.ResponseHandler {
	answer, m := s.ExecutableSchema.Exec(ctx), newMemory()
	return func(ctx context.Context) *graphql.Response { return answer(withMemory(ctx, m)) }
}
