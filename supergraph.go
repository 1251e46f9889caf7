package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/run"
	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/plan"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/soukhq/souk/schema"
)

// runSupergraph serves a supergraph that somebody composed, with nothing but its subgraphs, and follows when the file
// changes.
func runSupergraph(ctx context.Context, c *config.Serve, log *slog.Logger) error {
	l, err := listen("router", c.Listen)
	if err != nil {
		return err
	}
	o := newObserver(c.Log, log)
	graph, err := supergraphRouter(ctx, c, o, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	g := run.Group{Grace: stopTimeout, Wait: c.StopsAfter(), Log: log}
	if _, err := addAdmin(&g, c.AdminListen, false, nil, log, o.collectors()...); err != nil {
		return errors.Join(err, l.Close())
	}
	g.Add("graph", graph.Run)
	mux, err := routes(graph, c.Introspects(), nil)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	g.Add("router", serve(l, mux, log))
	announce(&g, "router", "http://"+l.Addr().String()+"/graphql")
	return g.Run(ctx)
}

// filePoll is how often a supergraph file is read.
const filePoll = 2 * time.Second

// supergraphRouter makes the router of a file. Where the environment has the router's secret its requests are signed, and
// where it has the key of customers' tokens they are read.
func supergraphRouter(ctx context.Context, c *config.Serve, o *observer, log *slog.Logger) (*liveRouter, error) {
	secret, err := c.Secret(config.RouterSecret)
	if err != nil {
		return nil, err
	}
	public, err := c.Secret(config.TokenPublicKey)
	if err != nil {
		return nil, err
	}
	options := fetch.Options{Trace: trace}
	if secret != "" {
		signer, err := newSigner(secret)
		if err != nil {
			return nil, err
		}
		options.Sign = sign(signer)
	}
	routerOptions := router.Options{Dev: c.Dev, Introspection: c.Introspects(), Share: fetch.Sharing(c.Share), Observe: o.request, Log: log}
	if public != "" {
		tokens, err := identity.NewVerifier(public)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", config.TokenPublicKey, err)
		}
		routerOptions.Authenticate = authenticate(tokens)
	}
	f := supergraphFile{path: c.Supergraph, addresses: c.Subgraphs, options: options, observer: o, transports: map[string]fetch.Transport{}}
	l := &liveRouter{load: f.load, every: filePoll, log: log}
	return l, l.begin(ctx, routerOptions)
}

// supergraphFile is a supergraph in a file.
type supergraphFile struct {
	path       string
	addresses  map[string]string // of subgraphs, in the place of those in the file
	options    fetch.Options
	observer   *observer
	transports map[string]fetch.Transport // by address
}

func (f *supergraphFile) load(context.Context) (string, builder, error) {
	b, err := os.ReadFile(f.path)
	if err != nil {
		return "", nil, fmt.Errorf("read supergraph: %w", err)
	}
	return string(b), func(context.Context) (*supergraph.Model, []fetch.Transport, error) { return f.build(string(b)) }, nil
}

func (f *supergraphFile) build(sdl string) (*supergraph.Model, []fetch.Transport, error) {
	model, err := supergraph.Read(sdl)
	if err != nil {
		return nil, nil, fmt.Errorf("read supergraph: %w", err)
	}
	transports := make([]fetch.Transport, len(model.Graphs))
	for i, g := range model.Graphs {
		address := cmp.Or(f.addresses[g.Name], g.URL)
		if f.transports[address] == nil {
			t, err := fetch.NewNetwork(address, f.options)
			if err != nil {
				return nil, nil, fmt.Errorf("subgraph %s: %w; give its address with --subgraph %s=URL", g.Name, err, g.Name)
			}
			f.transports[address] = f.observer.transport(t)
		}
		transports[i] = f.transports[address]
	}
	return model, transports, nil
}

// readSupergraph reads the supergraph in a file, or composes that of the shop as its router does.
func readSupergraph(ctx context.Context, path string) (*supergraph.Model, error) {
	if path == "" {
		sources := ownSources()
		composed, problems := compose.Compose(ctx, append(sources, compose.Nodes(sources)...))
		if len(problems) > 0 {
			return nil, problems
		}
		return composed.Model, nil
	}
	sdl, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read supergraph: %w", err)
	}
	model, err := supergraph.Read(string(sdl))
	if err != nil {
		return nil, fmt.Errorf("read supergraph: %w", err)
	}
	return model, nil
}

// ownSources are the schemas of the shop's own services.
func ownSources() (sources []compose.Source) {
	for _, name := range schema.Subgraphs {
		sources = append(sources, compose.Source{Name: name, SDL: schema.SDL(name)})
	}
	return sources
}

// composeFiles composes schemas that are in files.
func composeFiles(ctx context.Context, c *config.Compose) error {
	var sources []compose.Source
	for _, name := range slices.Sorted(maps.Keys(c.Subgraphs)) {
		sdl, err := os.ReadFile(c.Subgraphs[name])
		if err != nil {
			return fmt.Errorf("read schema of %s: %w", name, err)
		}
		sources = append(sources, compose.Source{Name: name, SDL: string(sdl)})
	}
	if len(sources) == 0 {
		sources = ownSources()
	}
	composed, problems := compose.Compose(ctx, sources)
	if len(problems) > 0 {
		return fmt.Errorf("the subgraphs do not make one graph:\n%w", problems)
	}
	if c.Hints {
		for _, hint := range composed.Hints {
			fmt.Fprintf(os.Stderr, "hint %s: %s\n", hint.Code, hint.Message)
		}
	}
	if c.Out == "" {
		_, err := os.Stdout.WriteString(composed.SDL)
		return err
	}
	return os.WriteFile(c.Out, []byte(composed.SDL), 0o644)
}

// showPlan prints how an operation would be carried out.
func showPlan(ctx context.Context, c *config.Plan) error {
	model, err := readSupergraph(ctx, c.Supergraph)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read operation: %w", err)
	}
	document, problems := operation.Parse(model, string(text), c.Operation, operation.Limits{})
	if len(problems) > 0 {
		return problems
	}
	values, problems := document.Coerce([]byte(c.Variables))
	if len(problems) > 0 {
		return problems
	}
	p, err := plan.New(model, document.Specialise(values.Conditions), plan.Options{})
	if err != nil {
		return err
	}
	fmt.Print(p.Text())
	return nil
}
