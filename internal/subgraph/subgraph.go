// Package subgraph opens a service: its database, its cache, and the handler that answers its graph.
package subgraph

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/internal/consumer"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/feed"
	"github.com/soukhq/souk/internal/idempotency"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/run"
	"github.com/soukhq/souk/internal/stream"
)

// redisWait is how long a service waits for Redis at its start.
const redisWait = 2 * time.Second

// Env is what the shop tells its services.
type Env struct {
	Calls    *call.Directory    // how the other services are reached
	Signer   *identity.Signer   // verifies who asks
	Tokens   *identity.Verifier // verifies customers' access tokens
	Issuer   *identity.Issuer   // makes them; nil in every service but customer
	CartKeys *cartkey.Ring      // signs and verifies the ids of carts
	Cache    *cache.Cache       // keeps results; nil in services that keep none. Filled in by Open
	Currency string             // ISO 4217: the shop's own currency
	Country  string             // ISO 3166: the shop's country
	Language string             // the tag of the shop's own language
	// MoreCurrencies and MoreLanguages are those in which the shop sells and speaks, too; its own may be among them.
	MoreCurrencies, MoreLanguages []string
	MediaURL                      string // the address below which picture files are served
	MediaDir                      string // the folder of picture files
	ShopName                      string
	// StorefrontURL is the address of the storefront, where buyers go to order.
	StorefrontURL string
	// FakepayURL is where the payment gateway for tests and demonstrations answers; empty where there is none.
	FakepayURL string
	// TestMode lets tests see what is hidden otherwise (rule F-6). Never in production.
	TestMode bool
	// Process names this process among all of the shop; one that starts again in its place has the same name.
	Process string
	Now     func() time.Time
}

// Currencies returns those in which the shop sells, its own first.
func (e Env) Currencies() []string { return ownFirst(e.Currency, e.MoreCurrencies) }

// Languages returns those that the shop speaks, its own first.
func (e Env) Languages() []string { return ownFirst(e.Language, e.MoreLanguages) }

func ownFirst(own string, more []string) []string {
	all := []string{own}
	for _, m := range more {
		if !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}

// Config is how one service is opened.
type Config struct {
	Name        string // of the service
	DatabaseURL string // its database, in its service role
	OwnerURL    string // the same in the role that owns the schema and migrates; empty: only check that it is migrated
	Connections int    // to the database, at most
	RedisURL    string
	Cache       bool          // keep results in Redis, in services that do
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
	// Cached says that the service keeps results in Env.Cache. What its events say is old is forgotten.
	Cached bool
	// Work are its own loops by name, beside those that tell and follow events.
	Work func(S, Env, *slog.Logger) map[string]func(context.Context) error
}

// States returns aggregates of one kind by their ids; those that are gone are missing. Positions are filled in by the feed.
type States = feed.Render

// Service is an open subgraph.
type Service struct {
	// Handler answers the graph at POST /graphql, /livez and /readyz.
	Handler http.Handler
	// Local answers the graph to callers in this process, whose claims need no signature.
	Local http.Handler

	name      string
	db        *outbox.DB
	cache     *cache.Cache
	forgetter *forgetter // nil where no results are kept
	stream    *stream.Redis
	followers []*consumer.Follower
	loops     map[string]loop // by name
	log       *slog.Logger
}

// Open migrates the database where the owner's address is given (else it checks that it is migrated, rule G-10), connects
// to it and to Redis, and builds the handler.
func (p Parts[S]) Open(ctx context.Context, c Config) (*Service, error) {
	if c.OwnerURL != "" {
		if err := migrate(ctx, c, p.Migrations); err != nil {
			return nil, err
		}
	}
	s := &Service{name: c.Name, log: c.Log}
	db, err := database.Open(ctx, c.DatabaseURL, c.Connections, c.Wait)
	if err != nil {
		return nil, err
	}
	s.db = outbox.Open(db)
	if err := outbox.CheckMigrated(ctx, db, p.Migrations); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.openRedis(ctx, c); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if c.Cache && p.Cached {
		c.Env.Cache, s.forgetter = s.cache, newForgetter(s.db, s.cache, c.Log)
	}
	relay := &outbox.Relay{Service: c.Name, DB: s.db, Stream: s.stream, Log: c.Log}
	for numbered := -1; numbered != 0; { // What was told while the service was away is in the state feed before others ask for it.
		if numbered, err = relay.Number(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	store := p.Store(s.db)
	p.addLoops(s, relay, store, c)
	p.mount(s, store, c)
	return s, nil
}

// mount makes the handlers of the service.
func (p Parts[S]) mount(s *Service, store S, c Config) {
	mux := http.NewServeMux()
	graph := newHandler(p.Schema(store, c.Env), s.forgetter, c.Debug, c.Log)
	s.Local = identity.Trusted(graph)
	mux.Handle("POST /graphql", c.Env.Signer.Middleware(graph))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", s.ready)
	owner := feed.Owner{DB: s.db, Log: c.Log}
	if p.States != nil {
		owner.States = p.States(store, c.Env)
	}
	owner.Mount(mux, c.Env.Signer.Middleware)
	if p.Mount != nil {
		p.Mount(store, c.Env, mux)
	}
	s.Handler = mux
}

// addLoops makes what the service does by itself: its relay, a follower of each source, and its own work.
func (p Parts[S]) addLoops(s *Service, relay *outbox.Relay, store S, c Config) {
	s.loops = map[string]loop{"relay": relay.Run, "purge of idempotency keys": func(ctx context.Context) error {
		return run.Every(ctx, purgeEvery, func(ctx context.Context) error { return idempotency.PurgeAll(ctx, s.db, c.Env.Now()) })
	}}
	if p.Sources != nil {
		for _, source := range p.Sources(s.db, c.Env) {
			f := &consumer.Follower{
				Service: c.Name, Source: source, DB: s.db, Stream: s.stream, Log: c.Log,
				Feed: &feed.Reader{Client: c.Env.Calls.Client(c.Name, source.Service)},
			}
			s.followers = append(s.followers, f)
			s.loops["follower of "+source.Service] = f.Run
		}
	}
	if s.forgetter != nil {
		s.loops["forgetter of results"] = s.forgetter.run
	}
	if p.Work != nil {
		for name, work := range p.Work(store, c.Env, c.Log) {
			s.loops[name] = work
		}
	}
}

// openRedis connects to Redis. A service starts without it: then it caches nothing and tells others by its log.
func (s *Service) openRedis(ctx context.Context, c Config) (err error) {
	if s.stream, err = stream.OpenRedis(c.RedisURL); err != nil {
		return err
	}
	if s.cache, err = cache.Open(c.RedisURL, c.Name, c.Log); err != nil {
		return err
	}
	err = s.cache.Await(ctx, min(c.Wait, redisWait))
	var network net.Error
	if errors.As(err, &network) {
		c.Log.WarnContext(ctx, "started without Redis", "error", err)
		return nil
	}
	return err
}

// Close gives all connections back. Run must have ended.
func (s *Service) Close() error {
	var err error
	if s.cache != nil {
		err = s.cache.Close()
	}
	if s.stream != nil {
		err = errors.Join(err, s.stream.Close())
	}
	return errors.Join(err, s.db.Close())
}

// ready answers 200 when the database answers and all that the service follows was read once up to its end (rule B-1).
// Redis does not count: without it the service is slower, not wrong.
func (s *Service) ready(w http.ResponseWriter, r *http.Request) {
	if why := s.Unready(r.Context()); why != "" {
		http.Error(w, why, http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// Unready says why the service is not ready, "" where it is.
func (s *Service) Unready(ctx context.Context) string {
	if err := s.db.Ping(ctx); err != nil {
		return "the database does not answer"
	}
	for _, f := range s.followers {
		if !f.Ready() {
			return "what " + f.Source.Service + " told was not read yet"
		}
	}
	return ""
}

func migrate(ctx context.Context, c Config, migrations fs.FS) (err error) {
	owner, err := database.Open(ctx, c.OwnerURL, 2, c.Wait)
	if err != nil {
		return fmt.Errorf("open database as its owner: %w", err)
	}
	defer func() { err = errors.Join(err, owner.Close()) }()
	return outbox.Migrate(ctx, owner, migrations)
}
