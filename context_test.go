package main

import (
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/supergraph"
	"github.com/soukhq/souk/schema"
)

// TestShopContext asks in a context and looks at what a service is told, and whether it can trust it.
func TestShopContext(t *testing.T) {
	t.Parallel()
	model, err := supergraph.Read(schema.Supergraph())
	if err != nil {
		t.Fatal(err)
	}
	signer := &identity.Signer{Secret: []byte("secret")}
	var told string
	service := signer.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told = r.Header.Get(identity.HeaderContext)
		_, _ = io.WriteString(w, `{"data":{}}`)
	}))
	transports := make([]fetch.Transport, len(model.Graphs))
	for i := range transports {
		transports[i] = fetch.NewLocal(service, "/graphql", fetch.Options{Sign: sign(signer)})
	}
	r, err := router.New(model, transports, router.Options{Context: shopContext, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ query, language, country, want string }{
		{`query @inContext(country: DE, currency: EUR, channel: \"web\") {products(first: 1) {nodes {id}}}`, "", "FR", `{"channel":"web","country":"DE","currency":"EUR"}`},
		{`{products(first: 1) {nodes {id}}}`, "de-AT;q=0.9, en", "FR", `{"country":"FR","language":"de-AT"}`},
		{`{products(first: 1) {nodes {id}}}`, "*", "", ``},
	} {
		q := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"`+c.query+`"}`))
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Accept-Language", c.language)
		q.Header.Set("X-Country", c.country)
		told = "nothing"
		w := httptest.NewRecorder()
		r.ServeHTTP(w, q)
		if got, err := base64.RawURLEncoding.DecodeString(told); err != nil || string(got) != c.want {
			t.Errorf("%s: the service was told %q, want %s; the client %s", c.query, got, c.want, w.Body)
		}
	}
}
