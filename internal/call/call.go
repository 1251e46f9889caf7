// Package call asks another service a question through its own graph.
package call

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/soukhq/souk/internal/identity"
)

// ErrUnavailable says that the other service could not be asked: it is not part of this shop, away, too slow, or its
// breaker is open.
var ErrUnavailable = errors.New("the service cannot be asked now")

const (
	timeout       = 2 * time.Second  // of a question to a graph: somebody waits for the answer
	fetchTimeout  = 10 * time.Second // of one beside it
	maximumAnswer = 20 << 20         // bytes
)

// Directory knows how the services of this shop are reached: over HTTP or in this process (rule B-1 c). Services are
// added as they open; a Client finds its service when it asks.
type Directory struct {
	signer *identity.Signer
	mu     sync.RWMutex
	places map[string]place
}

type place struct {
	url       string
	transport http.RoundTripper
}

// NewDirectory makes a directory whose questions are signed by signer.
func NewDirectory(signer *identity.Signer) *Directory {
	return &Directory{signer: signer, places: map[string]place{}}
}

// AddURL makes a service known that answers at the address of its graph.
func (d *Directory) AddURL(service, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("the address of %s, %q, is not an http address", service, address)
	}
	d.add(service, place{url: address, transport: &http.Transport{
		MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second, DisableCompression: true,
	}})
	return nil
}

// AddHandler makes a service known that runs in this process.
func (d *Directory) AddHandler(service string, h http.Handler) {
	d.add(service, place{url: "http://" + service + "/graphql", transport: inProcess{h}})
}

func (d *Directory) add(service string, p place) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.places[service] = p
}

// Client asks one service in the name of another. It is safe for concurrent use.
type Client struct {
	directory  *Directory
	from, to   string
	resilience failsafe.Executor[[]byte]
}

// Client makes a client with a breaker of its own: open for five seconds after half of at least twenty questions in ten
// seconds failed (edge.md F). A question that did not reach the service is repeated once.
func (d *Directory) Client(from, to string) *Client {
	breaker := circuitbreaker.NewBuilder[[]byte]().
		HandleIf(func(_ []byte, err error) bool { return err != nil && !errors.Is(err, context.Canceled) }).
		WithFailureRateThreshold(0.5, 20, 10*time.Second).WithDelay(5 * time.Second).Build()
	retry := retrypolicy.NewBuilder[[]byte]().
		HandleIf(func(_ []byte, err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }).
		WithMaxRetries(1).WithDelay(25 * time.Millisecond).ReturnLastFailure().Build()
	return &Client{directory: d, from: from, to: to, resilience: failsafe.With(retry, breaker)}
}

// Ask sends a query and reads the data of the answer into data. Where the service cannot be asked or answers with an
// error the result is ErrUnavailable, wrapped with the cause.
func (c *Client) Ask(ctx context.Context, query string, variables, data any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return fmt.Errorf("write question to %s: %w", c.to, err)
	}
	answer, err := c.send(ctx, timeout, http.MethodPost, "", body)
	if err != nil {
		return c.unavailable(err)
	}
	var envelope struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(answer, &envelope); err != nil {
		return c.unavailable(err)
	}
	if len(envelope.Errors) > 0 {
		return c.unavailable(errors.New(envelope.Errors[0].Message))
	}
	if len(envelope.Data) == 0 || string(envelope.Data) == "null" {
		return c.unavailable(errors.New("an answer without data"))
	}
	if err := json.Unmarshal(envelope.Data, data); err != nil {
		return fmt.Errorf("read answer of %s: %w", c.to, err)
	}
	return nil
}

// Fetch reads what the service answers beside its graph, in JSON: target is the path from its root, with the query. Where
// the service cannot be asked or answers with another status than 200 the result is ErrUnavailable, wrapped with the cause.
func (c *Client) Fetch(ctx context.Context, target string, data any) error {
	answer, err := c.send(ctx, fetchTimeout, http.MethodGet, target, nil)
	if err != nil {
		return c.unavailable(err)
	}
	if err := json.Unmarshal(answer, data); err != nil {
		return c.unavailable(err)
	}
	return nil
}

// send sends a signed request, to the graph where target is empty.
func (c *Client) send(ctx context.Context, within time.Duration, method, target string, body []byte) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	return c.resilience.WithContext(ctx).Get(func() ([]byte, error) { return c.once(ctx, method, target, body) })
}

func (c *Client) unavailable(cause error) error {
	return fmt.Errorf("ask %s: %w: %w", c.to, ErrUnavailable, cause)
}

func (c *Client) once(ctx context.Context, method, target string, body []byte) ([]byte, error) {
	c.directory.mu.RLock()
	p, known := c.directory.places[c.to]
	c.directory.mu.RUnlock()
	if !known {
		return nil, errors.New("it is not part of this shop")
	}
	r, err := http.NewRequestWithContext(ctx, method, p.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if target != "" {
		if r.URL, err = r.URL.Parse(target); err != nil {
			return nil, err
		}
	}
	r.Header.Set("Content-Type", "application/json")
	if said := identity.ContextFrom(ctx).Header(); said != "" {
		r.Header.Set(identity.HeaderContext, said)
	}
	if err := c.directory.signer.Sign(r.Header, r.Method, identity.Target(r.URL), body, identity.Identity{Service: c.from}); err != nil {
		return nil, err
	}
	w, err := p.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer w.Body.Close() //nolint:errcheck // Nothing is lost when a body that was read cannot be closed.
	if w.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", w.StatusCode)
	}
	return io.ReadAll(io.LimitReader(w.Body, maximumAnswer))
}

// inProcess carries a request to a handler of this process.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &answer{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(w, r)
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r}, nil
}

type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
