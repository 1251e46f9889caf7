package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soukhq/souk/internal/config"
)

// write writes a file of settings.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// printed is what a command that writes something writes.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := parse(t, args...).(interface{ Run(io.Writer) error }).Run(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	path := write(t, `
listen: 127.0.0.1:1
wait: 1s
log-level: debug
dev: true
currencies: [EUR, CHF]
subgraph: {cms: "http://cms:1/graphql"}
cart-listen: :5
`)
	t.Setenv("SOUK_LISTEN", "127.0.0.1:2")
	t.Setenv("SOUK_WAIT", "2s")
	c := parse(t, "router", "--config", path, "--wait", "3s").(*config.Serve)
	if c.Listen != "127.0.0.1:2" || c.Wait.String() != "3s" || c.LogLevel != "debug" || !c.Dev || len(c.Currencies) != 2 ||
		c.Subgraphs["cms"] != "http://cms:1/graphql" || c.Cart.Listen != ":5" || c.Currency != "USD" {
		t.Errorf("got %+v", c)
	}
	got := printed(t, "config", "print", "router", "--config", path, "--wait", "3s")
	for _, want := range []string{"listen: \"127.0.0.1:2\" # environment\n", "wait: 3s # flag\n", "dev: true # file\n", "currencies: [EUR, CHF] # file\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("print has no %q:\n%s", want, got)
		}
	}
	if all := printed(t, "config", "print", "--effective", "--config", path); strings.Contains(got, "# default") || !strings.Contains(all, "currency: USD # default\n") {
		t.Errorf("effective settings:\n%s\nothers:\n%s", all, got)
	}
}

func TestCommandsShareASettingOnlyWhereItIsTheSame(t *testing.T) {
	path := write(t, "listen: 127.0.0.1:1\nwait: 7s\n")
	if f := parse(t, "fakepay", "--config", path).(*config.Fakepay); f.Listen != "127.0.0.1:4005" || f.Wait.String() != "7s" {
		t.Errorf("got %+v: listen is the router's, wait is everybody's", f)
	}
}

func TestFilesOfTheCommandLineAreTakenAsTheyAre(t *testing.T) {
	path := write(t, "supergraph: "+write(t, "type Query { a: Int }")+"\n")
	if c := parse(t, "router", "--config", path).(*config.Serve); c.Supergraph == "" {
		t.Error("the supergraph of the file is lost")
	}
	if c := parse(t, "plan", path).(*config.Plan); c.File != path {
		t.Errorf("the file to plan is %q", c.File)
	}
}

func TestTheFileInTheFolderIsRead(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("souk.yaml", []byte("country: FR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := parse(t).(*config.Serve); c.Country != "FR" {
		t.Errorf("country %s", c.Country)
	}
	if got := printed(t, "config", "check"); got != "souk.yaml is in order: 1 settings.\n" {
		t.Errorf("check: %s", got)
	}
}

func TestSecretsInTheFileAreReferences(t *testing.T) {
	t.Setenv("PASSWORD", "hush")
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := write(t, "router-secret: ${file:"+key+"}\nproduct-database-url: postgres://souk:${env:PASSWORD}@db/souk\nredis-url: redis://r:6379\n")
	c := parse(t, "product", "--config", path).(*config.Serve)
	s, err := c.Environment(config.RouterSecret, config.ServiceDatabaseURL("product"), config.RedisURL)
	if err != nil || s[config.RouterSecret] != "from a file" || s[config.ServiceDatabaseURL("product")] != "postgres://souk:hush@db/souk" || s[config.RedisURL] != "redis://r:6379" {
		t.Errorf("got %v, %v", s, err)
	}
	t.Setenv(config.RouterSecret, "from the environment")
	if got, err := c.Secret(config.RouterSecret); got != "from the environment" || err != nil {
		t.Errorf("got %q, %v: the environment beats the file", got, err)
	}
	got := printed(t, "config", "print", "--effective", "--config", path)
	if strings.Contains(got, "hush") || !strings.Contains(got, "router-secret: (set) # environment\n") || !strings.Contains(got, "product-database-url: (set) # file\n") {
		t.Errorf("print:\n%s", got)
	}
}

func TestAFileThatIsWrongStopsTheStart(t *testing.T) {
	for name, c := range map[string]struct{ file, says string }{
		"unknown":             {"listen: :1\nlisen: :2\n", `:2: there is no setting "lisen": listen is perhaps meant`},
		"unlike any":          {"warehouse: 1\n", `:1: there is no setting "warehouse": ` + "`souk config schema`"},
		"twice":               {"wait: 1s\n\nwait: 2s\n", ":3: wait is set twice, first in line 1"},
		"a name twice":        {"subgraph:\n  a: http://a\n  a: http://b\n", ":3: subgraph has a twice"},
		"no duration":         {"wait: 10\n", `:1: wait: "10" is not a duration such as 15s`},
		"no truth":            {"dev: perhaps\n", `:1: dev: "perhaps" is neither true nor false`},
		"no choice":           {"log-level: loud\n", `:1: log-level: "loud" is not debug, info, warn or error`},
		"no file":             {"supergraph: nowhere.graphql\n", ":1: supergraph: there is no file nowhere.graphql"},
		"a list for a text":   {"listen: [a, b]\n", ":1: listen is written listen: VALUE"},
		"nothing":             {"listen:\n", ":1: listen is written listen: VALUE"},
		"no value for a list": {"currencies: {a: b}\n", ":1: currencies is written currencies: [ONE, ANOTHER]"},
		"no variable":         {"media-url: ${env:SOUK_NOWHERE}\n", ":1: media-url: the variable SOUK_NOWHERE is not set"},
		"no such reference":   {"media-url: ${vault:x}\n", ":1: media-url: ${vault:x} is neither ${env:NAME}"},
		"no file to refer to": {"media-url: ${file:/nowhere/at/all}\n", ":1: media-url: read the file that ${file:/nowhere/at/all} names"},
		"a secret":            {"router-secret: 0123456789abcdef\n", ":1: router-secret is a secret: write router-secret: ${file:"},
		"a secret default":    {"router-secret: ${env:X:-0123456789abcdef}\n", ":1: router-secret is a secret"},
		"a password":          {"redis-url: redis://u:p@r\n", ":1: redis-url is a secret"},
		"no settings":         {"- a\n", ":1: settings are written as name: value"},
		"two documents":       {"wait: 1s\n---\nwait: 1s\n", ":2: a second document begins here"},
		"no YAML":             {"wait: [1s\n", "shop.yaml:1: "},
		"values that clash":   {"subgraph: {product: \"http://p\"}\n", `subgraph "product" has an address, but runs in this process`},
	} {
		path := write(t, c.file)
		if _, _, err := config.Parse([]string{"product", "--config", path}, io.Discard); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error = %v, want one with %q", name, err, c.says)
		}
	}
	if _, _, err := config.Parse([]string{"--config", "nowhere.yaml"}, io.Discard); err == nil || !strings.Contains(err.Error(), "nowhere.yaml") {
		t.Errorf("a file that is not there: %v", err)
	}
	var check bytes.Buffer
	if err := parse(t, "config", "check", write(t, "a: 1\nb: 2\n")).(*config.Check).Run(&check); err == nil || strings.Count(err.Error(), "there is no setting") != 2 {
		t.Errorf("check tells %v, want both", err)
	}
}

func TestHelpDoesNotNeedTheFile(t *testing.T) {
	if _, done, err := config.Parse([]string{"serve", "--config", "nowhere.yaml", "--help"}, io.Discard); !done || err != nil {
		t.Errorf("done %v, %v", done, err)
	}
}

func TestADollarMayBeWritten(t *testing.T) {
	if c := parse(t, "--config", write(t, "shop-name: $${x} and $5\n")).(*config.Serve); c.Name != "${x} and $5" {
		t.Errorf("got %q", c.Name)
	}
}

func TestTheSchemaHasEverySetting(t *testing.T) {
	var schema struct {
		AdditionalProperties bool
		Properties           map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(printed(t, "config", "schema")), &schema); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"listen", "subgraph", "currencies", "wait", "dev", "cart-listen", "router-secret", "product-owner-database-url"} {
		if schema.Properties[name]["description"] == "" {
			t.Errorf("the schema has no %s", name)
		}
	}
	if schema.AdditionalProperties || schema.Properties["config"] != nil || schema.Properties["test-mode"] != nil {
		t.Error("the schema allows more than the settings")
	}
}

var update = flag.Bool("update", false, "write the tables of settings into the documents")

// TestTablesOfSettingsAreNew compares the tables in the documents with the settings that there are.
func TestTablesOfSettingsAreNew(t *testing.T) {
	for _, path := range []string{"../../docs/operators.md", "../../README.md"} {
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := config.Fill(string(have))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case want == string(have):
		case *update:
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s has an old table of settings: run `make docs`", filepath.Base(path))
		}
	}
}
