package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/money"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs"
	"golang.org/x/sync/errgroup"
)

// defaultListen is where a service answers when it runs in a process of its own.
var defaultListen = map[string]string{
	"product": "127.0.0.1:4001", "cart": "127.0.0.1:4002", "checkout": "127.0.0.1:4003", "customer": "127.0.0.1:4004",
}

const (
	connectionsShared  = 10 // of a service to its database where all run in one process
	connectionsOwn     = 20 // of a service that has a process of its own
	readHeaderTimeout  = 5 * time.Second
	readTimeout        = 30 * time.Second // of a whole request: a slow body does not hold a connection
	idleTimeout        = 60 * time.Second
	shutdownTimeout    = 25 * time.Second // for running requests
	stopTimeout        = 30 * time.Second // for all parts of the process
	maximumHeaderBytes = 64 << 10
	shortestSecret     = 16 // characters
)

// processAt names this process: no other one of this machine answers at the same address.
func processAt(address string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return host + " " + address
}

// newEnv makes what the shop tells its services out of its secrets; only those that are there.
func newEnv(shop config.Shop, mediaURL, mediaDir string, secrets config.Secrets) (subgraph.Env, error) {
	if err := checkCurrency(shop); err != nil {
		return subgraph.Env{}, err
	}
	signer, err := newSigner(secrets[config.RouterSecret])
	if err != nil {
		return subgraph.Env{}, err
	}
	switch production := os.Getenv("SOUK_ENV") == "production"; {
	case production && shop.TestMode:
		return subgraph.Env{}, errors.New("SOUK_TEST_MODE is refused where SOUK_ENV is production")
	case production && shop.FakepayURL != "":
		return subgraph.Env{}, errors.New("SOUK_FAKEPAY_URL is refused where SOUK_ENV is production: it pays with play money")
	}
	env := subgraph.Env{
		FakepayURL: shop.FakepayURL, TestMode: shop.TestMode,
		Calls: call.NewDirectory(signer), Signer: signer, Currency: shop.Currency, MoreCurrencies: shop.Currencies, Country: shop.Country,
		Language: shop.Language, MoreLanguages: shop.Languages,
		MediaURL: mediaURL, MediaDir: mediaDir, ShopName: shop.Name, StorefrontURL: shop.StorefrontURL, Now: time.Now,
	}
	if key := secrets[config.TokenKey]; key != "" {
		if env.Issuer, err = identity.NewIssuer(key); err != nil {
			return env, fmt.Errorf("%s: %w", config.TokenKey, err)
		}
	}
	public := secrets[config.TokenPublicKey]
	if public == "" && env.Issuer != nil {
		public = env.Issuer.Public()
	}
	if env.Tokens, err = identity.NewVerifier(public); err != nil {
		return env, fmt.Errorf("%s: %w", config.TokenPublicKey, err)
	}
	if keys := secrets[config.CartKeys]; keys != "" {
		if env.CartKeys, err = cartkey.ParseRing(keys); err != nil {
			return env, fmt.Errorf("%s: %w", config.CartKeys, err)
		}
	}
	return env, nil
}

// newSigner makes the signer of requests between the parts of the shop. Who guesses its secret may be any customer.
func newSigner(secret string) (*identity.Signer, error) {
	if len(secret) < shortestSecret {
		return nil, fmt.Errorf("%s is shorter than %d characters", config.RouterSecret, shortestSecret)
	}
	return &identity.Signer{Secret: []byte(secret)}, nil
}

func checkCurrency(shop config.Shop) error {
	for _, currency := range append([]string{shop.Currency}, shop.Currencies...) {
		if _, err := money.Exponent(currency); err != nil {
			return fmt.Errorf("currency %q: %w", currency, err)
		}
	}
	return nil
}

// openServices opens services side by side and makes them known to each other.
func openServices(ctx context.Context, configs map[string]subgraph.Config, calls *call.Directory) (map[string]*subgraph.Service, error) {
	type opened struct {
		name    string
		service *subgraph.Service
	}
	results := make(chan opened, len(configs))
	group, ctx := errgroup.WithContext(ctx)
	for name, c := range configs {
		group.Go(func() error {
			c.Name, c.Log = name, c.Log.With("service", name)
			s, err := subgraphs.All[name](ctx, c)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			results <- opened{name, s}
			return nil
		})
	}
	err := group.Wait()
	close(results)
	services := map[string]*subgraph.Service{}
	for o := range results {
		services[o.name] = o.service
		calls.AddHandler(o.name, o.service.Handler)
	}
	if err != nil {
		return nil, errors.Join(err, closeServices(services))
	}
	return services, nil
}

// keepServices runs what services do by themselves until the context ends. When all of that has ended they are closed:
// services ask each other until then.
func keepServices(services map[string]*subgraph.Service) func(context.Context) error {
	return func(ctx context.Context) error {
		var group errgroup.Group
		for _, s := range services {
			group.Go(func() error { return s.Run(ctx) })
		}
		return errors.Join(group.Wait(), closeServices(services))
	}
}

func closeServices(services map[string]*subgraph.Service) error {
	var err error
	for _, s := range services {
		err = errors.Join(err, s.Close())
	}
	return err
}

// listen takes an address, so that a taken one is known before anything else is done.
func listen(who, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s cannot listen on %s: %w; another program may use it: choose another with --%slisten", who, address, reason(err), flagPrefix(who))
	}
	return l, nil
}

func reason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

func flagPrefix(who string) string {
	if who == "router" || who == fakepayName {
		return ""
	}
	return who + "-"
}

func mediaDir(shop config.Shop, state config.State) string {
	if shop.MediaDir != "" {
		return shop.MediaDir
	}
	return filepath.Join(state.StateDir, "media")
}
