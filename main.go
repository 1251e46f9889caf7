// Command souk runs a shop: four services that own their data, and the router that makes one graph of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/soukhq/souk/internal/config"
)

func main() {
	err := souk(os.Args[1:])
	var child *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &child):
		os.Exit(max(child.ExitCode(), 1))
	default:
		fmt.Fprintln(os.Stderr, "souk:", err)
		os.Exit(1)
	}
}

// souk carries out one command line.
func souk(args []string) error {
	command, done, err := config.Parse(args, os.Stdout)
	if err != nil || done {
		return err
	}
	switch c := command.(type) {
	case *config.Serve:
		switch {
		case len(c.Services) == 0:
			return runShop(context.Background(), c, logger(c.Log))
		case c.Supergraph != "":
			return runSupergraph(context.Background(), c, logger(c.Log))
		}
		return runServices(context.Background(), c, logger(c.Log))
	case *config.Compose:
		return composeFiles(context.Background(), c)
	case *config.Plan:
		return showPlan(context.Background(), c)
	case *config.Servers:
		return runServers(context.Background(), c, logger(c.Log))
	case *config.Fakepay:
		return runFakepay(context.Background(), c, logger(c.Log))
	case *config.Import:
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		return importFile(ctx, c, logger(c.Log))
	case *config.AdminToken:
		return makeAdminToken(c)
	case *config.Events:
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		return tendEvents(ctx, c, logger(c.Log))
	case *config.Databases:
		return makeDatabases(context.Background(), c, logger(c.Log))
	case *config.Health:
		return askHealth(context.Background(), c)
	case interface{ Run(io.Writer) error }:
		return c.Run(os.Stdout)
	case *config.WithServers:
		return withServers(context.Background(), c)
	default:
		return fmt.Errorf("command %T has nobody who runs it", c)
	}
}

// logger writes messages to standard error.
func logger(c config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // The command line allows nothing else than levels.
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(withRequest{slog.NewJSONHandler(os.Stderr, options)})
	}
	return slog.New(withRequest{slog.NewTextHandler(os.Stderr, options)})
}
