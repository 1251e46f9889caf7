package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/soukhq/souk/internal/database/databasetest"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/internal/subgraph"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/graph"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

// shop is an open product service with a clock that stands still.
type shop struct {
	handler http.Handler
	db      *outbox.DB
	now     time.Time
}

func open(t testing.TB) *shop {
	t.Helper()
	s := &shop{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	address := databasetest.Address(t)
	service, err := subgraph.Parts[product.Store]{
		Migrations: postgres.Migrations,
		Store: func(db *outbox.DB) product.Store {
			s.db = db
			return postgres.New(db)
		},
		Schema: func(store product.Store, e subgraph.Env) graphql.ExecutableSchema {
			return graph.Schema(&graph.Resolver{Shop: product.Shop{
				Name: "Souk", Storefront: "https://shop.test:8443/de", Country: "DE", Currencies: e.Currencies(), Languages: []string{"en", "de"},
			}, Store: store, MediaURL: e.MediaURL, Now: e.Now})
		},
	}.Open(t.Context(), subgraph.Config{
		DatabaseURL: address, OwnerURL: address, Connections: 10, RedisURL: launchtest.Redis(t), Wait: 10 * time.Second,
		Debug: true, Log: slog.New(slog.DiscardHandler),
		Env: subgraph.Env{
			Signer: signer, Currency: "EUR", MoreCurrencies: []string{"USD"},
			MediaURL: "http://shop.test/media", Now: func() time.Time { return s.now },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	s.handler = service.Handler
	return s
}

// load imports a CSV file.
func (s *shop) load(t testing.TB, csv string, o exchange.Options) {
	t.Helper()
	o.Currency, o.Now = "EUR", s.now
	if _, err := exchange.ImportShopify(t.Context(), strings.NewReader(csv), postgres.New(s.db), o, nil); err != nil {
		t.Fatal(err)
	}
}

// answer is what the service says.
type answer struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code string }
	}
	Extensions struct {
		Souk struct {
			Statements int
			Cache      *struct{ Hits, Misses, Bypass int } // nil where none are kept
		}
	}
}

var signer = &identity.Signer{Secret: []byte("a secret of the tests, long enough")}

func (s *shop) ask(t testing.TB, query string, variables map[string]any) answer {
	t.Helper()
	return s.askAs(t, identity.Identity{}, identity.Context{}, query, variables)
}

// askAs asks in somebody's name, in some circumstances.
func (s *shop) askAs(t testing.TB, who identity.Identity, in identity.Context, query string, variables map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(identity.HeaderContext, in.Header())
	if err := signer.Sign(r.Header, r.Method, "/graphql", body, who); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("answer %d %s: %v", w.Code, w.Body, err)
	}
	return a
}

// data asks and reads the data; errors fail the test.
func (s *shop) data(t testing.TB, into any, query string, variables map[string]any) answer {
	t.Helper()
	a := s.ask(t, query, variables)
	if len(a.Errors) > 0 {
		t.Fatalf("%s answered %+v", query, a.Errors)
	}
	if err := json.Unmarshal(a.Data, into); err != nil {
		t.Fatal(err)
	}
	return a
}

const header = "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Variant Compare At Price,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Image Src,Image Alt Text,Collection,Published,Vendor,Body (HTML),Tags\n"

// catalogue writes products with ten variants each, all in two collections.
func catalogue(products int) string {
	var b strings.Builder
	b.WriteString(header)
	for p := range products {
		for v := range 10 {
			title, option, collection := "", "", "Everything"
			if v == 0 {
				title, option = fmt.Sprintf("Product %03d", p), "Size"
			}
			if v == 1 {
				collection = fmt.Sprintf("Group %d", p%10)
			}
			fmt.Fprintf(&b, "p-%03d,%s,%s,S%d,,,SKU-%d-%d,%d.50,,shopify,3,deny,https://img.test/%d-%d.png,,%s,,,,\n", p, title, option, v, p, v, p+v, p, v, collection)
		}
	}
	return b.String()
}
