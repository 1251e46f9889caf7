// Package subgraph opens a service: its database, its cache, and the handler that answers its graph.
package subgraph

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/outbox"
)

// Env is what the shop tells its services.
type Env struct {
	Calls    *call.Directory    // how the other services are reached
	Signer   *identity.Signer   // verifies who asks
	Tokens   *identity.Verifier // verifies customers' access tokens
	Issuer   *identity.Issuer   // makes them; nil in every service but customer
	CartKeys *cartkey.Ring      // signs and verifies the ids of carts
	Currency string             // ISO 4217: the currency of the one channel
	MediaURL string             // the address below which picture files are served
	MediaDir string             // the folder of picture files
	// FakepayURL is where the payment gateway for tests and demonstrations answers; empty where there is none.
	FakepayURL string
	// TestMode lets tests see what is hidden otherwise (rule F-6). Never in production.
	TestMode bool
	Now      func() time.Time
}

// Config is how one service is opened.
type Config struct {
	Name        string // of the service
	DatabaseURL string // its database, in its service role
	OwnerURL    string // the same in the role that owns the schema and migrates; empty: only check that it is migrated
	Connections int    // to the database, at most
	RedisURL    string
	Wait        time.Duration // how long to wait for database and cache to answer
	// Debug shows internal errors to the caller and tells in extensions.souk.statements how many SQL statements an answer took.
	Debug bool
	Log   *slog.Logger
	Env   Env
}

// Parts are what makes a subgraph; S is the interface of its store. The first three are always there.
type Parts[S any] struct {
	Migrations fs.FS
	Store      func(*outbox.DB) S
	Schema     func(S, Env) graphql.ExecutableSchema
	// Mount adds what the service answers beside its graph.
	Mount func(S, Env, *http.ServeMux)
	// States tell, by kind, aggregates as they are now, for the state feed (rule E-12).
	States func(S, Env) map[string]States
	// Sources are what the service follows of others.
	Sources func(*outbox.DB, Env) []consumer.Source
	// Work are its own loops by name, beside those that tell and follow events.
	Work func(S, Env, *slog.Logger) map[string]func(context.Context) error
}

// States returns aggregates of one kind by their ids; those that are gone are missing. Positions are filled in by the feed.
type States func(ctx context.Context, subjects []string) ([]event.State, error)

// Service is an open subgraph.
type Service struct {
	// Handler answers the graph at POST /graphql, /livez and /readyz.
	Handler http.Handler
	// Local answers the graph to callers in this process, whose claims need no signature.
	Local http.Handler

	db    *database.DB
	cache *cache.Cache
	loops map[string]loop // by name
	log   *slog.Logger
}

// Open migrates the database where the owner's address is given (else it checks that it is migrated, rule G-10), connects
// to it and to Redis, and builds the handler.
func (p Parts[S]) Open(ctx context.Context, c Config) (*Service, error) {
	if c.OwnerURL != "" {
		if err := migrate(ctx, c, p.Migrations); err != nil {
			return nil, err
		}
	}
	s := &Service{loops: map[string]loop{}, log: c.Log}
	var err error
	if s.db, err = database.Open(ctx, c.DatabaseURL, c.Connections, c.Wait); err != nil {
		return nil, err
	}
	if err := outbox.CheckMigrated(ctx, s.db, p.Migrations); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.cache, err = cache.Open(ctx, c.RedisURL, c.Wait); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	store := p.Store(outbox.Open(s.db))
	mux := http.NewServeMux()
	graph := newHandler(p.Schema(store, c.Env), c.Debug, c.Log)
	s.Local = identity.Trusted(graph)
	mux.Handle("POST /graphql", c.Env.Signer.Middleware(graph))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", s.ready)
	if p.Mount != nil {
		p.Mount(store, c.Env, mux)
	}
	s.Handler = mux
	if p.Work != nil {
		for name, work := range p.Work(store, c.Env, c.Log) {
			s.loops[name] = work
		}
	}
	return s, nil
}

// Close gives all connections back.
func (s *Service) Close() error {
	var err error
	if s.cache != nil {
		err = s.cache.Close()
	}
	return errors.Join(err, s.db.Close())
}

// ready answers 200 when the database answers. Redis does not count: without it the service is slower, not wrong.
func (s *Service) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.db.Ping(r.Context()); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func migrate(ctx context.Context, c Config, migrations fs.FS) (err error) {
	owner, err := database.Open(ctx, c.OwnerURL, 2, c.Wait)
	if err != nil {
		return fmt.Errorf("open database as its owner: %w", err)
	}
	defer func() { err = errors.Join(err, owner.Close()) }()
	return outbox.Migrate(ctx, owner, migrations)
}
