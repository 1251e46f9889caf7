package fetch

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/soukhq/souk/router/fetch/http1"
)

// newPlain returns the client for an endpoint without TLS that no proxy is configured for in the environment. It returns
// nil for others, and for hosts that net/http has to translate: international names and addresses with a zone.
func newPlain(u *url.URL, opt Options) *http1.Client {
	foreign := strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII || r == '%' })
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u})
	if u.Scheme != "http" || foreign || proxy != nil || err != nil {
		return nil
	}
	return http1.New(u, http1.Options{Connections: opt.Connections, MaxBody: opt.MaxBody})
}

// plainly asks with the client for endpoints without TLS. It reads and writes on the caller's goroutine only, so that
// the caller has its memory again as soon as it returns.
func (n *Network) plainly(ctx context.Context, r *Request) (*Response, error) {
	answer, err := n.plain.Do(ctx, &http1.Request{
		Header:     n.opt.header(ctx, r, n.url.Path),
		Body:       r.Body,
		Repeatable: !r.Mutation,
		Buffer:     r.Buffer,
	})
	if errors.Is(err, http1.ErrTooLarge) {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, err
	}
	return &Response{Status: answer.Status, Body: answer.Body, Reusable: true}, nil
}
