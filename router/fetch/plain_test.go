package fetch_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"github.com/soukhq/souk/router/fetch"
)

func TestWhoAsks(t *testing.T) {
	t.Parallel()
	for endpoint, own := range map[string]bool{
		"http://products:4001/graphql":    true,
		"http://[::1]:4001/graphql":       true,
		"http://products":                 true,
		"https://products:4001/graphql":   false,
		"http://[fe80::1%25eth0]/":        false,
		"http://продукты.example/graphql": false,
	} {
		n, err := fetch.NewNetwork(endpoint, fetch.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n.Plain() != own {
			t.Errorf("the client without TLS asks %s: %t, want %t", endpoint, n.Plain(), own)
		}
		n.Close()
	}
}

// TestProxy runs itself again in an environment that names a proxy, for net/http reads that once in a process.
func TestProxy(t *testing.T) {
	t.Parallel()
	const endpoint = "http://subgraph.invalid/graphql"
	if os.Getenv("FETCH_TEST_PROXIED") != "" {
		n, err := fetch.NewNetwork(endpoint, fetch.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := n.Do(t.Context(), request()); err != nil || string(got.Body) != endpoint {
			t.Errorf("Do() = %v, %v, want the answer of the proxy", got, err)
		}
		return
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.RequestURI))
	}))
	defer proxy.Close()
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxy$")
	again.Env = append(os.Environ(), "FETCH_TEST_PROXIED=1", "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=")
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
