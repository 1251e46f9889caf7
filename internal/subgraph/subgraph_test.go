package subgraph_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/lib/pq"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

// failing is a schema whose only field does what resolve does.
func failing(resolve func(context.Context) error) graphql.ExecutableSchema {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `scalar _Any type Query { x: Int  _entities(representations: [_Any!]!): [Int] }`})
	return &graphql.ExecutableSchemaMock{
		SchemaFunc:     func() *ast.Schema { return schema },
		ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) { return 0, false },
		ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
			done := false
			return func(ctx context.Context) *graphql.Response {
				if done {
					return nil
				}
				done = true
				if err := resolve(ctx); err != nil {
					graphql.AddError(ctx, err)
				}
				return &graphql.Response{Data: json.RawMessage(`{"x":null}`)}
			}
		},
	}
}

var migrations = fstest.MapFS{"0001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (n int);\n")}}

// open opens a service on the test's servers.
func open(t *testing.T, debug bool, resolve func(context.Context) error) (*subgraph.Service, *strings.Builder) {
	t.Helper()
	log := new(strings.Builder)
	url := launchtest.Postgres(t)
	s, err := subgraph.Parts[*outbox.DB]{
		Migrations: migrations,
		Store:      func(db *outbox.DB) *outbox.DB { return db },
		Schema:     func(*outbox.DB, subgraph.Env) graphql.ExecutableSchema { return failing(resolve) },
	}.Open(t.Context(), subgraph.Config{
		DatabaseURL: url, OwnerURL: url, Connections: 2, RedisURL: launchtest.Redis(t), Wait: 10 * time.Second, Debug: debug,
		Log: slog.New(slog.NewTextHandler(log, nil)), Env: subgraph.Env{Signer: &identity.Signer{Secret: []byte("secret")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // A test may have closed it.
	return s, log
}

func post(s *subgraph.Service) (int, string) { return send(s, `{"query":"{ x }"}`) }

func send(s *subgraph.Service, body string) (int, string) {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestErrorsAreForTheCallerOrMasked(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		debug bool
		code  string
		says  string
		hides string
		logs  bool
	}{
		"a fault":                  {fault.New("PAGE_TOO_LARGE", "Too many."), false, "PAGE_TOO_LARGE", "Too many.", "", false},
		"a secret":                 {errors.New("password is xyzzy"), false, "INTERNAL_SERVER_ERROR", "Something went wrong.", "xyzzy", true},
		"a secret, in development": {errors.New("password is xyzzy"), true, "INTERNAL_SERVER_ERROR", "xyzzy", "", true},
		"the database is away":     {&pq.Error{Code: "57P01", Message: "xyzzy"}, true, "SERVICE_UNAVAILABLE", "Try again", "xyzzy", true},
		"the caller has gone":      {context.Canceled, false, "SERVICE_UNAVAILABLE", "given up", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s, log := open(t, c.debug, func(context.Context) error { return c.err })
			_, body := post(s)
			if !strings.Contains(body, c.code) || !strings.Contains(body, c.says) || c.hides != "" && strings.Contains(body, c.hides) {
				t.Errorf("answered %s", body)
			}
			if strings.Contains(log.String(), "request failed") != c.logs || c.logs && !strings.Contains(log.String(), "xyzzy") {
				t.Errorf("logged %q", log)
			}
		})
	}
	t.Run("a statement that ended with its caller", func(t *testing.T) {
		s, log := open(t, false, func(context.Context) error { return &pq.Error{Code: "57014", Message: "xyzzy"} })
		ctx, gone := context.WithCancel(t.Context())
		gone()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ x }"}`))
		r.Header.Set("Content-Type", "application/json")
		s.Handler.ServeHTTP(httptest.NewRecorder(), r)
		if log.Len() > 0 {
			t.Errorf("logged %q: nobody has to look", log)
		}
	})
	t.Run("a panic", func(t *testing.T) {
		s, log := open(t, false, func(ctx context.Context) error { panic("xyzzy") })
		if _, body := post(s); strings.Contains(body, "xyzzy") || !strings.Contains(body, "errors") {
			t.Errorf("answered %s", body)
		}
		if !strings.Contains(log.String(), "xyzzy") {
			t.Errorf("logged %q", log)
		}
	})
}

func TestStatementsAreToldInDevelopmentOnly(t *testing.T) {
	var db *database.DB
	query := func(ctx context.Context) error {
		var n int
		return db.Get(ctx, &n, `SELECT 1`)
	}
	for _, debug := range []bool{true, false} {
		s, _ := open(t, debug, query)
		opened, err := database.Open(t.Context(), launchtest.Postgres(t), 1, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		db = opened
		if _, body := post(s); strings.Contains(body, `"souk":{"statements":1}`) != debug {
			t.Errorf("debug %v: answered %s", debug, body)
		}
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestARequestAsksForAtMostAThousandEntities holds rule F-4, however the representations are written.
func TestARequestAsksForAtMostAThousandEntities(t *testing.T) {
	resolved := false
	s, _ := open(t, false, func(context.Context) error { resolved = true; return nil })
	list := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`{},`, n), ",") + "]" }
	for name, c := range map[string]struct {
		query   string
		n       int
		refused bool
	}{
		"1,000":               {"query($r: [_Any!]!) { _entities(representations: $r) }", 1000, false},
		"1,001":               {"query($r: [_Any!]!) { _entities(representations: $r) }", 1001, true},
		"two fields together": {"query($r: [_Any!]!) { a: _entities(representations: $r) b: _entities(representations: $r) }", 501, true},
		"in a fragment":       {"query($r: [_Any!]!) { ... F } fragment F on Query { ... { _entities(representations: $r) } }", 1001, true},
		"written out":         {"query { _entities(representations: " + list(1001) + ") }", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			resolved = false
			_, body := send(s, `{"query":"`+c.query+`","variables":{"r":`+list(c.n)+`}}`)
			if strings.Contains(body, "TOO_MANY_REPRESENTATIONS") != c.refused || resolved == c.refused || c.refused && !strings.Contains(body, "at most 1000") {
				t.Errorf("resolved %v, answered %.200s", resolved, body)
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	s, _ := open(t, false, func(context.Context) error { return nil })
	status := func(path string) int {
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code
	}
	if status("/livez") != 200 || status("/readyz") != 200 {
		t.Errorf("livez %d, readyz %d, want 200", status("/livez"), status("/readyz"))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if status("/livez") != 200 || status("/readyz") != 503 {
		t.Errorf("without a database: livez %d, readyz %d, want 200 and 503", status("/livez"), status("/readyz"))
	}
}

func TestLocalTakesClaimsWithoutASignature(t *testing.T) {
	var asks string
	s, _ := open(t, false, func(ctx context.Context) error { asks = identity.From(ctx).Customer; return nil })
	for name, h := range map[string]http.Handler{"c1": s.Local, "": s.Handler} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ x }"}`))
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set(identity.HeaderClaims, identity.Claims(identity.Identity{Customer: "c1"}))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 || w.Body.String() != `{"data":{"x":null}}` || asks != name {
			t.Errorf("%d %s, %q asks, want %q", w.Code, w.Body, asks, name)
		}
	}
}

func TestRequestsThatAreNone(t *testing.T) {
	s, _ := open(t, false, func(context.Context) error { return nil })
	for name, c := range map[string]struct {
		media, body string
		status      int
		says        string
	}{
		"no JSON":       {"application/json", "{", 400, "BAD_REQUEST"},
		"another media": {"text/plain", "{}", 400, "transport not supported"},
		"no field":      {"application/json", `{"query":"{ y }"}`, 200, "Cannot query field"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.media)
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
