package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/launch"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs"
)

// loadDemo puts the demonstration catalogue into the database of product as the setting says, before the services start.
// Where it is in the shop, the shop also sells in its currencies and speaks its languages.
func loadDemo(ctx context.Context, c *config.Serve, product launch.Access, log *slog.Logger) (err error) {
	if os.Getenv("SOUK_ENV") == "production" {
		if c.Demo == "on" {
			return errors.New("SOUK_DEMO is refused where SOUK_ENV is production")
		}
		return nil
	}
	if c.Demo == "off" {
		return nil
	}
	if product.OwnerURL != "" {
		if err := migrateProduct(ctx, product.OwnerURL); err != nil {
			return err
		}
	}
	db, err := database.Open(ctx, product.ServiceURL, 2, c.Wait)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	started := time.Now()
	loaded, err := subgraphs.LoadDemo(ctx, db, subgraph.Env{MediaDir: mediaDir(c.Shop, c.State), Now: time.Now}, c.Demo == "auto")
	if err != nil {
		return err
	}
	if loaded.Made > 0 {
		log.Info("demonstration catalogue loaded", "products", loaded.Made, "ms", time.Since(started).Milliseconds())
	}
	c.Currencies, c.Languages = append(c.Currencies, loaded.Currencies...), append(c.Languages, loaded.Languages...)
	return nil
}

// loadDemoInto is loadDemo for services of this process: only where the setting says on.
func loadDemoInto(ctx context.Context, c *config.Serve, names []string, secrets config.Secrets, log *slog.Logger) error {
	if c.Demo != "on" || !slices.Contains(names, "product") {
		return nil
	}
	owner, err := c.Secret(config.OwnerDatabaseURL("product"))
	if err != nil {
		return err
	}
	return loadDemo(ctx, c, launch.Access{ServiceURL: secrets[config.ServiceDatabaseURL("product")], OwnerURL: owner}, log)
}
