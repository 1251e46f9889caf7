package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/launch"
	"github.com/soukhq/souk/schema"
)

// makeDatabases makes the databases and roles that the addresses in the settings name, with the passwords in them, for
// services that run where nobody makes databases for them. It may be done again.
func makeDatabases(ctx context.Context, c *config.Databases, log *slog.Logger) error {
	secrets, err := c.Environment(config.DatabaseURL)
	if err != nil {
		return err
	}
	names := c.Names
	all := append(append([]string(nil), schema.Subgraphs...), fakepayName)
	if len(names) == 0 {
		names = all
	}
	access := map[string]launch.Access{}
	for _, name := range names {
		service, err := c.Secret(config.ServiceDatabaseURL(name))
		if err != nil {
			return err
		}
		owner, err := c.Secret(config.OwnerDatabaseURL(name))
		if err != nil {
			return err
		}
		switch {
		case service != "" && owner != "":
			access[name] = launch.Access{ServiceURL: service, OwnerURL: owner}
		case service != "" || owner != "" || len(c.Names) > 0:
			return fmt.Errorf("database of %s: set both %s and %s", name, config.ServiceDatabaseURL(name), config.OwnerDatabaseURL(name))
		}
	}
	if len(access) == 0 {
		return fmt.Errorf("no database is asked for: set %s and %s, and so on", config.ServiceDatabaseURL(all[0]), config.OwnerDatabaseURL(all[0]))
	}
	db, err := database.Open(ctx, secrets[config.DatabaseURL], 1, c.Wait) // Waits for the server.
	if err != nil {
		return err
	}
	if err := errors.Join(db.Close(), launch.MakeDatabases(ctx, secrets[config.DatabaseURL], access)); err != nil {
		return err
	}
	log.Info("databases ready", "count", len(access))
	return nil
}

// askHealth asks an address whether it is well, for containers in which there is nothing else that could.
func askHealth(ctx context.Context, c *config.Health) (err error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return err
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Body.Close()) }()
	why, err := io.ReadAll(io.LimitReader(w.Body, 1000))
	if err != nil {
		return err
	}
	if w.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", c.URL, w.Status, strings.TrimSpace(string(why)))
	}
	return nil
}
