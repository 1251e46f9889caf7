package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/launch"
	"github.com/soukhq/souk/schema"
)

// findDatabases finds the databases of services for a command beside the running shop: those that the environment names,
// which have no owner, else all of the shop in the state folder. stop ends the server that was started for that.
func findDatabases(ctx context.Context, state config.State, names []string, log *slog.Logger) (access map[string]launch.Access, stop func() error, err error) {
	access = map[string]launch.Access{}
	for _, name := range names {
		address, err := state.Secret(config.ServiceDatabaseURL(name))
		if err != nil {
			return nil, nil, err
		}
		if address != "" {
			access[name] = launch.Access{ServiceURL: address}
		}
	}
	if len(access) > 0 {
		return access, func() error { return nil }, nil
	}
	if _, err := os.Stat(state.StateDir); err != nil {
		return nil, nil, fmt.Errorf("there is no shop in %s: start one with `souk`, or set %s", state.StateDir, config.ServiceDatabaseURL(names[0]))
	}
	o := options(state, log)
	o.Join = true
	if o.URL, err = state.Secret(config.DatabaseURL); err != nil {
		return nil, nil, err
	}
	server, err := launch.Postgres(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	if access, err = launch.Databases(ctx, server.URL, schema.Subgraphs, state.StateDir); err != nil {
		return nil, nil, errors.Join(err, server.Stop())
	}
	return access, server.Stop, nil
}
