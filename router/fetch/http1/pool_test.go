package http1

import (
	"io"
	"net"
	"testing"
	"time"
)

// opened returns a pool and the connections of the other end, which closes with the test.
func opened(t *testing.T, opt Options) (*pool, <-chan net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 10)
	go func() {
		defer close(accepted)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	p := &pool{}
	p.start(l.Addr().String(), opt)
	t.Cleanup(func() {
		p.close()
		_ = l.Close()
		for c := range accepted {
			_ = c.Close()
		}
	})
	return p, accepted
}

// dialed returns n connections that are in use.
func dialed(t *testing.T, p *pool, n int) []*connection {
	t.Helper()
	var all []*connection
	for range n {
		k, err := p.dial(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, k)
	}
	return all
}

func TestTheLastConnectionIsTakenFirst(t *testing.T) {
	t.Parallel()
	p, _ := opened(t, Options{Idle: time.Hour})
	all := dialed(t, p, 2)
	p.put(all[0])
	p.put(all[1])
	for i, want := range []*connection{all[1], all[0], nil} {
		got := p.take(time.Time{})
		if got != want {
			t.Errorf("the connection taken at %d is another one", i)
		}
		if got != nil {
			got.close()
		}
	}
}

func TestOnlyOldConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	p, _ := opened(t, Options{Idle: time.Hour})
	for _, k := range dialed(t, p, 3) {
		p.put(k)
	}
	p.free[0].since = time.Now().Add(-2 * time.Hour)
	young := p.free[1]
	p.closeOld()
	if len(p.free) != 2 || p.free[0] != young || p.sweep == nil {
		t.Errorf("%d connections are left, want the 2 younger ones", len(p.free))
	}
}

// TestADeadlineThatIsOver is no reason to close connections.
func TestADeadlineThatIsOver(t *testing.T) {
	t.Parallel()
	p, _ := opened(t, Options{Idle: time.Hour})
	k := dialed(t, p, 1)[0]
	p.put(k)
	if p.take(time.Now().Add(-time.Second)) != k {
		t.Error("the connection is not taken")
	}
	k.close()
}

func TestConnectionsInUseAreClosedAfterTheirPool(t *testing.T) {
	t.Parallel()
	p, accepted := opened(t, Options{Idle: time.Hour})
	k := dialed(t, p, 1)[0]
	p.close()
	p.put(k)
	other := <-accepted
	defer other.Close()
	if n, err := other.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("Read() = %d, %v, want %v", n, err, io.EOF)
	}
}
