package cache

import (
	"sync"
	"time"
)

// The breaker's limits (edge.md M.7).
const (
	failuresInARow = 5
	failureWindow  = 10 * time.Second
	windowAtLeast  = 20 // attempts in the window before their share counts
	openFor        = 2 * time.Second
)

// breaker keeps requests from waiting for a Redis that does not answer: after some failures it lets nothing through for two
// seconds, then one probe at a time.
type breaker struct {
	now func() time.Time

	mu               sync.Mutex
	inARow           int
	attempts, failed int       // since the window began
	window           time.Time // when it began
	openUntil        time.Time
	open, probing    bool
}

// allow tells whether Redis may be asked. Who was allowed calls done.
func (b *breaker) allow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return true
	}
	if b.probing || b.now().Before(b.openUntil) {
		return false
	}
	b.probing = true
	return true
}

// done notes what came of asking.
func (b *breaker) done(ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now.Sub(b.window) > failureWindow {
		b.window, b.attempts, b.failed = now, 0, 0
	}
	b.attempts++
	if ok {
		b.inARow = 0
		if b.open {
			b.open, b.probing, b.attempts, b.failed = false, false, 0, 0
		}
		return
	}
	b.inARow++
	b.failed++
	if b.open || b.inARow >= failuresInARow || b.attempts >= windowAtLeast && 2*b.failed >= b.attempts {
		b.open, b.probing, b.openUntil = true, false, now.Add(openFor)
	}
}

// release takes back an attempt that says nothing about Redis, as its caller is gone.
func (b *breaker) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

// closed tells whether requests get through.
func (b *breaker) closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.open
}
