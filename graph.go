package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/node"
	"github.com/soukhq/souk/router/supergraph"
)

// graphConfig is what the router is made of.
type graphConfig struct {
	local    map[string]http.Handler // services that run in this process
	remote   map[string]string       // the addresses of the graphs of others
	files    map[string]string       // files with the schemas of those that are not asked for them
	stateDir string
	wait     time.Duration // for those to answer
	dev      bool
	open     bool // clients may ask for the schema
	share    fetch.Sharing
	ids      string // how the ids of node and nodes are written, as node.New reads it; empty where there is neither
	env      subgraph.Env
	log      *slog.Logger
	observer *observer // nil where nobody is told

	told       map[string]string          // the last schema of each subgraph that runs elsewhere; nil before the first start
	transports map[string]fetch.Transport // of all subgraphs
}

// newGraph asks the subgraphs for their schemas, composes them and makes a router of the graph. The router follows when a
// subgraph that runs elsewhere tells another schema.
func newGraph(ctx context.Context, c graphConfig) (*liveRouter, error) {
	l := &liveRouter{load: c.load, every: schemaPoll, log: c.log}
	c.transports = map[string]fetch.Transport{}
	o := router.Options{
		Dev: c.dev, Introspection: c.open, Share: c.share, Context: shopContext, Authenticate: authenticate(c.env.Tokens), SafeCodes: safeCodes, Log: c.log,
	}
	if c.observer != nil {
		o.Observe = c.observer.request
	}
	return l, l.begin(ctx, o)
}

// safeCodes are those of errors that our services make for the caller of a query, who is to read them.
var safeCodes = []string{"INVALID", "INVALID_CURSOR", "PAGE_TOO_LARGE", "REQUIRED", "SERVICE_UNAVAILABLE"}

const (
	schemaPoll    = 10 * time.Second // how often subgraphs that run elsewhere are asked for their schemas
	schemaTimeout = 5 * time.Second  // for one of them to answer
	maximumSchema = 16 << 20         // bytes of such an answer
)

// load returns the schemas of all subgraphs as one text, and what composes them.
func (c *graphConfig) load(ctx context.Context) (string, builder, error) {
	if err := c.ask(ctx); err != nil {
		return "", nil, err
	}
	sources := c.sources()
	if len(sources) == 0 {
		return "", nil, errors.New("the router was told of no subgraph: name services to run beside it, or give --subgraph NAME=URL")
	}
	var text strings.Builder
	for _, s := range sources {
		fmt.Fprintf(&text, "%s\n%s\n", s.Name, s.SDL)
	}
	return text.String(), func(ctx context.Context) (*supergraph.Model, []fetch.Transport, error) {
		return c.compose(ctx, sources)
	}, nil
}

// compose makes the graph of the sources, with stubs for services that are not part of it (rule B-5), and with a subgraph
// that finds objects by their ids (rule B-4).
func (c *graphConfig) compose(ctx context.Context, sources []compose.Source) (*supergraph.Model, []fetch.Transport, error) {
	ids, err := regexp.Compile(c.ids)
	if err != nil || c.ids != "" && ids.NumSubexp() == 0 {
		return nil, nil, fmt.Errorf("the pattern of ids must be a regular expression with a group for the type: %q", c.ids)
	}
	all := slices.Concat(sources, compose.Stubs(sources))
	if c.ids != "" {
		all = append(all, compose.Nodes(sources)...)
	}
	composed, problems := compose.Compose(ctx, all)
	if len(problems) > 0 {
		return nil, nil, fmt.Errorf("the subgraphs do not make one graph:\n%w", problems)
	}
	for _, hint := range composed.Hints {
		c.log.Debug("composition hint", "code", hint.Code, "message", hint.Message)
	}
	if err := c.keep(sources); err != nil {
		c.log.Warn("schemas not kept for the next start", "error", err)
	}
	transports := make([]fetch.Transport, len(composed.Model.Graphs))
	for i, g := range composed.Model.Graphs {
		if g.Virtual {
			transports[i] = fetch.NewLocal(node.New(ids, composed.Model, g.ID), "/graphql", fetch.Options{})
			continue
		}
		t, err := c.transport(g.Name, slices.Contains(composed.Stubs, g.Name))
		if err != nil {
			return nil, nil, fmt.Errorf("subgraph %s: %w", g.Name, err)
		}
		transports[i] = t
	}
	return composed.Model, transports, nil
}

// transport returns how a subgraph is reached, the same at each call.
func (c *graphConfig) transport(name string, stubbed bool) (fetch.Transport, error) {
	if t := c.transports[name]; t != nil {
		return t, nil
	}
	var t fetch.Transport
	var err error
	switch { // What stays in this process needs no signature.
	case stubbed:
		t = fetch.NewLocal(stub{}, "/graphql", fetch.Options{})
	case c.local[name] != nil:
		t = fetch.NewLocal(c.local[name], "/graphql", fetch.Options{Trace: trace})
	default:
		if t, err = fetch.NewNetwork(c.remote[name], fetch.Options{Sign: sign(c.env.Signer), Trace: trace}); err != nil {
			return nil, err
		}
	}
	c.transports[name] = c.observer.transport(t)
	return c.transports[name], nil
}

// sign lets a subgraph know that a request comes from the router, and for whom.
func sign(signer *identity.Signer) func(h http.Header, method, path string, body []byte) {
	return func(h http.Header, method, path string, body []byte) {
		signer.SignClaims(h, method, path, body, h.Get(identity.HeaderClaims))
	}
}

// authenticate reads the access token of a request, a customer's or that of an administrator's program. Without one the
// client is anonymous; a false one is an error and never silently nobody.
func authenticate(tokens *identity.Verifier) func(*http.Request) ([]byte, error) {
	return func(r *http.Request) ([]byte, error) {
		header := r.Header.Get("Authorization")
		if header == "" {
			return nil, nil
		}
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return nil, errors.New("the Authorization header is not a bearer token")
		}
		id, err := tokens.Identify(token, time.Now())
		if err != nil {
			return nil, err
		}
		return []byte(identity.Claims(id)), nil
	}
}
