package identity_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/soukhq/souk/internal/identity"
)

// Rule G-3: the signed circumstances are the only ones.
func TestContextTravelsSigned(t *testing.T) {
	t.Parallel()
	signer := &identity.Signer{Secret: []byte("secret")}
	said := identity.Context{Channel: "web", Country: "AT", Currency: "EUR", Language: "de-AT"}
	var got identity.Context
	look := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = identity.ContextFrom(r.Context()) })
	for name, c := range map[string]struct {
		handler http.Handler
		header  string
		signed  bool
		after   string // the header after signing
		status  int
		want    identity.Context
	}{
		"signed":            {signer.Middleware(look), said.Header(), true, said.Header(), 200, said},
		"not signed":        {signer.Middleware(look), said.Header(), false, said.Header(), 200, identity.Context{}},
		"changed":           {signer.Middleware(look), "", true, said.Header(), 401, identity.Context{}},
		"nothing said":      {signer.Middleware(look), "", true, "", 200, identity.Context{}},
		"not to be read":    {signer.Middleware(look), "%", true, "%", 200, identity.Context{}},
		"in this process":   {identity.Trusted(look), said.Header(), false, said.Header(), 200, said},
		"nothing, in there": {identity.Trusted(look), "", false, "", 200, identity.Context{}},
	} {
		got = identity.Context{}
		r := httptest.NewRequest(http.MethodPost, "/graphql", http.NoBody)
		r.Header.Set(identity.HeaderContext, c.header)
		if c.signed {
			if err := signer.Sign(r.Header, http.MethodPost, "/graphql", nil, identity.Identity{}); err != nil {
				t.Fatal(err)
			}
		}
		r.Header.Set(identity.HeaderContext, c.after)
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Body)
		if w.Code != c.status || got != c.want {
			t.Errorf("%s: %d %s, %+v; want %d, %+v", name, w.Code, body, got, c.status, c.want)
		}
	}
}
