package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/router/fetch/http1"
)

// Network asks a subgraph over HTTP/1.1 with connections that are kept open.
type Network struct {
	url    *url.URL
	opt    Options
	client *http.Transport
	plain  *http1.Client // in its place, where it can do what is needed
}

// NewNetwork returns a transport to the GraphQL endpoint at the URL. It has a connection pool of its own.
func NewNetwork(endpoint string, opt Options) (*Network, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("parse the URL of a subgraph: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("the URL of a subgraph is not http or https: %q", endpoint)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	opt = opt.orDefault()
	dialer := &net.Dialer{Timeout: time.Second, KeepAlive: 30 * time.Second}
	return &Network{url: u, opt: opt, plain: newPlain(u, opt), client: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		MaxIdleConnsPerHost:   opt.Connections,
		MaxConnsPerHost:       opt.Connections,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   2 * time.Second,
		ResponseHeaderTimeout: opt.Timeout,
		DisableCompression:    true,
		ReadBufferSize:        32 << 10,
		WriteBufferSize:       32 << 10,
	}}, nil
}

// Close closes the connections that no request is using.
func (n *Network) Close() {
	n.client.CloseIdleConnections()
	if n.plain != nil {
		n.plain.Close()
	}
}

// Do sends the request. A query is sent once more if no connection could be made.
func (n *Network) Do(ctx context.Context, r *Request) (*Response, error) {
	ctx, cancel := n.opt.deadline(ctx)
	defer cancel()
	response, err := n.once(ctx, r)
	if err != nil && !r.Mutation && isDial(err) && pause(ctx) {
		response, err = n.once(ctx, r)
	}
	if err != nil {
		return nil, failure(r.Subgraph, err)
	}
	return response, nil
}

func (n *Network) once(ctx context.Context, r *Request) (*Response, error) {
	if n.plain != nil {
		return n.plainly(ctx, r)
	}
	var reading atomic.Int32
	body := func() (io.ReadCloser, error) {
		reading.Add(1)
		return &requestBody{Reader: bytes.NewReader(r.Body), reading: &reading}, nil
	}
	request := (&http.Request{
		Method:        http.MethodPost,
		URL:           n.url,
		Host:          n.url.Host,
		Header:        n.opt.header(ctx, r, n.url.Path),
		ContentLength: int64(len(r.Body)),
		GetBody:       body,
	}).WithContext(ctx)
	request.Body, _ = body()
	if !r.Mutation {
		// An empty list is not sent. It tells net/http that a query may be repeated on a fresh connection if the
		// subgraph had closed the one it took from the pool.
		request.Header["Idempotency-Key"] = []string{}
	}
	response, err := n.client.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := readAll(response.Body, r.Buffer, response.ContentLength, n.opt.MaxBody)
	if err != nil {
		return nil, err
	}
	return &Response{Status: response.StatusCode, Body: answer, Reusable: reading.Load() == 0}, nil
}

// requestBody is the body of a request. A subgraph may answer before net/http has read all of it.
type requestBody struct {
	*bytes.Reader
	closed  atomic.Bool
	reading *atomic.Int32 // how many bodies are not closed yet
}

// Close ends reading.
func (b *requestBody) Close() error {
	if b.closed.CompareAndSwap(false, true) {
		b.reading.Add(-1)
	}
	return nil
}

// readAll reads a body of a length that is known, or not (-1), up to the limit, into the buffer if that is large enough.
func readAll(body io.Reader, buffer []byte, length, limit int64) ([]byte, error) {
	if length > limit {
		return nil, errTooLarge
	}
	if length >= 0 {
		answer := buffer[:0]
		if int64(cap(answer)) < length {
			answer = make([]byte, 0, length)
		}
		answer = answer[:length]
		_, err := io.ReadFull(body, answer)
		return answer, err
	}
	answer, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(answer)) > limit {
		err = errTooLarge
	}
	return answer, err
}

// isDial tells whether no connection was made, so that nothing was sent.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// pause waits between two attempts, for 25 to 100 ms so that many requests do not return at once. It reports false
// where there is no time left.
func pause(ctx context.Context) bool {
	timer := time.NewTimer(25*time.Millisecond + rand.N(75*time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
