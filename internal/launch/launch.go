// Package launch gives development and tests a PostgreSQL and a Redis of their own.
//
// A private server listens on 127.0.0.1 only, has a random password, and ends
// with the process that started it, even when that process is killed.
package launch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/soukhq/souk/internal/launch/child"
)

// Options say where a server may come from and where it keeps its things.
type Options struct {
	// URL names a running server of the user (DATABASE_URL, REDIS_URL).
	// When it is set nothing is started.
	URL string
	// StateDir is the folder for data, passwords, logs and locks. Private
	// servers that share it are one installation. Not used by throw-away servers.
	StateDir string
	// Bin is the folder with PostgreSQL's programs (PG_BIN). When empty they are searched.
	Bin string
	// Install allows Debian packages to be installed without asking (INSTALL=1).
	Install bool
	// Ask puts a yes-or-no question to a person. It is nil when nobody sits at a terminal.
	Ask func(question string) bool
	// Throwaway makes a server for tests: fast, not durable, and gone when it stops.
	Throwaway bool
	// OneProcess says that only this process will use the Redis, so that one
	// inside the process is good enough when there is no redis-server.
	OneProcess bool
	// Join uses the server that another process runs from the same StateDir,
	// where there is one, instead of refusing to start. Without one it takes
	// the cluster that the last start was given, else it starts a server.
	Join bool
	// Log receives what was installed, started and recovered. May be nil.
	Log *slog.Logger
}

// Server is a PostgreSQL cluster or a Redis that is ready for connections.
type Server struct {
	// URL reaches the server with all rights.
	URL string
	// Source says in a few words where the server comes from.
	Source string

	process *child.Process // nil when the server is not a process of ours
	end     func() error   // ends what this process started; may be nil
	once    sync.Once      // guards end
	err     error          // what end returned
	ended   chan struct{}  // closed when end has returned
}

// Run waits until the context ends and then stops the server. When the server
// ends earlier by itself, Run returns an error with its last words.
func (s *Server) Run(ctx context.Context) error {
	var died <-chan struct{}
	if s.process != nil {
		died = s.process.Done()
	}
	select {
	case <-ctx.Done():
	case <-s.ended:
	case <-died:
		if ctx.Err() == nil && !s.process.Asked() {
			return errors.Join(s.process.LastWords("ended by itself"), s.Stop())
		}
	}
	return s.Stop()
}

// Stop ends the server if this process started it. It may be called more than
// once and from several goroutines; all callers wait for the end.
func (s *Server) Stop() error {
	s.once.Do(func() {
		if s.end != nil {
			s.err = s.end()
		}
		close(s.ended)
	})
	<-s.ended
	return s.err
}

// newServer describes a server that end stops.
func newServer(url, source string, p *child.Process, end func() error) *Server {
	return &Server{URL: url, Source: source, process: p, end: end, ended: make(chan struct{})}
}

// ready fills in what the caller left out and makes the state folder.
func (o Options) ready() (Options, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Throwaway {
		return o, nil
	}
	if o.StateDir == "" {
		return o, errors.New("a server that is not thrown away needs a state folder")
	}
	dir, err := filepath.Abs(o.StateDir)
	if err != nil {
		return o, fmt.Errorf("find state folder: %w", err)
	}
	o.StateDir = dir
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return o, fmt.Errorf("make state folder: %w", err)
	}
	return o, nil
}

// freePort returns a TCP port of 127.0.0.1 that nobody listened on a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
