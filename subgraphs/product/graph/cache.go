package graph

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/vektah/gqlparser/v2/ast"
)

// kept answers questions about products, variants, collections and their lists from results that were kept, and asks the
// store for what is missing. How long they are kept, on what they depend and what makes them old is said in the schema.
// Nothing personal is among them (rule A-8). All else is the store's.
type kept struct {
	product.Store
	now func() time.Time

	products        *cache.Results[none, *product.Product]
	variants        *cache.Results[none, uuid.UUID] // the product of each
	productHandles  *cache.Results[none, uuid.UUID]
	productPages    *cache.Results[product.Listing, product.Page]
	productCounts   *cache.Results[counted, int]
	productFacets   *cache.Results[product.Filters, []product.Facet]
	collections     *cache.Results[none, *product.Collection]
	handles         *cache.Results[none, uuid.UUID] // of collections
	collectionPages *cache.Results[product.Listing, product.Page]
	collectionCount *cache.Results[counted, int]
	memberships     *cache.Results[none, []uuid.UUID]
	memberPages     *cache.Results[product.Listing, product.Page]
	memberCounts    *cache.Results[counted, int]
	memberFacets    *cache.Results[product.Filters, []product.Facet]
}

type (
	none    struct{}
	counted struct {
		Filters product.Filters
		Limit   int
	}
)

// The names of the request context that results can depend on.
const (
	varyCurrency = "currency"
	varyLanguage = "language"
)

// keep returns the store with results that are kept by the directives of a schema.
func keep(c *cache.Cache, store product.Store, schema *ast.Schema, now func() time.Time) (product.Store, error) {
	b := builder{c: c, policies: cache.NewPolicies(schema, varyCurrency, varyLanguage)}
	k := &kept{Store: store, now: now}
	whole, err := b.policies.Object("Product", "ProductVariant", "ProductOption", "ProductOptionValue")
	b.note(err)
	k.products = results[none](&b, whole, (*product.Product).Link)
	variant, err := b.policies.Object("ProductVariant")
	b.note(err)
	k.variants = results[none, uuid.UUID](&b, variant, nil)
	collection, err := b.policies.Object("Collection")
	b.note(err)
	k.collections = results[none, *product.Collection](&b, collection, nil)

	k.productHandles = results[none, uuid.UUID](&b, b.field("Query", "product"), nil)
	k.productPages = results[product.Listing, product.Page](&b, b.field("Query", "products"), nil)
	k.productCounts = results[counted, int](&b, b.field("Query", "products"), nil)
	k.productFacets = results[product.Filters, []product.Facet](&b, b.field("Query", "products"), nil)
	k.handles = results[none, uuid.UUID](&b, b.field("Query", "collection"), nil)
	k.collectionPages = results[product.Listing, product.Page](&b, b.field("Query", "collections"), nil)
	k.collectionCount = results[counted, int](&b, b.field("Query", "collections"), nil)
	k.memberships = results[none, []uuid.UUID](&b, b.field("Product", "collections"), nil)
	k.memberPages = results[product.Listing, product.Page](&b, b.field("Collection", "products"), nil)
	k.memberCounts = results[counted, int](&b, b.field("Collection", "products"), nil)
	k.memberFacets = results[product.Filters, []product.Facet](&b, b.field("Collection", "products"), nil)
	if b.err != nil {
		return nil, fmt.Errorf("keep results: %w", b.err)
	}
	return k, nil
}

// builder makes results until one cannot be made.
type builder struct {
	c        *cache.Cache
	policies cache.Policies
	err      error
}

func (b *builder) note(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) field(typeName, field string) cache.Policy {
	p, err := b.policies.Field(typeName, field)
	b.note(err)
	return p
}

func results[A, V any](b *builder, p cache.Policy, complete func(V)) *cache.Results[A, V] {
	r, err := cache.NewResults[A](b.c, p, complete)
	b.note(err)
	return r
}

// request says on what results depend that are of a catalogue.
func (k *kept) request(view product.View) cache.Request {
	return cache.Request{
		At: view.At, Context: map[string]string{varyCurrency: view.Currency, varyLanguage: strings.Join(view.Languages, ",")},
		Until: func(ctx context.Context) (time.Time, error) { return k.Store.NextChange(ctx, view) },
	}
}

// timeless says on what results depend that are of no catalogue.
func (k *kept) timeless() cache.Request { return cache.Request{At: k.now()} }

// byKey gets results by keys, which are those of objects of a type; "" for lists that belong to none.
func byKey[A, V any](ctx context.Context, r *cache.Results[A, V], q cache.Request, args A, typeName string, keys []uuid.UUID, load func(context.Context, []uuid.UUID) (map[uuid.UUID]V, error)) (map[uuid.UUID]V, error) {
	ids := make([]string, len(keys))
	byID := make(map[string]uuid.UUID, len(keys))
	for i, key := range keys {
		ids[i] = gid.Format(typeName, key)
		byID[ids[i]] = key
	}
	found, err := r.Get(ctx, q, args, ids, func(ctx context.Context, ids []string) (map[string]V, error) {
		asked := make([]uuid.UUID, len(ids))
		for i, id := range ids {
			asked[i] = byID[id]
		}
		loaded, err := load(ctx, asked)
		named := make(map[string]V, len(loaded))
		for key, v := range loaded {
			named[gid.Format(typeName, key)] = v
		}
		return named, err
	})
	if err != nil {
		return nil, err
	}
	named := make(map[uuid.UUID]V, len(found))
	for id, v := range found {
		named[byID[id]] = v
	}
	return named, nil
}

// theOne gets a result of which there is one.
func theOne[A, V any](ctx context.Context, r *cache.Results[A, V], q cache.Request, args A, load func(context.Context) (V, error)) (V, error) {
	found, err := r.Get(ctx, q, args, []string{""}, func(ctx context.Context, _ []string) (map[string]V, error) {
		v, err := load(ctx)
		return map[string]V{"": v}, err
	})
	return found[""], err
}

func (k *kept) Products(ctx context.Context, view product.View, keys []uuid.UUID) (map[uuid.UUID]*product.Product, error) {
	return byKey(ctx, k.products, k.request(view), none{}, "Product", keys, func(ctx context.Context, keys []uuid.UUID) (map[uuid.UUID]*product.Product, error) {
		return k.Store.Products(ctx, view, keys)
	})
}

// Variants finds variants in their products, so that what makes a product old is enough.
func (k *kept) Variants(ctx context.Context, view product.View, keys []uuid.UUID) (map[uuid.UUID]*product.Variant, error) {
	of, err := byKey(ctx, k.variants, k.request(view), none{}, "ProductVariant", keys, k.Store.ProductsOf)
	if err != nil {
		return nil, err
	}
	products, err := k.Products(ctx, view, slices.Collect(maps.Values(of)))
	if err != nil {
		return nil, err
	}
	found := make(map[uuid.UUID]*product.Variant, len(keys))
	for _, p := range products {
		for _, v := range p.Variants {
			if _, asked := of[v.Key]; asked {
				found[v.Key] = v
			}
		}
	}
	return found, nil
}

func (k *kept) ProductKeys(ctx context.Context, handles []string) (map[string]uuid.UUID, error) {
	return k.productHandles.Get(ctx, k.timeless(), none{}, handles, k.Store.ProductKeys)
}
