package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/launch"
)

// TestEachServiceIsToldWhatItNeeds reads the files that `souk servers` writes: no service has a secret that it does not use.
func TestEachServiceIsToldWhatItNeeds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secrets, err := config.Kept(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := servers{redis: &launch.Server{URL: "redis://r"}, access: map[string]launch.Access{}, secrets: secrets}
	for _, name := range append(slices.Clone(config.Services), fakepayName) {
		s.access[name] = launch.Access{OwnerURL: "postgres://owner-" + name, ServiceURL: "postgres://" + name}
	}
	folder, err := s.writeEnvironments(&config.Servers{State: config.State{StateDir: dir}, Shop: config.Shop{Currency: "USD", Language: "en", Country: "US", MediaURL: "https://cdn"}})
	if err != nil {
		t.Fatal(err)
	}
	const everyone = "SOUK_DEV SOUK_MEDIA_URL=https://cdn SOUK_ROUTER_SECRET SOUK_SUBGRAPHS"
	const service = everyone + " REDIS_URL=redis://r SOUK_CURRENCY=USD SOUK_LANGUAGE=en SOUK_COUNTRY=US"
	for name, want := range map[string]string{
		"product": service + " SOUK_MEDIA_DIR SOUK_TOKEN_PUBLIC_KEY",
		"cart":    service + " SOUK_CART_KEYS SOUK_TOKEN_PUBLIC_KEY", "checkout": service + " SOUK_CART_KEYS SOUK_TOKEN_PUBLIC_KEY SOUK_FAKEPAY_URL",
		"customer": service + " SOUK_TOKEN_KEY", "router": everyone + " SOUK_TOKEN_PUBLIC_KEY", fakepayName: "",
	} {
		if name != "router" {
			want += " " + config.ServiceDatabaseURL(name) + "=postgres://" + name + " " + config.OwnerDatabaseURL(name) + "=postgres://owner-" + name
		}
		b, err := os.ReadFile(filepath.Join(folder, name+".env"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(string(b))
		for _, variable := range strings.Fields(want) {
			if !slices.ContainsFunc(lines, func(line string) bool {
				return line == variable || strings.HasPrefix(line, variable+"=") && len(line) > len(variable)+1
			}) {
				t.Errorf("%s is not told %s", name, variable)
			}
		}
		if got, want := len(lines), len(strings.Fields(want)); got != want {
			t.Errorf("%s is told %d variables, want %d: %s", name, got, want, b)
		}
	}
}

func TestWherePicturesAre(t *testing.T) {
	t.Parallel()
	l, err := listen("product", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for name, c := range map[string]struct {
		serve config.Serve
		here  map[string]net.Listener
		want  string
	}{
		"as it was said":          {config.Serve{Shop: config.Shop{MediaURL: "https://cdn"}}, map[string]net.Listener{"product": l}, "https://cdn"},
		"product in this process": {config.Serve{}, map[string]net.Listener{"product": l}, "http://" + l.Addr().String() + "/media"},
		"product elsewhere":       {config.Serve{Subgraphs: map[string]string{"product": "https://p.example:8/graphql"}}, nil, "https://p.example:8/media"},
		"no product":              {config.Serve{}, nil, ""},
	} {
		if got := mediaURL(&c.serve, c.here); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
