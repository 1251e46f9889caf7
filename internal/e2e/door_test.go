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
	held        chan struct{} // closed when what was said goes through again; nil where nothing is held back
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
		_ = c.Close() // The server is away: so it is for the caller.
		return
	}
	d.connections = append(d.connections, c, server)
	for _, way := range [][2]net.Conn{{c, server}, {server, c}} {
		go func() {
			_, _ = io.Copy(way[0], listener{way[1], d}) // It ends when either side is cut.
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

// listener hears one side, and holds back what it said while the door is held.
type listener struct {
	net.Conn
	door *door
}

func (l listener) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	l.door.mu.Lock()
	held := l.door.held
	l.door.mu.Unlock()
	if held != nil {
		<-held
	}
	return n, err
}

func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.isOpen = true
}

// leadTo lets those who come from now on go to another server.
func (d *door) leadTo(server string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.server = server
}

// hold lets connections stand still: nothing is refused or cut, and nobody gets an answer until the door is shut.
func (d *door) hold() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = make(chan struct{})
}

func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.isOpen = false
	for _, c := range d.connections {
		_ = c.Close() // Cut already.
	}
	d.connections = nil
	if d.held != nil {
		close(d.held) // What was held back is lost: the connections are cut.
		d.held = nil
	}
}
