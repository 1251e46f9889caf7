package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/schema"
)

// graphConfig is what the router is made of.
type graphConfig struct {
	local    map[string]http.Handler // services that run in this process
	remote   map[string]string       // the addresses of the graphs of others
	stateDir string
	wait     time.Duration // for those to answer
	dev      bool
	env      subgraph.Env
	log      *slog.Logger
}

// newRouter asks the subgraphs for their schemas, composes them and makes a router of the graph.
func newRouter(ctx context.Context, c graphConfig) (http.Handler, error) {
	sources, err := c.sources(ctx)
	if err != nil {
		return nil, err
	}
	composed, problems := compose.Compose(ctx, append(sources, compose.Stubs(sources)...))
	if len(problems) > 0 {
		return nil, fmt.Errorf("the subgraphs do not make one graph:\n%w", problems)
	}
	for _, hint := range composed.Hints {
		c.log.Debug("composition hint", "code", hint.Code, "message", hint.Message)
	}
	if err := c.keep(sources); err != nil {
		c.log.Warn("schemas not kept for the next start", "error", err)
	}
	transports := make([]fetch.Transport, len(composed.Model.Graphs))
	for i, g := range composed.Model.Graphs {
		switch options := (fetch.Options{Sign: sign(c.env.Signer)}); {
		case slices.Contains(composed.Stubs, g.Name):
			transports[i] = fetch.NewLocal(stub{}, "/graphql", options)
		case c.local[g.Name] != nil:
			transports[i] = fetch.NewLocal(c.local[g.Name], "/graphql", options)
		default:
			if transports[i], err = fetch.NewNetwork(c.remote[g.Name], options); err != nil {
				return nil, fmt.Errorf("subgraph %s: %w", g.Name, err)
			}
		}
	}
	return router.New(composed.Model, transports, router.Options{
		Dev: c.dev, Authenticate: authenticate(c.env.Tokens), Log: c.log,
	})
}

// sign lets a subgraph know that a request comes from the router, and for whom.
func sign(signer *identity.Signer) func(h http.Header, method, path string, body []byte) {
	return func(h http.Header, method, path string, body []byte) {
		signer.SignClaims(h, method, path, body, h.Get(identity.HeaderClaims))
	}
}

// authenticate reads the customer's access token of a request. Without one the client is anonymous; a false one is an
// error and never silently nobody.
func authenticate(tokens *identity.Verifier) func(*http.Request) ([]byte, error) {
	return func(r *http.Request) ([]byte, error) {
		header := r.Header.Get("Authorization")
		if header == "" {
			return nil, nil
		}
		token, found := strings.CutPrefix(header, "Bearer ")
		if !found {
			return nil, errors.New("the Authorization header is not a bearer token")
		}
		customer, err := tokens.Verify(token, time.Now())
		if err != nil {
			return nil, err
		}
		return []byte(identity.Claims(identity.Identity{Customer: customer})), nil
	}
}

// sources returns the schemas of all subgraphs: of those in this process and of our own as they are written, of others
// as they say themselves.
func (c graphConfig) sources(ctx context.Context) ([]compose.Source, error) {
	var sources []compose.Source
	for _, name := range slices.Sorted(maps.Keys(c.local)) {
		sources = append(sources, compose.Source{Name: name, SDL: schema.SDL(name)})
	}
	deadline, stop := context.WithTimeout(ctx, c.wait)
	defer stop()
	for _, name := range slices.Sorted(maps.Keys(c.remote)) {
		sdl, err := c.remoteSDL(deadline, name)
		if err != nil {
			return nil, err
		}
		sources = append(sources, compose.Source{Name: name, URL: c.remote[name], SDL: sdl})
	}
	if len(sources) == 0 {
		return nil, errors.New("the router was told of no subgraph: name services to run beside it, or give --subgraph NAME=URL")
	}
	return sources, nil
}

// remoteSDL asks a running subgraph for its schema. One that is away does not stop the router: it takes the schema of the
// last start, or that which our own services have.
func (c graphConfig) remoteSDL(ctx context.Context, name string) (string, error) {
	var err error
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		var sdl string
		if sdl, err = c.askSDL(ctx, c.remote[name]); err == nil {
			return sdl, nil
		}
		select {
		case <-time.After(pause):
			continue
		case <-ctx.Done():
		}
		break
	}
	if kept, e := os.ReadFile(c.keptPath(name)); e == nil {
		c.log.Warn("subgraph did not tell its schema: that of the last start is used", "subgraph", name, "error", err)
		return string(kept), nil
	}
	if slices.Contains(schema.Subgraphs, name) {
		c.log.Warn("subgraph did not tell its schema: that of this program is used", "subgraph", name, "error", err)
		return schema.SDL(name), nil
	}
	return "", fmt.Errorf("subgraph %s at %s does not tell its schema: %w", name, c.remote[name], err)
}

func (c graphConfig) askSDL(ctx context.Context, address string) (string, error) {
	body := []byte(`{"query":"{ _service { sdl } }"}`)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	c.env.Signer.SignClaims(r.Header, r.Method, r.URL.Path, body, "")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer w.Body.Close() //nolint:errcheck // Nothing is lost when a body that was read cannot be closed.
	var answer struct {
		Data struct {
			Service struct{ SDL string } `json:"_service"`
		}
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(io.LimitReader(w.Body, 16<<20)).Decode(&answer); err != nil {
		return "", fmt.Errorf("status %d: %w", w.StatusCode, err)
	}
	if len(answer.Errors) > 0 {
		return "", errors.New(answer.Errors[0].Message)
	}
	return answer.Data.Service.SDL, nil
}

// keep writes the schemas of subgraphs that run elsewhere for the next start.
func (c graphConfig) keep(sources []compose.Source) error {
	for _, s := range sources {
		if c.remote[s.Name] == "" {
			continue
		}
		path := c.keptPath(s.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(s.SDL), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (c graphConfig) keptPath(name string) string {
	return filepath.Join(c.stateDir, "schemas", filepath.Base(name)+".graphql")
}
