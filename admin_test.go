package main

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheAdminListener(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address string
		whole   bool
		listens bool
	}{{"", false, false}, {"off", true, false}, {"off", false, false}, {"127.0.0.1:0", false, true}, {"", true, true}} {
		for range 2 { // A default that is taken does not stop the shop.
			l, err := listenAdmin(c.address, c.whole)
			if err != nil || (l != nil) != c.listens {
				t.Errorf("%q, the whole shop %v: %v, %v", c.address, c.whole, l, err)
			}
			if l != nil {
				defer l.Close() //nolint:errcheck // The test is over.
			}
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // The test is over.
	if _, err := listenAdmin(taken.Addr().String(), true); err == nil || !strings.Contains(err.Error(), "--admin-listen") {
		t.Errorf("a taken address that was asked for: %v", err)
	}
	h := admin(nil, slog.New(slog.DiscardHandler))
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != 200 || path == "/metrics" && !strings.Contains(w.Body.String(), "go_goroutines") {
			t.Errorf("%s: %d %.200s", path, w.Code, w.Body)
		}
	}
}
