package fetch

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Sharing tells which requests that are equal and under way at the same time have one answer.
type Sharing string

// The values of Sharing. The zero value is ShareOff.
const (
	ShareOff Sharing = "off"
	ShareAll Sharing = "all" // all queries, also those of signed-in clients with the same claims
)

// Shared asks a subgraph once for all queries that are equal in every byte of body and headers and wait at the same
// time. Mutations are never shared.
type Shared struct {
	next    Transport
	mu      sync.Mutex
	flights map[string]*flight // by the whole key, so that no two requests are ever taken for each other
}

// NewShared returns a transport that shares what it asks through the other one.
func NewShared(next Transport) *Shared {
	return &Shared{next: next, flights: map[string]*flight{}}
}

// flight is one request under way. It runs on a context of its own: a client that leaves takes nothing from the others,
// and the last one to leave ends it.
type flight struct {
	cancel  context.CancelFunc
	waiters int           // guarded by Shared.mu
	done    chan struct{} // closed when the fields below are set

	response *Response
	err      error
}

// keys holds buffers in which keys are written.
var keys = sync.Pool{New: func() any { return new([]byte) }}

// Do returns the answer of the flight for the request, its error as well. Where the caller's own time ends before, that
// is an error of this caller alone.
func (s *Shared) Do(ctx context.Context, r *Request) (*Response, error) {
	if r.Mutation {
		return s.next.Do(ctx, r)
	}
	if err := ctx.Err(); err != nil {
		return nil, failure(r.Subgraph, err)
	}
	buffer := keys.Get().(*[]byte)
	*buffer = appendKey((*buffer)[:0], r)
	s.mu.Lock()
	f := s.flights[string(*buffer)]
	if f == nil {
		f = s.launch(ctx, string(*buffer), r)
	} else {
		f.waiters++
	}
	s.mu.Unlock()
	defer keys.Put(buffer)
	return s.wait(ctx, f, *buffer, r.Subgraph)
}

// launch starts a flight. The lock is held.
func (s *Shared) launch(ctx context.Context, key string, r *Request) *flight {
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{cancel: cancel, waiters: 1, done: make(chan struct{})}
	s.flights[key] = f
	own := *r
	own.Buffer = nil // the leader may leave while the answer is read
	go func() {
		defer cancel()
		f.response, f.err = safely(detached, s.next, &own)
		if f.response != nil && f.response.Reusable {
			f.response = &Response{Status: f.response.Status, Body: f.response.Body} // for all waiters
		}
		s.mu.Lock()
		if s.flights[key] == f {
			delete(s.flights, key)
		}
		s.mu.Unlock()
		close(f.done)
	}()
	return f
}

// safely turns a panic into an error: nobody above the flight's goroutine could.
func safely(ctx context.Context, next Transport, r *Request) (response *Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			response, err = nil, failure(r.Subgraph, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return next.Do(ctx, r)
}

// wait returns what the flight brings, or leaves it when the caller's time ends.
func (s *Shared) wait(ctx context.Context, f *flight, key []byte, subgraph string) (*Response, error) {
	var late <-chan time.Time
	if at, ok := ctx.Deadline(); ok {
		timer := time.NewTimer(time.Until(at) - Reserve)
		defer timer.Stop()
		late = timer.C
	}
	err := error(context.DeadlineExceeded)
	select {
	case <-f.done:
		return f.response, f.err
	case <-late:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.leave(f, key)
	return nil, failure(subgraph, err)
}

// leave takes a waiter from the flight. The last one ends it, and nobody can join it any more.
func (s *Shared) leave(f *flight, key []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.waiters--; f.waiters > 0 {
		return
	}
	if s.flights[string(key)] == f {
		delete(s.flights, string(key))
	}
	f.cancel()
}

// appendKey writes everything that the subgraph will see of a request but the signature and the time that is left. Each
// part follows its length, so that no two different requests have the same key.
func appendKey(b []byte, r *Request) []byte {
	add := func(text string) {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	add(r.Subgraph)
	var space [8]string
	names := space[:0]
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, name := range names {
		add(name)
		b = binary.AppendUvarint(b, uint64(len(r.Header[name])))
		for _, value := range r.Header[name] {
			add(value)
		}
	}
	return append(b, r.Body...)
}
