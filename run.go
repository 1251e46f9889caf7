package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/run"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/schema"
)

// runShop runs everything in this process: the servers that the services need, the services, and the router.
func runShop(ctx context.Context, c *config.Serve, log *slog.Logger) (err error) {
	if err := checkCurrency(c.Shop); err != nil { // Before servers are started for nothing.
		return err
	}
	l, err := listen("router", c.Listen)
	if err != nil {
		return err
	}
	s, err := launchServers(ctx, c.State, true, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	g := run.Group{Grace: stopTimeout, Wait: c.StopsAfter(), Log: log}
	s.add(&g, log)
	if c.FakepayURL, err = openFakepay(ctx, c, s.access[fakepayName], &g, log); err != nil {
		return errors.Join(err, s.stop(), l.Close())
	}
	address := "http://" + l.Addr().String()
	beside, err := startBeside(c.Programs(), address+"/graphql", c.StateDir, log)
	defer func() { err = errors.Join(err, beside.stop()) }() // Where the rest of the shop does not start.
	if err != nil {
		return errors.Join(err, s.stop(), l.Close())
	}
	beside.add(&g)
	if err := loadDemo(ctx, c, s.access["product"], log); err != nil {
		return errors.Join(err, s.stop(), l.Close())
	}
	o := newObserver(c.Log, log)
	services, graph, err := openShop(ctx, c, s, address, o, log)
	if err != nil {
		return errors.Join(err, s.stop(), l.Close())
	}
	g.Add("services", keepServices(services))
	admin, err := addAdmin(&g, c.AdminListen, true, services, log, o.collectors()...)
	if err != nil {
		return errors.Join(err, closeServices(services), s.stop(), l.Close())
	}
	if len(c.Subgraphs) > 0 {
		g.Add("graph", graph.Run)
	}
	mux, err := routes(graph, true, operations)
	if err != nil {
		return errors.Join(err, closeServices(services), s.stop(), l.Close())
	}
	mux.Handle("/media/", services["product"].Handler)
	g.Add("router", serve(l, mux, log))
	g.Add("greeting", func(ctx context.Context) error {
		if awaitReady(ctx, services) {
			greet(c, address, admin, s.postgres.Source)
		}
		return nil
	})
	return g.Run(ctx)
}

// awaitReady waits until all services have read what the others told, and tells whether they have.
func awaitReady(ctx context.Context, services map[string]*subgraph.Service) bool {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for _, s := range services {
		for s.Unready(ctx) != "" {
			select {
			case <-ctx.Done():
				return false
			case <-tick.C:
			}
		}
	}
	return true
}

// greet says where everything is.
func greet(c *config.Serve, address, admin, data string) {
	fmt.Printf("\nSouk is running.\n\n")
	if c.Storefront != "" {
		fmt.Printf("  storefront %s\n", c.StorefrontURL)
	}
	fmt.Printf("  graph      %s/graphql\n  editor     %s/\n  pictures   %s/media/\n", address, address, address)
	if admin != "" {
		fmt.Printf("  metrics    %s/metrics\n", admin)
	}
	fmt.Printf("\nCtrl-C stops it; the data stay in %s.\n\n", data)
}

// openShop opens all services and makes the graph.
func openShop(ctx context.Context, c *config.Serve, s *servers, address string, o *observer, log *slog.Logger) (map[string]*subgraph.Service, *liveRouter, error) {
	env, err := newEnv(c.Shop, cmp.Or(c.MediaURL, address+"/media"), mediaDir(c.Shop, c.State), s.secrets)
	if err != nil {
		return nil, nil, err
	}
	env.Process = processAt(address)
	configs := map[string]subgraph.Config{}
	for _, name := range schema.Subgraphs {
		configs[name] = subgraph.Config{
			DatabaseURL: s.access[name].ServiceURL, OwnerURL: s.access[name].OwnerURL, Connections: connectionsShared,
			RedisURL: s.redis.URL, Cache: c.Cache == "on", Wait: c.Wait, Debug: true, Log: log, Env: env,
		}
	}
	services, err := openServices(ctx, configs, env.Calls)
	if err != nil {
		return nil, nil, err
	}
	graph, err := newGraph(ctx, graphConfig{
		local: local(services), remote: c.Subgraphs, files: c.Schemas, stateDir: c.StateDir, wait: c.Wait, dev: true, open: true, share: fetch.Sharing(c.Share), ids: c.IDPattern, env: env, log: log, observer: o,
	})
	if err != nil {
		return nil, nil, errors.Join(err, closeServices(services))
	}
	return services, graph, nil
}

// local returns how the router asks services of this process.
func local(services map[string]*subgraph.Service) map[string]http.Handler {
	h := map[string]http.Handler{}
	for name, s := range services {
		h[name] = s.Local
	}
	return h
}

// runServices runs the named services in this process, each with the credentials that the environment has for it.
func runServices(ctx context.Context, c *config.Serve, log *slog.Logger) error {
	listeners, err := listenAll(c)
	if err != nil {
		return err
	}
	g := run.Group{Grace: stopTimeout, Wait: c.StopsAfter(), Log: log}
	services, err := addServices(ctx, c, listeners, &g, log)
	if err != nil {
		return errors.Join(err, closeServices(services), closeAll(listeners))
	}
	for _, name := range c.Services {
		announce(&g, name, "http://"+listeners[name].Addr().String()+"/graphql")
	}
	return g.Run(ctx)
}

// announce says where something answers, when the process can be told to stop without losing a request.
func announce(g *run.Group, name, address string) {
	g.Add("announcement of "+name, func(context.Context) error {
		fmt.Printf("%s answers at %s\n", name, address)
		return nil
	})
}

// addServices opens the services and adds them and, last, the router to the group.
func addServices(ctx context.Context, c *config.Serve, listeners map[string]net.Listener, g *run.Group, log *slog.Logger) (map[string]*subgraph.Service, error) {
	names := slices.DeleteFunc(slices.Clone(c.Services), func(name string) bool { return name == "router" })
	secrets, err := c.Environment(needed(names)...)
	if err != nil {
		return nil, err
	}
	if err := loadDemoInto(ctx, c, names, secrets, log); err != nil {
		return nil, err
	}
	env, err := newEnv(c.Shop, mediaURL(c, listeners), mediaDir(c.Shop, c.State), secrets)
	if err != nil {
		return nil, err
	}
	env.Process = processAt(listeners[c.Services[0]].Addr().String())
	configs := map[string]subgraph.Config{}
	for _, name := range names {
		owner, err := c.Secret(config.OwnerDatabaseURL(name))
		if err != nil {
			return nil, err
		}
		configs[name] = subgraph.Config{
			DatabaseURL: secrets[config.ServiceDatabaseURL(name)], OwnerURL: owner,
			Connections: connectionsOwn, RedisURL: secrets[config.RedisURL], Cache: c.Cache == "on", Wait: c.Wait, Debug: c.Dev, Log: log, Env: env,
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Subgraphs)) {
		if err := env.Calls.AddURL(name, c.Subgraphs[name]); err != nil {
			return nil, err
		}
	}
	services, err := openServices(ctx, configs, env.Calls)
	if err != nil {
		return nil, err
	}
	g.Add("services", keepServices(services))
	o := newObserver(c.Log, log)
	if _, err := addAdmin(g, c.AdminListen, false, services, log, o.collectors()...); err != nil {
		return services, err
	}
	for _, name := range names {
		g.Add(name, serve(listeners[name], services[name].Handler, log))
	}
	if l := listeners["router"]; l != nil {
		graph, err := newGraph(ctx, graphConfig{
			local: local(services), remote: c.Subgraphs, files: c.Schemas, stateDir: c.StateDir, wait: c.Wait, dev: c.Dev, open: c.Introspects(), share: fetch.Sharing(c.Share), ids: c.IDPattern, env: env, log: log, observer: o,
		})
		if err != nil {
			return services, err
		}
		g.Add("graph", graph.Run)
		mux, err := routes(graph, c.Introspects(), operations)
		if err != nil {
			return services, err
		}
		g.Add("router", serve(l, mux, log))
	}
	return services, nil
}

// needed names the variables that the services need, and no others.
func needed(names []string) []string {
	variables := []string{config.RouterSecret}
	for _, name := range names {
		variables = append(variables, config.ServiceDatabaseURL(name))
	}
	if len(names) > 0 {
		variables = append(variables, config.RedisURL)
	}
	if slices.Contains(names, "cart") || slices.Contains(names, "checkout") {
		variables = append(variables, config.CartKeys)
	}
	if slices.Contains(names, "customer") {
		return append(variables, config.TokenKey)
	}
	return append(variables, config.TokenPublicKey)
}

// mediaURL is where pictures are, by default where product answers: in this process or elsewhere.
func mediaURL(c *config.Serve, listeners map[string]net.Listener) string {
	if c.MediaURL != "" {
		return c.MediaURL
	}
	if l := listeners["product"]; l != nil {
		return "http://" + l.Addr().String() + "/media"
	}
	product, err := url.Parse(c.Subgraphs["product"])
	if err != nil || product.Host == "" {
		return ""
	}
	return product.Scheme + "://" + product.Host + "/media"
}

func listenAll(c *config.Serve) (map[string]net.Listener, error) {
	listeners := map[string]net.Listener{}
	for _, name := range c.Services {
		address := c.Listen
		if name != "router" {
			address = cmp.Or(c.Service(name).Listen, defaultListen[name])
		}
		l, err := listen(name, address)
		if err != nil {
			return nil, errors.Join(err, closeAll(listeners))
		}
		listeners[name] = l
	}
	return listeners, nil
}

func closeAll(listeners map[string]net.Listener) error {
	var err error
	for _, l := range listeners {
		if e := l.Close(); !errors.Is(e, net.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	return err
}
