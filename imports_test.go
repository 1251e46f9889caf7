package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/soukhq/souk"

// mayImport is the dependency law: what each folder may import of ours, its tests included. A folder ending in /... stands
// for all below it. A folder that is not named may import nothing of ours.
var mayImport = map[string]string{
	"":                               "internal/... router router/compose router/fetch router/node router/operation router/page router/plan router/supergraph schema subgraphs",
	"examples/cms":                   "examples/cms/graph examples/cms/library",
	"examples/cms/graph":             "examples/cms/graph/generated examples/cms/library",
	"examples/cms/graph/generated":   "examples/cms/library",
	"schema/generate":                "router/compose schema",
	"subgraphs":                      "internal/... subgraphs/...",
	"subgraphs/X":                    "internal/event internal/fault internal/gid internal/idempotency internal/money internal/paging internal/totals",
	"subgraphs/X/media":              "",
	"subgraphs/X/payment":            "subgraphs/X internal/crash internal/fault internal/money",
	"subgraphs/X/exchange":           "subgraphs/X subgraphs/X/media internal/fault internal/gid internal/money",
	"subgraphs/X/demo":               "subgraphs/X subgraphs/X/media internal/gid internal/money",
	"subgraphs/X/graph":              "subgraphs/X subgraphs/X/graph/generated internal/cache internal/call internal/cartkey internal/fault internal/gid internal/idempotency internal/identity internal/imageurl internal/money internal/paging",
	"subgraphs/X/graph/generated":    "subgraphs/X internal/fault internal/money internal/totals",
	"subgraphs/X/postgres":           "subgraphs/X internal/consumer internal/database internal/event internal/fault internal/gid internal/idempotency internal/money internal/outbox internal/paging internal/totals",
	"router":                         "router/...",
	"router/compose":                 "router/supergraph",
	"router/operation":               "router/operation/input router/operation/validate router/supergraph",
	"router/plan":                    "router/operation router/plan/solve router/supergraph router/rawjson",
	"router/plan/solve":              "router/operation router/supergraph",
	"router/execute":                 "router/operation router/plan router/rawjson router/fetch router/supergraph",
	"router/fetch":                   "router/fetch/http1",
	"router/node":                    "router/supergraph",
	"router/respond":                 "router/operation router/plan router/rawjson router/execute router/supergraph",
	"router/federationtest":          "router router/...",
	"router/federationtest/outside":  "router/compose router/federationtest",
	"internal/call":                  "internal/identity internal/fault",
	"internal/cartkey":               "internal/gid",
	"internal/companion":             "internal/launch/child",
	"internal/consumer":              "internal/call internal/crash internal/database internal/event internal/feed internal/outbox internal/run internal/stream",
	"internal/event":                 "internal/gid",
	"internal/idempotency":           "internal/fault",
	"internal/event/eventtest":       "internal/event",
	"internal/feed":                  "internal/call internal/event internal/identity internal/outbox",
	"internal/outbox":                "internal/crash internal/database internal/event internal/run internal/stream",
	"internal/outbox/outboxtest":     "internal/database internal/database/databasetest internal/event internal/event/eventtest internal/outbox",
	"internal/stream":                "internal/event",
	"internal/stream/streamtest":     "internal/event internal/launch/launchtest internal/stream",
	"internal/database/databasetest": "internal/database internal/gid internal/launch/launchtest",
	"internal/fakepay":               "internal/database internal/gid",
	"internal/launch":                "internal/launch/child",
	"internal/launch/launchtest":     "internal/launch",
	"internal/paging":                "internal/fault",
	"internal/subgraph":              "internal/cache internal/call internal/cartkey internal/consumer internal/database internal/event internal/fault internal/feed internal/idempotency internal/identity internal/outbox internal/run internal/stream",
	"internal/totals":                "internal/money",
}

// alsoInTests is what tests may import beyond that: real servers, and the parts they put together.
var alsoInTests = map[string]string{
	"internal":  "internal/cache internal/cache/cachetest internal/call internal/database internal/database/databasetest internal/event internal/event/eventtest internal/gid internal/identity internal/outbox internal/outbox/outboxtest internal/stream internal/stream/streamtest internal/launch/launchtest internal/subgraph internal/launch internal/run",
	"subgraphs": "internal/... router router/compose router/fetch subgraphs/X subgraphs/X/... schema",
	"router":    "router router/...",
	"schema":    "router/... schema",
}

// homes are third parties that may be imported by these folders only.
var homes = map[string]string{
	"github.com/vektah/gqlparser": ". examples/cms/... router router/... subgraphs/X/graph subgraphs/X/graph/generated internal/bench internal/cache internal/subgraph schema schema/generate",
	"github.com/99designs/gqlgen": "examples/cms/... subgraphs subgraphs/X/graph subgraphs/X/graph/generated internal/subgraph schema/generate",
	"github.com/jmoiron/sqlx":     "internal/database",
	"github.com/lib/pq":           "internal/database internal/e2e internal/launch internal/launch/... internal/subgraph subgraphs/X/postgres",
	"github.com/redis/go-redis":   "internal/cache internal/launch internal/launch/... internal/stream internal/stream/...",
	"github.com/santhosh-tekuri":  "internal/event/eventtest",
	"github.com/prometheus":       ". internal/subgraph",
	"github.com/failsafe-go":      "internal/call router/fetch",
	"github.com/chromedp":         "internal/e2e",
	"github.com/alecthomas/kong":  "internal/config",
	"github.com/golang-jwt/jwt":   "internal/identity",
	"github.com/pressly/goose":    "internal/database",
}

// TestImportsKeepTheLaw reads the imports of every package and of its tests.
func TestImportsKeepTheLaw(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := 0
	for d := json.NewDecoder(strings.NewReader(string(out))); ; packages++ {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		folder := relative(p.ImportPath)
		for _, i := range p.Imports {
			check(t, folder, i, law(folder))
		}
		top, _, _ := strings.Cut(folder, "/")
		for _, i := range slices.Concat(p.TestImports, p.XTestImports) {
			check(t, folder, i, law(folder)+" "+folder+" "+resolve(alsoInTests[top], folder))
		}
	}
	if packages < 20 {
		t.Errorf("only %d packages were read", packages)
	}
}

func check(t *testing.T, folder, imported, allowed string) {
	t.Helper()
	if ours, is := strings.CutPrefix(imported, module); is {
		if ours = strings.TrimPrefix(ours, "/"); !matches(allowed, ours) {
			t.Errorf("%q imports %q", folder, ours)
		}
		return
	}
	for party, home := range homes {
		if strings.HasPrefix(imported, party) && !matches(resolve(home, folder), folder) {
			t.Errorf("%q imports %s, whose home is %s", folder, imported, home)
		}
	}
}

// law returns what a folder may import: by its name, else by its place in a subgraph.
func law(folder string) string {
	if rule, named := mayImport[folder]; named {
		return rule
	}
	parts := strings.Split(folder, "/")
	if len(parts) < 2 || parts[0] != "subgraphs" {
		return ""
	}
	name := parts[1]
	parts[1] = "X"
	return strings.ReplaceAll(mayImport[strings.Join(parts, "/")], "/X", "/"+name)
}

// resolve puts the folder's own subgraph in the place of X.
func resolve(rule, folder string) string {
	parts := strings.Split(folder, "/")
	if len(parts) < 2 || parts[0] != "subgraphs" {
		return rule
	}
	return strings.ReplaceAll(rule, "/X", "/"+parts[1])
}

func matches(rule, folder string) bool {
	if folder == "" {
		folder = "."
	}
	for _, allowed := range strings.Fields(rule) {
		if prefix, all := strings.CutSuffix(allowed, "/..."); folder == allowed || all && strings.HasPrefix(folder, prefix+"/") {
			return true
		}
	}
	return false
}

func relative(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}
