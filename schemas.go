package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/soukhq/souk/router/compose"
	"github.com/soukhq/souk/schema"
)

// sources returns the schemas of all subgraphs: of those in this process as they are written, of others as they told.
func (c *graphConfig) sources() []compose.Source {
	var sources []compose.Source
	for _, name := range slices.Sorted(maps.Keys(c.local)) {
		sources = append(sources, compose.Source{Name: name, SDL: schema.SDL(name)})
	}
	for _, name := range slices.Sorted(maps.Keys(c.remote)) {
		if sdl := c.told[name]; sdl != "" {
			sources = append(sources, compose.Source{Name: name, URL: c.remote[name], SDL: sdl})
		}
	}
	return sources
}

// ask asks the subgraphs that run elsewhere for their schemas: at start with patience, then once each time. What one that
// is away told before stays. At start it does not stop the router: the router takes the schema of the last start, or that
// which our own services have, or begins without it where others are there.
func (c *graphConfig) ask(ctx context.Context) error {
	if c.told != nil {
		c.askEach(ctx, c.askSDL)
		return nil
	}
	c.told = map[string]string{}
	patience, stop := context.WithTimeout(ctx, c.wait)
	defer stop()
	silent := c.askEach(patience, c.askPatiently)
	var unknown []error
	for _, name := range slices.Sorted(maps.Keys(silent)) {
		if kept, err := os.ReadFile(c.keptPath(name)); err == nil {
			c.told[name] = string(kept)
		} else if slices.Contains(schema.Subgraphs, name) {
			c.told[name] = schema.SDL(name)
		} else if c.files[name] != "" {
			return fmt.Errorf("read schema of subgraph %s: %w", name, silent[name])
		} else {
			unknown = append(unknown, fmt.Errorf("subgraph %s at %s does not tell its schema: %w", name, c.remote[name], silent[name]))
			continue
		}
		c.log.Warn("subgraph did not tell its schema: an earlier one is used", "subgraph", name, "error", silent[name])
	}
	if len(c.local)+len(c.told) == 0 {
		return errors.Join(unknown...)
	}
	for _, err := range unknown {
		c.log.Warn("the graph begins without a subgraph", "error", err)
	}
	return nil
}

// read reads the schema of a subgraph from its file, else asks for it.
func (c *graphConfig) read(ctx context.Context, name, address string, ask func(ctx context.Context, address string) (string, error)) (string, error) {
	path := c.files[name]
	if path == "" {
		return ask(ctx, address)
	}
	b, err := os.ReadFile(path)
	return string(b), err
}

// askEach asks side by side, so that one that is away takes no time from the others, and returns why some told nothing.
func (c *graphConfig) askEach(ctx context.Context, ask func(ctx context.Context, address string) (string, error)) map[string]error {
	var mu sync.Mutex
	var all sync.WaitGroup
	silent := map[string]error{}
	for name, address := range c.remote {
		all.Go(func() {
			sdl, err := c.read(ctx, name, address, ask)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				silent[name] = err
				return
			}
			c.told[name] = sdl
		})
	}
	all.Wait()
	return silent
}

func (c *graphConfig) askPatiently(ctx context.Context, address string) (string, error) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		sdl, err := c.askSDL(ctx, address)
		if err == nil {
			return sdl, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return "", err
		}
	}
}

func (c *graphConfig) askSDL(ctx context.Context, address string) (string, error) {
	ctx, stop := context.WithTimeout(ctx, schemaTimeout)
	defer stop()
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
	if err := json.NewDecoder(io.LimitReader(w.Body, maximumSchema)).Decode(&answer); err != nil {
		return "", fmt.Errorf("status %d: %w", w.StatusCode, err)
	}
	if len(answer.Errors) > 0 {
		return "", errors.New(answer.Errors[0].Message)
	}
	if answer.Data.Service.SDL == "" {
		return "", fmt.Errorf("status %d, and an answer without a schema", w.StatusCode)
	}
	return answer.Data.Service.SDL, nil
}

// keep writes the schemas of subgraphs that run elsewhere for the next start.
func (c *graphConfig) keep(sources []compose.Source) error {
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

func (c *graphConfig) keptPath(name string) string {
	return filepath.Join(c.stateDir, "schemas", filepath.Base(name)+".graphql")
}
