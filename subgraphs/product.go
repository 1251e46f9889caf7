package subgraphs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/demo"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/graph"
	"github.com/soukhq/souk/subgraphs/product/media"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

var openProduct = subgraph.Parts[product.Store]{
	Migrations: postgres.Migrations,
	Store:      postgres.New,
	Cached:     true,
	Schema: func(s product.Store, e subgraph.Env) graphql.ExecutableSchema {
		return graph.Schema(&graph.Resolver{Shop: shopOf(e), Store: s, MediaURL: e.MediaURL, Now: e.Now, Cache: e.Cache})
	},
	Mount: func(_ product.Store, e subgraph.Env, mux *http.ServeMux) {
		mux.Handle("GET /media/{name}", media.Handler(e.MediaDir))
	},
	States: func(s product.Store, e subgraph.Env) map[string]subgraph.States {
		return map[string]subgraph.States{"Product": func(ctx context.Context, ids []string) ([]event.State, error) {
			return s.States(ctx, ids, e.Now())
		}}
	},
	Sources: func(_ *outbox.DB, e subgraph.Env) []consumer.Source {
		return []consumer.Source{{Service: "checkout", Handlers: postgres.Checkout(e.Now), Singly: true}}
	},
}.Open

// shopOf is the shop as its settings make it.
func shopOf(e subgraph.Env) product.Shop {
	shop := product.Shop{Name: e.ShopName, Storefront: e.StorefrontURL, Country: e.Country, Currencies: e.Currencies()}
	for _, language := range e.Languages() {
		shop.Languages = append(shop.Languages, product.LanguageTag(language))
	}
	return shop
}

// MigrateProduct brings the schema of the product service up to date, for an import that comes before its first start. The
// connections are those of the role that owns the schema.
func MigrateProduct(ctx context.Context, owner *database.DB) error {
	return outbox.Migrate(ctx, owner, postgres.Migrations)
}

// LoadDemo puts the demonstration catalogue into the database of the product service, which must be migrated: what is
// missing of it, or, where emptyOnly says so, all of it into a shop without any product. A second time it changes nothing. Of
// env, MediaDir and Now are used.
func LoadDemo(ctx context.Context, db *database.DB, env subgraph.Env, emptyOnly bool) (d Demo, err error) {
	if err := outbox.CheckMigrated(ctx, db, postgres.Migrations); err != nil {
		return d, err
	}
	store := postgres.New(outbox.Open(db))
	empty, err := store.Empty(ctx)
	if err == nil && (empty || !emptyOnly) {
		d.Made, err = demo.Load(ctx, store, env.MediaDir, env.Now())
	}
	if err != nil {
		return d, err
	}
	if there, err := demo.In(ctx, store); !there || err != nil {
		return d, err
	}
	d.Currencies, d.Languages = demo.Currencies[:], []string{demo.Language, demo.Translated}
	return d, nil
}

// Demo is what is there of the demonstration catalogue.
type Demo struct {
	Made                  int      // products
	Currencies, Languages []string // of the catalogue; none where it is not in the shop
}

// ImportReport is what an import did.
type ImportReport = exchange.Report

// ImportFileError is all that is wrong in a file; its text has one error a line.
type ImportFileError = exchange.FileError

// ImportShopify loads a product export in Shopify's CSV format into the database of the product service, which must be
// migrated: all of it or nothing. What is wrong in the file is an *ImportFileError. Pictures that it names by a relative
// path are read below dir, and nowhere else. collectionsFrom is "", "tags" or "types". Of env, Currency, MediaDir and Now
// are used. progress is told how many products are done; may be nil.
func ImportShopify(ctx context.Context, db *database.DB, env subgraph.Env, r io.Reader, dir, collectionsFrom string, progress func(done, total int)) (report ImportReport, err error) {
	if err := outbox.CheckMigrated(ctx, db, postgres.Migrations); err != nil {
		return ImportReport{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return ImportReport{}, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return exchange.ImportShopify(ctx, r, postgres.New(outbox.Open(db)), exchange.Options{
		Currency: env.Currency, CollectionsFrom: collectionsFrom, Files: root.FS(), MediaDir: env.MediaDir, Now: env.Now(),
	}, progress)
}
