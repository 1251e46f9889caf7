package e2e

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// exchange sends a request with headers, given as names and values, and returns the answer with its body.
func exchange(t *testing.T, method, address, body string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close() //nolint:errcheck // Nothing is lost when a body that was read cannot be closed.
	b, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w, b
}

// page reads what an address serves to somebody who reads English and has never been there.
func page(t *testing.T, address string) string {
	t.Helper()
	w, b := exchange(t, http.MethodGet, address, "", "Accept-Language", "en")
	if w.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %s", address, w.Status)
	}
	return string(b)
}
