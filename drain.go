package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/soukhq/souk/internal/run"
)

// serve answers HTTP until the context ends, then lets running requests finish. From the moment when the process is told to
// stop it is not ready, and asks clients to open no second request on a connection, so that none is on its way when the
// listener closes.
func serve(l net.Listener, h http.Handler, log *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		g := &gate{Listener: l, late: make(chan net.Conn, backlog)}
		var open connections
		server := &http.Server{
			Handler: leaving(identified(h), run.Stopping(ctx)), ConnState: open.note,
			ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maximumHeaderBytes,
			ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		}
		failed := make(chan error, 1)
		go func() { failed <- server.Serve(g) }()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
		}
		grace, stop := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer stop()
		if g.shut() {
			<-failed // Now the connections that waited are the server's, too.
		}
		open.wait(grace) // Shutdown drops requests that it has not begun to read.
		return server.Shutdown(grace)
	}
}

// connections are those with a request that runs, or that have yet to send their first.
type connections struct {
	mu   sync.Mutex
	busy map[net.Conn]bool
	calm chan struct{} // told when there is none left
}

// note is the server's ConnState.
func (c *connections) note(connection net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		if c.busy == nil {
			c.busy = map[net.Conn]bool{}
		}
		c.busy[connection] = true
		return
	}
	delete(c.busy, connection)
	if len(c.busy) == 0 && c.calm != nil {
		close(c.calm)
		c.calm = nil
	}
}

// wait waits until there is none or the context ends. It is called once, when no new ones come.
func (c *connections) wait(ctx context.Context) {
	c.mu.Lock()
	calm := make(chan struct{})
	if len(c.busy) == 0 {
		close(calm)
	} else {
		c.calm = calm
	}
	c.mu.Unlock()
	select {
	case <-calm:
	case <-ctx.Done():
	}
}

// leaving answers as the handler does. When the process stops it tells so.
func leaving(h http.Handler, stopping <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-stopping:
			w.Header().Set("Connection", "close")
			if r.URL.Path == "/readyz" {
				http.Error(w, "the process stops", http.StatusServiceUnavailable)
				return
			}
		default:
		}
		h.ServeHTTP(w, r)
	})
}

// backlog is more connections than wait to be accepted.
const backlog = 8192

// gate is a listener that can be shut without losing a connection.
type gate struct {
	net.Listener
	late chan net.Conn // those that waited when it was shut
}

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if err == nil || !errors.Is(err, net.ErrClosed) && !refuses(err) {
		return c, err
	}
	if c, open := <-g.late; open {
		return c, nil
	}
	return nil, net.ErrClosed
}

// shut refuses connections from now on and hands those that wait to Accept, which then ends. It tells whether it could.
func (g *gate) shut() bool {
	tcp, is := g.Listener.(*net.TCPListener)
	if !is {
		return false
	}
	waiting := takeWaiting(tcp)
	for _, c := range waiting {
		select {
		case g.late <- c:
		default:
			_ = c.Close() // More than any kernel lets wait.
		}
	}
	close(g.late)
	return g.Listener.Close() == nil
}
