package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/fakepay"
	"github.com/soukhq/souk/internal/launch"
	"github.com/soukhq/souk/internal/run"
)

// fakepayName is that of the payment gateway for tests and demonstrations, of its database and of its file of variables.
const fakepayName = "fakepay"

// defaultFakepay is where the gateway answers when it runs in a process of its own.
const defaultFakepay = "127.0.0.1:4005"

// runFakepay runs the gateway in a process of its own.
func runFakepay(ctx context.Context, c *config.Fakepay, log *slog.Logger) error {
	l, err := listen(fakepayName, c.Listen)
	if err != nil {
		return err
	}
	secrets, err := c.Environment(config.ServiceDatabaseURL(fakepayName))
	if err != nil {
		return errors.Join(err, l.Close())
	}
	owner, err := c.Secret(config.OwnerDatabaseURL(fakepayName))
	if err != nil {
		return errors.Join(err, l.Close())
	}
	gateway, err := fakepay.Open(ctx, secrets[config.ServiceDatabaseURL(fakepayName)], owner, connectionsShared, c.Wait)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	g := run.Group{Log: log}
	addFakepay(&g, gateway, l, log)
	announce(&g, fakepayName, "http://"+l.Addr().String())
	return g.Run(ctx)
}

// openFakepay opens the gateway for a shop in this process, unless it has one elsewhere or sells in earnest. It returns where
// it answers.
func openFakepay(ctx context.Context, c *config.Serve, access launch.Access, g *run.Group, log *slog.Logger) (string, error) {
	if c.FakepayURL != "" || os.Getenv("SOUK_ENV") == "production" {
		return c.FakepayURL, nil
	}
	l, err := listen(fakepayName, "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	gateway, err := fakepay.Open(ctx, access.ServiceURL, access.OwnerURL, connectionsShared, c.Wait)
	if err != nil {
		return "", errors.Join(fmt.Errorf("fakepay: %w", err), l.Close())
	}
	addFakepay(g, gateway, l, log)
	return "http://" + l.Addr().String(), nil
}

func addFakepay(g *run.Group, gateway *fakepay.Server, l net.Listener, log *slog.Logger) {
	g.Add("store of fakepay", func(ctx context.Context) error { <-ctx.Done(); return gateway.Close() })
	g.Add(fakepayName, serve(l, gateway.Handler(), log))
}
