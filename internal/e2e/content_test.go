package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// cms is the example CMS as a process that the shop starts.
type cms struct {
	shop    *shop
	process *process // of the shop
	content string   // the folder of its texts
	address string
}

// startWithCMS starts the shop as `make run` does, on a copy of the texts.
func startWithCMS(t *testing.T) *cms {
	t.Helper()
	c := &cms{content: filepath.Join(t.TempDir(), "content"), address: freeAddress(t)}
	if err := os.CopyFS(c.content, os.DirFS("../../examples/cms/content")); err != nil {
		t.Fatal(err)
	}
	c.shop = &shop{t: t, state: stateDir(t), processes: map[string]*process{}}
	c.process = start(t, nil, "--state-dir", c.shop.state, "--listen", "127.0.0.1:0", "--storefront-url", "https://shop.test",
		"--beside", strings.Join([]string{buildCMS(t), "--listen", c.address, "--content", c.content, "--shop", "https://shop.test", "--poll", "50ms"}, " "),
		"--subgraph", "cms=http://"+c.address+"/graphql")
	c.shop.graph = c.process.waitFor(`graph +(http://\S+/graphql)`)
	return c
}

func buildCMS(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cms")
	if out, err := exec.Command("go", "build", "-o", path, "../../examples/cms").CombinedOutput(); err != nil {
		t.Fatalf("build the CMS: %v\n%s", err, out)
	}
	return path
}

const aboutTea = `query AboutTea { shop { name privacyPolicy { title url } } menu(handle: "footer") { items { title type } }
	blog(handle: "journal") { articleByHandle(handle: "three-glasses-of-tea") { title relatedProducts { handle title priceRange { minVariantPrice { amount } } } } } }`

// teaCatalogue is what that article tells of, but for the mint.
const teaCatalogue = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Published\n" +
	"gunpowder-tea,Gunpowder green tea,TEA-1,9.90,shopify,5,deny,true\nmint-teapot,Mint teapot,POT-1,52.00,shopify,5,deny,true\ntea-glasses,Tea glasses,GLASS-1,24.00,shopify,5,deny,true\n"

// TestContentAndProductsInOneQuery plays what a CMS is for: texts with products of the shop in them, in two languages, that
// change while the shop runs.
func TestContentAndProductsInOneQuery(t *testing.T) {
	t.Parallel()
	c := startWithCMS(t)
	file := filepath.Join(t.TempDir(), "tea.csv")
	if err := os.WriteFile(file, []byte(teaCatalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	c.shop.load(file)
	a := c.askIn("en", aboutTea)
	if got := get[string](t, a.Data, "shop", "privacyPolicy", "url"); got != "https://shop.test/policies/privacy-policy" {
		t.Errorf("the policy is at %s", got)
	}
	article := get[map[string]any](t, a.Data, "blog", "articleByHandle")
	for i, want := range []string{"Gunpowder green tea", "", "Mint teapot", "Tea glasses"} {
		if want == "" {
			if got := get[[]any](t, article, "relatedProducts")[i]; got != nil {
				t.Errorf("a product that is not there: %v", got)
			}
			continue
		}
		if got := get[string](t, article, "relatedProducts", i, "title"); got != want {
			t.Errorf("product %d is %q, want %q", i, got, want)
		}
	}
	if got := get[string](t, article, "relatedProducts", 2, "priceRange", "minVariantPrice", "amount"); got != "52.00" {
		t.Errorf("the teapot costs %s", got)
	}
	if f := a.Extensions.Souk.Fetches; f["cms"] != 2 || f["product"] != 2 { // Shop and its policies; texts and their products.
		t.Errorf("fetches %v, want 2 of each", f)
	}
	if got := get[string](t, c.askIn("de-AT", aboutTea).Data, "blog", "articleByHandle", "title"); got != "Drei Gläser Tee" {
		t.Errorf("in German it is called %q", got)
	}

	id := get[string](t, c.askIn("en", `{ page(handle: "about") { id } }`).Data, "page", "id")
	if a := c.shop.must("", `query ($id: ID!) { node(id: $id) { ... on Page { title } } }`, map[string]any{"id": id}); get[string](t, a.Data, "node", "title") != "About us" {
		t.Errorf("the node of the page is %v", a.Data)
	}

	path := filepath.Join(c.content, "blogs", "journal", "three-glasses-of-tea.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte("Three glasses"), []byte("Four glasses"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the text is the new one", func() bool {
		return get[string](t, c.askIn("en", aboutTea).Data, "blog", "articleByHandle", "title") == "Four glasses of tea"
	})
}

// TestShopWithoutItsCMS kills the CMS, which comes back, and takes it away for good: the shop goes on.
func TestShopWithoutItsCMS(t *testing.T) {
	t.Parallel()
	c := startWithCMS(t)
	const texts = `{ products(first: 1) { totalCount { value } } page(handle: "about") { title } }`
	pid, err := strconv.Atoi(c.process.waitFor(`program started" program=cms pid=(\d+)`))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c.process.waitFor(`program is away, will start it again`)
	eventually(t, "the CMS answers again", func() bool { return len(c.shop.ask("", texts, nil).Errors) == 0 })

	c.process.stop()
	p := start(t, nil, "--state-dir", c.shop.state, "--listen", "127.0.0.1:0", "--wait", "1s", "--subgraph", "cms=http://"+c.address+"/graphql")
	c.shop.graph = p.waitFor(`graph +(http://\S+/graphql)`)
	a := c.shop.ask("", texts, nil)
	if len(a.Errors) != 1 || a.Data["page"] != nil || get[float64](t, a.Data, "products", "totalCount", "value") != 0 {
		t.Errorf("without the CMS: %+v", a)
	}
}

// TestGraphBeginsWithoutASubgraph starts a shop that never heard of its CMS and lets that join later.
func TestGraphBeginsWithoutASubgraph(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	s := &shop{t: t, state: stateDir(t), processes: map[string]*process{}}
	p := start(t, nil, "--state-dir", s.state, "--listen", "127.0.0.1:0", "--wait", "1s", "--subgraph", "cms=http://"+address+"/graphql")
	s.graph = p.waitFor(`graph +(http://\S+/graphql)`)
	const texts = `{ products(first: 1) { totalCount { value } } page(handle: "about") { title } }`
	if code := s.code(texts); code != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("a field of nobody: %q", code)
	}
	if code := s.code(`{ products(first: 1) { totalCount { value } } }`); code != "" {
		t.Errorf("the rest of the shop: %s", code)
	}
	cms := exec.Command(buildCMS(t), "--listen", address, "--content", "../../examples/cms/content")
	if err := cms.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cms.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cms.Wait(); err != nil {
			t.Errorf("the CMS ended with %v", err)
		}
	})
	p.waitFor(`new graph serves`)
	if got := get[string](t, s.must("", texts, nil).Data, "page", "title"); got != "About us" {
		t.Errorf("the page is called %q", got)
	}
}

// askIn asks the router in a language.
func (c *cms) askIn(language, query string) answer {
	t := c.shop.t
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	_, text := exchange(t, http.MethodPost, c.shop.graph, string(body), "Content-Type", "application/json", "Accept-Language", language)
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("answered %s: %v", text, err)
	}
	return a
}
