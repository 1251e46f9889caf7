package e2e

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// door is a way to a server that can be shut: then connections are refused, and those that were there are cut.
type door struct {
	t               *testing.T
	address, server string
	knocks          chan struct{} // of those who came while it was shut

	mu          sync.Mutex
	isOpen      bool
	connections []net.Conn
}

// newDoor makes a door that is shut.
func newDoor(t *testing.T, server string) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, address: l.Addr().String(), server: server, knocks: make(chan struct{}, 1)}
	t.Cleanup(func() {
		_ = l.Close() // Nobody comes any more.
		d.close()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d.enter(c)
		}
	}()
	return d
}

func (d *door) enter(c net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.isOpen {
		_ = c.Close() // It is the caller who has to notice.
		select {
		case d.knocks <- struct{}{}:
		default:
		}
		return
	}
	server, err := net.Dial("tcp", d.server)
	if err != nil {
		d.t.Error(err)
		_ = c.Close()
		return
	}
	d.connections = append(d.connections, c, server)
	for _, way := range [][2]net.Conn{{c, server}, {server, c}} {
		go func() {
			_, _ = io.Copy(way[0], way[1]) // It ends when either side is cut.
			_ = way[0].Close()
		}()
	}
}

// refused waits until somebody came while the door was shut.
func (d *door) refused() {
	d.t.Helper()
	select {
	case <-d.knocks:
	case <-time.After(patience):
		d.t.Fatal("nobody came to the door")
	}
}

func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.isOpen = true
}

func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.isOpen = false
	for _, c := range d.connections {
		_ = c.Close() // Cut already.
	}
	d.connections = nil
}
