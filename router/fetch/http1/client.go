// Package http1 sends POST requests to one endpoint over HTTP/1.1 connections that it keeps open.
package http1

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Errors of Do that are not those of the network or of the context.
var (
	ErrTooLarge  = errors.New("the response is larger than allowed")
	ErrMalformed = errors.New("the response is not HTTP/1.1")
	ErrHeader    = errors.New("a header of the request has characters that are not allowed")
)

// Options configure a Client. A zero field stands for its default.
type Options struct {
	Connections int           // at most so many at once; 200 by default
	Idle        time.Duration // for so long an unused connection is kept; 90 s by default
	MaxBody     int64         // bytes of one response's body; 20 MiB by default
}

// Client asks one endpoint. It is safe for concurrent use. Unlike the client of net/http it needs no goroutine for a
// connection, and reads only what such a request needs: no redirects, no upgrades, no TLS, no proxies.
type Client struct {
	head []byte // how every request begins, to the end of the Host header
	opt  Options
	pool pool
}

// Request is one question. Nothing of it is changed.
type Request struct {
	Header     http.Header // without those that frame a message or speak about the connection: they are left out
	Body       []byte
	Repeatable bool   // it may be sent again where a connection from the pool was closed before any answer
	Buffer     []byte // its capacity is used for the response's body where it is large enough
}

// Response is the answer to a Request.
type Response struct {
	Status int
	Body   []byte
}

// New returns a client for the endpoint, whose scheme is http and whose host needs no translation: it is ASCII, without an
// IPv6 zone. It makes no connection yet.
func New(endpoint *url.URL, opt Options) *Client {
	opt.Connections = cmp.Or(opt.Connections, 200)
	opt.Idle = cmp.Or(opt.Idle, 90*time.Second)
	opt.MaxBody = cmp.Or(opt.MaxBody, 20<<20)
	address := net.JoinHostPort(endpoint.Hostname(), cmp.Or(endpoint.Port(), "80"))
	c := &Client{head: []byte("POST " + endpoint.RequestURI() + " HTTP/1.1\r\nHost: " + endpoint.Host + "\r\n"), opt: opt}
	c.pool.start(address, opt)
	return c
}

// Close closes the connections that no request is using. Those in use are closed when their request ends.
func (c *Client) Close() { c.pool.close() }

// Do sends the request and reads the response, of whatever status, until the context ends. The error is that of the
// context where it ended first.
func (c *Client) Do(ctx context.Context, r *Request) (Response, error) {
	if err := ctx.Err(); err != nil {
		return Response{}, err
	}
	if err := c.pool.enter(ctx); err != nil {
		return Response{}, err
	}
	defer c.pool.leave()
	deadline, _ := ctx.Deadline()
	k := c.pool.take(deadline)
	reused := k != nil
	for {
		if k == nil {
			var err error
			if k, err = c.pool.dial(ctx, deadline); err != nil {
				return Response{}, cause(ctx, err)
			}
		}
		response, err := c.exchange(ctx, k, r)
		switch {
		case err == nil:
			return response, nil
		case reused && r.Repeatable && errors.Is(err, errNoAnswer) && ctx.Err() == nil:
			k, reused = nil, false
		default:
			return Response{}, cause(ctx, err)
		}
	}
}

// exchange asks over the connection, which is kept or closed after that.
func (c *Client) exchange(ctx context.Context, k *connection, r *Request) (Response, error) {
	stop := context.AfterFunc(ctx, k.interrupt)
	response, reusable, err := c.talk(k, r)
	// Where stop comes too late, the interruption may still be under way: nobody else may use the connection.
	if !stop() || err != nil || !reusable {
		k.close()
	} else {
		c.pool.put(k)
	}
	return response, err
}

// talk sends the request and reads its response. It reports whether the connection may carry another request.
func (c *Client) talk(k *connection, r *Request) (response Response, reusable bool, err error) {
	k.out = append(k.out[:0], c.head...)
	if k.out, err = appendHeader(k.out, r.Header, len(r.Body)); err != nil {
		return response, false, err
	}
	// A server may refuse a request without reading it all, so that it could not be sent and is answered still.
	sent := k.send(r.Body)
	h, err := k.readHead()
	if err != nil {
		return response, false, err
	}
	response.Status = h.status
	response.Body, err = k.readBody(h, r.Buffer, c.opt.MaxBody)
	return response, err == nil && sent == nil && h.reusable() && k.silent(), err
}

// cause prefers the reason why the context ended to what that did to the connection.
func cause(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	return err
}
