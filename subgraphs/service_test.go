package subgraphs_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/cartkey"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// service is one open subgraph.
type service struct {
	env     subgraph.Env
	handler http.Handler
	address string           // of its database
	in      identity.Context // of all requests
	log     *log
}

// start opens a service on a database of its own.
func start(t *testing.T, name string, changes ...func(*subgraph.Env)) *service {
	t.Helper()
	s := &service{env: environment(t), address: databasetest.Address(t), log: new(log)}
	for _, change := range changes {
		change(&s.env)
	}
	opened, err := subgraphs.All[name](t.Context(), subgraph.Config{
		DatabaseURL: s.address, OwnerURL: s.address, Connections: 10, RedisURL: launchtest.Redis(t), Wait: 10 * time.Second,
		Debug: true, Log: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Env: s.env,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	s.handler = opened.Handler
	return s
}

func environment(t *testing.T) subgraph.Env {
	t.Helper()
	issuer, err := identity.NewIssuer(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := identity.NewVerifier(issuer.Public())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := cartkey.ParseRing("1:first-cart-secret,2:second-cart-secret")
	if err != nil {
		t.Fatal(err)
	}
	signer := &identity.Signer{Secret: []byte("secret")}
	return subgraph.Env{
		Calls: call.NewDirectory(signer), Signer: signer, Tokens: tokens, Issuer: issuer, CartKeys: keys,
		Currency: "EUR", MediaURL: "http://media.test/files", StorefrontURL: "https://shop.test/", Now: func() time.Time { return noon },
	}
}

// reply is what a service answered.
type reply struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
	Extensions struct{ Souk struct{ Statements int } }
}

// ask sends an operation in somebody's name and reads the data into data. It returns the number of SQL statements.
func (s *service) ask(t *testing.T, who identity.Identity, query string, variables, data any) int {
	t.Helper()
	r := s.reply(t, who, query, variables)
	if len(r.Errors) > 0 {
		t.Fatalf("errors = %+v", r.Errors)
	}
	if err := json.Unmarshal(r.Data, data); err != nil {
		t.Fatal(err)
	}
	return r.Extensions.Souk.Statements
}

func (s *service) reply(t *testing.T, who identity.Identity, query string, variables any) reply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(identity.HeaderContext, s.in.Header())
	if who.Customer != "" || who.Service != "" || who.Scopes != nil || s.in != (identity.Context{}) {
		if err := s.env.Signer.Sign(r.Header, r.Method, r.URL.Path, body, who); err != nil {
			t.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	var answer reply
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("answer %q: %v", w.Body, err)
	}
	return answer
}

// log keeps what a service logs.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// problem is a userError.
type problem struct {
	Code    string
	Field   []string
	Message string
}

// brief writes problems as "CODE at field.path".
func brief(problems []problem) []string {
	texts := []string{}
	for _, p := range problems {
		texts = append(texts, p.Code+" at "+strings.Join(p.Field, "."))
	}
	return texts
}

var nobody identity.Identity

func TestEachServiceTellsItsSchema(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]string{"cart": "type CartLineCost", "checkout": "type CartDeliveryOption", "customer": "type CustomerAccessToken"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var data struct {
				Service struct{ SDL string } `json:"_service"`
			}
			start(t, name).ask(t, nobody, `{ _service { sdl } }`, nil, &data)
			if !strings.Contains(data.Service.SDL, part) || !strings.Contains(data.Service.SDL, "enum CurrencyCode") {
				t.Errorf("the SDL of %s lacks %q or the shared part", name, part)
			}
		})
	}
}
