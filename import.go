package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs"
	"golang.org/x/term"
)

// importFile loads a file into the shop of SOUK_PRODUCT_DATABASE_URL, else into the shop of the state folder: the one that
// runs now, or that ran last.
func importFile(ctx context.Context, c *config.Import, log *slog.Logger) (err error) {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	address, stop, err := productDatabase(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	db, err := database.Open(ctx, address, 2, openWait)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	collections := c.Collections
	if collections == "none" {
		collections = ""
	}
	env := subgraph.Env{Currency: c.Currency, MediaDir: mediaDir(c.Shop, c.State), Now: time.Now}
	report, err := subgraphs.ImportShopify(ctx, db, env, file, filepath.Dir(c.File), collections, progress())
	var wrong *subgraphs.ImportFileError
	if errors.As(err, &wrong) {
		return fmt.Errorf("nothing was imported, as %s has errors:\n%w", filepath.Base(c.File), wrong)
	}
	if err != nil {
		return err
	}
	fmt.Printf("%d products created, %d updated, %d unchanged; %d variants, %d new collections, %d new pictures\n",
		report.Created, report.Updated, report.Unchanged, report.Variants, report.Collections, report.Pictures)
	if report.Unpriced > 0 {
		fmt.Printf("not for sale, as the file has no price for them: %d variants\n", report.Unpriced)
	}
	return nil
}

const openWait = 15 * time.Second

// productDatabase finds the database of product, and returns what ends the server that was started for the import.
func productDatabase(ctx context.Context, c *config.Import, log *slog.Logger) (address string, stop func() error, err error) {
	access, stop, err := findDatabases(ctx, c.State, []string{"product"}, log)
	if err != nil {
		return "", nil, err
	}
	product := access["product"]
	if product.OwnerURL != "" {
		if err := migrateProduct(ctx, product.OwnerURL); err != nil {
			return "", nil, errors.Join(err, stop())
		}
	}
	return product.ServiceURL, stop, nil
}

// migrateProduct lets an import come before the shop has opened the service for the first time.
func migrateProduct(ctx context.Context, address string) (err error) {
	owner, err := database.Open(ctx, address, 2, openWait)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, owner.Close()) }()
	return subgraphs.MigrateProduct(ctx, owner)
}

// progress shows a bar where a person watches; elsewhere it is nil.
func progress() func(done, total int) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("products"),
				progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set(done) // A terminal that cannot draw does not stop an import.
	}
}
