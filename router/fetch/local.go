package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
)

// Local asks a subgraph that runs in this process, without a socket.
type Local struct {
	handler http.Handler
	url     *url.URL
	opt     Options
}

// NewLocal returns a transport to the handler, which sees requests as if they came to that path.
func NewLocal(handler http.Handler, path string, opt Options) *Local {
	return &Local{handler: handler, url: &url.URL{Scheme: "http", Host: "local", Path: path}, opt: opt.orDefault()}
}

// Do lets the handler answer. A handler that takes too long is left behind; its answer is dropped.
func (l *Local) Do(ctx context.Context, r *Request) (*Response, error) {
	ctx, cancel := l.opt.deadline(ctx)
	defer cancel()
	request := (&http.Request{
		Method:        http.MethodPost,
		URL:           l.url,
		Host:          l.url.Host,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        l.opt.header(ctx, r, l.url.Path),
		Body:          io.NopCloser(bytes.NewReader(r.Body)),
		ContentLength: int64(len(r.Body)),
		RemoteAddr:    "127.0.0.1:0",
		RequestURI:    l.url.Path,
	}).WithContext(ctx)
	done := make(chan outcome, 1)
	go l.serve(request, done)
	select {
	case o := <-done:
		if o.err != nil {
			return nil, failure(r.Subgraph, o.err)
		}
		return o.response, nil
	case <-ctx.Done():
		return nil, failure(r.Subgraph, ctx.Err())
	}
}

type outcome struct {
	response *Response
	err      error
}

func (l *Local) serve(request *http.Request, done chan<- outcome) {
	w := &writer{header: http.Header{}, limit: l.opt.MaxBody}
	defer func() {
		if p := recover(); p != nil {
			done <- outcome{err: fmt.Errorf("the handler panicked: %v\n%s", p, debug.Stack())}
			return
		}
		if w.full {
			done <- outcome{err: errTooLarge}
			return
		}
		done <- outcome{response: &Response{Status: max(w.status, http.StatusOK), Body: w.body}}
	}()
	l.handler.ServeHTTP(w, request)
}

// writer collects what a handler answers.
type writer struct {
	header http.Header
	status int
	body   []byte
	limit  int64
	full   bool
}

// Header returns the headers, which nobody reads.
func (w *writer) Header() http.Header { return w.header }

// WriteHeader keeps the first status that is final.
func (w *writer) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
}

// Write keeps the bytes up to the limit.
func (w *writer) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if int64(len(w.body)+len(b)) > w.limit {
		w.full = true
		return 0, errTooLarge
	}
	w.body = append(w.body, b...)
	return len(b), nil
}
