package http1

import (
	"context"
	"net"
	"sync"
	"time"
)

// pool keeps the connections to one address. The one that was used last is taken first, so that those that are not
// needed grow old and are closed.
type pool struct {
	address string
	idle    time.Duration
	dialer  net.Dialer
	slots   chan struct{} // one element for each request that has a connection, or is about to

	mu     sync.Mutex
	free   []*connection // the last is the youngest
	sweep  *time.Timer   // runs while there are free connections
	closed bool
}

func (p *pool) start(address string, opt Options) {
	p.address, p.idle = address, opt.Idle
	p.dialer = net.Dialer{Timeout: time.Second, KeepAlive: 30 * time.Second}
	p.slots = make(chan struct{}, opt.Connections)
}

// enter waits until there may be one more connection.
func (p *pool) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pool) leave() { <-p.slots }

// take returns a free connection that its server has not closed, with the deadline set, or nil.
func (p *pool) take(deadline time.Time) *connection {
	for {
		k := p.pop()
		if k == nil || k.ready(deadline) {
			return k
		}
		k.close()
	}
}

func (p *pool) pop() *connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.free) - 1
	if last < 0 {
		return nil
	}
	k := p.free[last]
	p.free[last] = nil
	p.free = p.free[:last]
	return k
}

// dial makes a connection.
func (p *pool) dial(ctx context.Context, deadline time.Time) (*connection, error) {
	socket, err := p.dialer.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return nil, err
	}
	k, err := newConnection(socket)
	if err == nil {
		err = socket.SetDeadline(deadline)
	}
	if err != nil {
		_ = socket.Close() // The first error says more.
		return nil, err
	}
	return k, nil
}

// put gives back a connection that can carry another request.
func (p *pool) put(k *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		k.close()
		return
	}
	k.since = time.Now()
	p.free = append(p.free, k)
	if p.sweep == nil {
		p.sweep = time.AfterFunc(p.idle, p.closeOld)
	}
}

// closeOld closes the connections that were free for too long, and comes again when the next could be.
func (p *pool) closeOld() {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := 0
	for old < len(p.free) && time.Since(p.free[old].since) >= p.idle {
		p.free[old].close()
		old++
	}
	p.free = append(p.free[:0], p.free[old:]...)
	clear(p.free[len(p.free) : len(p.free)+old])
	switch {
	case p.closed || len(p.free) == 0:
		p.sweep = nil
	default:
		p.sweep.Reset(p.idle - time.Since(p.free[0].since))
	}
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, k := range p.free {
		k.close()
	}
	p.free = nil
	if p.sweep != nil {
		p.sweep.Stop()
		p.sweep = nil
	}
}
