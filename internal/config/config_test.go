package config_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/config"
)

func parse(t *testing.T, args ...string) any {
	t.Helper()
	c, done, err := config.Parse(args, io.Discard)
	if err != nil || done {
		t.Fatalf("Parse(%q) = done %v, %v", args, done, err)
	}
	return c
}

func TestParseChoosesTheCommand(t *testing.T) {
	serve := parse(t).(*config.Serve)
	if len(serve.Services) != 0 || serve.Listen != "127.0.0.1:4000" || serve.Currency != "USD" {
		t.Errorf("no arguments: %+v", serve)
	}
	serve = parse(t, "cart", "router", "--subgraph", "product=http://p/graphql", "--subgraph", "checkout=http://c/graphql", "--listen", ":1").(*config.Serve)
	if len(serve.Services) != 2 || serve.Subgraphs["product"] != "http://p/graphql" || serve.Subgraphs["checkout"] != "http://c/graphql" || serve.Listen != ":1" {
		t.Errorf("two services: %+v", serve)
	}
	if i := parse(t, "import", "--format", "shopify", "x.csv").(*config.Import); i.Collections != "none" || i.File != "x.csv" {
		t.Errorf("import: %+v", i)
	}
	if e := parse(t, "events", "new-epoch", "product").(*config.Events); e.Action != "new-epoch" || e.Service != "product" || e.StateDir == "" {
		t.Errorf("events: %+v", e)
	}
	if w := parse(t, "with-servers", "--", "go", "test", "-run", "X").(*config.WithServers); strings.Join(w.Command, " ") != "go test -run X" {
		t.Errorf("with-servers: %+v", w)
	}
}

func TestFlagBeatsEnvironmentBeatsDefault(t *testing.T) {
	t.Setenv("SOUK_CURRENCY", "EUR")
	t.Setenv("SOUK_CART_LISTEN", ":7")
	t.Setenv("SOUK_SUBGRAPHS", "a=http://a,b=http://b")
	serve := parse(t).(*config.Serve)
	if serve.Currency != "EUR" || serve.Service("cart").Listen != ":7" || serve.Subgraphs["b"] != "http://b" {
		t.Errorf("environment: %+v", serve)
	}
	if serve := parse(t, "--currency", "CHF").(*config.Serve); serve.Currency != "CHF" {
		t.Errorf("flag: %+v", serve)
	}
}

func TestIntrospectionIsOffInProduction(t *testing.T) {
	if !parse(t, "router").(*config.Serve).Introspects() || parse(t, "router", "--introspection", "off").(*config.Serve).Introspects() {
		t.Error("want it on by default, and off where it is set off")
	}
	t.Setenv("SOUK_ENV", "production")
	if parse(t, "router").(*config.Serve).Introspects() || !parse(t, "router", "--introspection", "on").(*config.Serve).Introspects() {
		t.Error("in production, want it off by default, and on where it is set on")
	}
}

func TestProductionGoesOnForAWhile(t *testing.T) {
	if d := parse(t, "router").(*config.Serve).StopsAfter(); d != 0 {
		t.Errorf("%v in development", d)
	}
	t.Setenv("SOUK_ENV", "production")
	if d := parse(t, "router").(*config.Serve).StopsAfter(); d != 5*time.Second {
		t.Errorf("%v in production", d)
	}
	if d := parse(t, "router", "--stop-wait", "1s").(*config.Serve).StopsAfter(); d != time.Second {
		t.Errorf("%v as it was set", d)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"warehouse", "warehouse"},
		{"cart cart", "twice"},
		{"cart --subgraph cart=http://x", "runs in this process"},
		{"--nonsense", "nonsense"},
		{"import x.csv", "format"},
		{"import --format magento x.csv", "shopify"},
		{"events", "action"},
		{"router --stop-wait soon", "neither auto nor a duration"},
		{"events new-epoch", "souk events new-epoch SERVICE"},
		{"events retry router", "product, cart, checkout or customer"},
	} {
		if _, _, err := config.Parse(strings.Fields(c.args), io.Discard); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error = %v, want one with %q", c.args, err, c.says)
		}
	}
}

func TestHelpNamesEverySetting(t *testing.T) {
	var help bytes.Buffer
	if _, done, err := config.Parse([]string{"serve", "--help"}, &help); !done || err != nil {
		t.Fatalf("done %v, %v", done, err)
	}
	for _, want := range []string{"--listen", "SOUK_SUBGRAPHS", "--cart-listen", "SOUK_CART_LISTEN", "--admin-listen", "--currency"} {
		if !strings.Contains(help.String(), want) {
			t.Errorf("help does not name %s:\n%s", want, help.String())
		}
	}
}

func TestHelpIsNoError(t *testing.T) {
	for _, args := range []string{"--help", "serve --help", "servers --help", "import --help", "compose --help", "plan --help", "events --help", "with-servers --help"} {
		var help bytes.Buffer
		if c, done, err := config.Parse(strings.Fields(args), &help); c != nil || !done || err != nil || !strings.Contains(help.String(), "Usage: souk") {
			t.Errorf("%s: %v, done %v, %v, help %q", args, c, done, err, help.String())
		}
	}
}

func TestSecretsComeFromEnvironmentOrFile(t *testing.T) {
	t.Setenv("SOUK_A", "one")
	file := filepath.Join(t.TempDir(), "b")
	if err := os.WriteFile(file, []byte("two\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOUK_B_FILE", file)
	var none config.File
	s, err := none.Environment("SOUK_A", "SOUK_B")
	if err != nil || s["SOUK_A"] != "one" || s["SOUK_B"] != "two" {
		t.Errorf("Environment = %v, %v", s, err)
	}
	if _, err := none.Environment("SOUK_A", "SOUK_C", "SOUK_D"); err == nil || !strings.Contains(err.Error(), "SOUK_C and SOUK_D") {
		t.Errorf("missing: %v, want both named", err)
	}
}

func TestKeptSecretsStay(t *testing.T) {
	dir := t.TempDir()
	first, err := config.Kept(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := config.Kept(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{config.RouterSecret, config.CartKeys, config.TokenKey} {
		if first[name] == "" || first[name] != second[name] {
			t.Errorf("%s is %d characters, then another", name, len(first[name]))
		}
	}
	other, err := config.Kept(t.TempDir())
	if err != nil || other[config.RouterSecret] == first[config.RouterSecret] {
		t.Errorf("two shops share a secret (%v)", err)
	}
	info, err := os.Stat(filepath.Join(dir, "secrets.env"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v (%v), want 0600", info.Mode(), err)
	}
}

func TestSecretsThatEverybodyKnowsAreRefusedInProduction(t *testing.T) {
	var f config.File
	for _, secret := range []string{"development-only-router-secret", "ZGV2ZWxvcG1lbnQtb25seS1ub3QtcHJvZHVjdGlvbiE=", "postgres://souk:development-only@postgres/souk"} {
		t.Setenv("SOUK_A", secret)
		t.Setenv("SOUK_ENV", "development")
		if _, err := f.Environment("SOUK_A"); err != nil {
			t.Errorf("%s: %v", secret, err)
		}
		t.Setenv("SOUK_ENV", "production")
		if _, err := f.Environment("SOUK_A"); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s in production: %v", secret, err)
		}
	}
}
