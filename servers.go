package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/launch"
	"github.com/soukhq/souk/internal/run"
	"github.com/soukhq/souk/schema"
)

// servers are the PostgreSQL and the Redis of a development machine, and what is kept beside them.
type servers struct {
	postgres, redis *launch.Server
	access          map[string]launch.Access // by service
	secrets         config.Secrets
}

// launchServers makes sure that both servers are there, with a database for each service.
func launchServers(ctx context.Context, state config.State, oneProcess bool, log *slog.Logger) (*servers, error) {
	o := options(state, log)
	s := new(servers)
	var err error
	if o.URL, err = state.Secret(config.DatabaseURL); err != nil {
		return nil, err
	}
	if s.postgres, err = launch.Postgres(ctx, o); err != nil {
		return nil, err
	}
	o.OneProcess = oneProcess
	if o.URL, err = state.Secret(config.RedisURL); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	if s.redis, err = launch.Redis(ctx, o); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	if s.access, err = launch.Databases(ctx, s.postgres.URL, append(slices.Clone(schema.Subgraphs), fakepayName), state.StateDir); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	if s.secrets, err = config.Kept(state.StateDir); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	log.Info("servers ready", "postgresql", s.postgres.Source, "redis", s.redis.Source)
	return s, nil
}

func options(state config.State, log *slog.Logger) launch.Options {
	return launch.Options{StateDir: state.StateDir, Bin: state.PGBin, Install: state.Install, Ask: launch.AskOn(os.Stdin, os.Stderr), Log: log}
}

// add lets the servers live and end with the group. The group goes on without its Redis where that ends by itself: then the
// shop is slower, not down (rule E-10).
func (s *servers) add(g *run.Group, log *slog.Logger) {
	g.Add("postgresql", s.postgres.Run)
	g.Add("redis", func(ctx context.Context) error {
		err := s.redis.Run(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		log.Error("redis ended: the shop goes on without it until it is started again", "error", err)
		<-ctx.Done()
		return nil
	})
}

func (s *servers) stop() error {
	var err error
	if s.redis != nil {
		err = s.redis.Stop()
	}
	return errors.Join(err, s.postgres.Stop())
}

// runServers runs the servers alone and writes a file of variables for each service, with its own credentials only.
func runServers(ctx context.Context, c *config.Servers, log *slog.Logger) error {
	if err := checkCurrency(c.Shop); err != nil {
		return err
	}
	s, err := launchServers(ctx, c.State, false, log)
	if err != nil {
		return err
	}
	dir, err := s.writeEnvironments(c)
	if err != nil {
		return errors.Join(err, s.stop())
	}
	fmt.Printf("What each service needs to know is in %s. In another terminal, for each service:\n\n", dir)
	for _, name := range config.Services {
		fmt.Printf("  env $(cat %s) souk %s\n", filepath.Join(dir, name+".env"), name)
	}
	fmt.Printf("  env $(cat %s) souk fakepay\n", filepath.Join(dir, fakepayName+".env"))
	fmt.Println("\nCtrl-C stops the servers; the data stay.")
	g := run.Group{Log: log}
	s.add(&g, log)
	return g.Run(ctx)
}

func (s *servers) writeEnvironments(c *config.Servers) (dir string, err error) {
	dir = filepath.Join(c.StateDir, "env")
	issuer, err := identity.NewIssuer(s.secrets[config.TokenKey])
	if err != nil {
		return "", err
	}
	all := maps.Clone(s.secrets)
	all[config.TokenPublicKey], all[config.RedisURL] = issuer.Public(), s.redis.URL
	var addresses []string
	for _, name := range schema.Subgraphs {
		addresses = append(addresses, name+"=http://"+defaultListen[name]+"/graphql")
		all[config.ServiceDatabaseURL(name)] = s.access[name].ServiceURL
	}
	for _, name := range config.Services {
		values := map[string]string{"SOUK_SUBGRAPHS": strings.Join(without(addresses, name+"="), ","), "SOUK_DEV": "true"}
		for _, variable := range needed(without([]string{name}, "router")) {
			values[variable] = all[variable]
		}
		if name != "router" {
			values["SOUK_CURRENCY"], values["SOUK_LANGUAGE"], values["SOUK_COUNTRY"] = c.Currency, c.Language, c.Country
			for variable, more := range map[string][]string{"SOUK_CURRENCIES": c.Currencies, "SOUK_LANGUAGES": c.Languages} {
				if len(more) > 0 {
					values[variable] = strings.Join(more, ",")
				}
			}
			values[config.OwnerDatabaseURL(name)] = s.access[name].OwnerURL
		}
		if name == "checkout" {
			values["SOUK_FAKEPAY_URL"] = cmp.Or(c.FakepayURL, "http://"+defaultFakepay)
		}
		if name == "product" {
			values["SOUK_MEDIA_DIR"] = mediaDir(c.Shop, c.State)
		}
		if c.MediaURL != "" {
			values["SOUK_MEDIA_URL"] = c.MediaURL
		}
		if err := config.WriteEnv(filepath.Join(dir, name+".env"), values); err != nil {
			return "", err
		}
	}
	return dir, config.WriteEnv(filepath.Join(dir, fakepayName+".env"), map[string]string{
		config.ServiceDatabaseURL(fakepayName): s.access[fakepayName].ServiceURL, config.OwnerDatabaseURL(fakepayName): s.access[fakepayName].OwnerURL,
	})
}

func without(list []string, prefix string) []string {
	var rest []string
	for _, s := range list {
		if !strings.HasPrefix(s, prefix) {
			rest = append(rest, s)
		}
	}
	return rest
}

// withServers runs a command while throw-away servers for tests are there, and ends as the command does.
func withServers(ctx context.Context, c *config.WithServers) (err error) {
	variables, stop, err := launch.ForTests(ctx, launch.Options{Install: c.Install, Ask: launch.AskOn(os.Stdin, os.Stderr)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	command := exec.CommandContext(ctx, c.Command[0], c.Command[1:]...)
	command.Env = append(os.Environ(), variables...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	return command.Run()
}
