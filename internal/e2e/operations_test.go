package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// filled says which variables of an example are copied out of earlier answers, as its comments ask for.
var filled = map[string]map[string]func(t *testing.T, earlier map[string]any) any{
	"3-cart-create":       {"lines.0.merchandiseId": buyable},
	"4-checkout":          {"cart": from("3-cart-create", "cartCreate", "cart", "id")},
	"5-checkout-address":  {"checkout": checkoutID},
	"6-checkout-delivery": {"checkout": checkoutID, "selections.0.groupId": from("5-checkout-address", "checkoutUpdate", "checkout", "deliveryGroups", 0, "id")},
	"7-checkout-complete": {"checkout": checkoutID, "total": from("6-checkout-delivery", "checkoutPaymentSessionCreate", "checkout", "cost", "total")},
	"8-order":             {"id": from("7-checkout-complete", "checkoutComplete", "completion", "order", "id"), "secret": from("7-checkout-complete", "checkoutComplete", "completion", "orderAccessToken")},
}

var checkoutID = from("4-checkout", "checkoutCreate", "checkout", "id")

// from copies a value of an earlier answer.
func from(operation string, path ...any) func(*testing.T, map[string]any) any {
	return func(t *testing.T, earlier map[string]any) any {
		t.Helper()
		return get[any](t, earlier[operation], path...)
	}
}

// buyable chooses a variant of which there are two.
func buyable(t *testing.T, earlier map[string]any) any {
	t.Helper()
	for _, v := range get[[]any](t, earlier["2-product"], "product", "variants", "nodes") {
		left, counted := get[map[string]any](t, v)["quantityAvailable"].(float64)
		if get[bool](t, v, "availableForSale") && (!counted || left >= 2) {
			return get[string](t, v, "id")
		}
	}
	t.Fatal("the product of the examples cannot be bought twice")
	return nil
}

// TestExampleOperations sends the examples as they are, in order, to a shop that was just started for the first time.
func TestExampleOperations(t *testing.T) {
	t.Parallel()
	s := startOne(t, "SOUK_DEMO=auto")
	const dir = "../../examples/operations"
	files, err := filepath.Glob(filepath.Join(dir, "*.graphql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 2*len(files) {
		t.Errorf("%d operations in %d files (%v), want one with variables beside each", len(files), len(all), err)
	}
	shown := s.examplesOfThePage()
	if len(shown) != len(files) {
		t.Errorf("the page shows %d operations of %d", len(shown), len(files))
	}
	s.orderable("nur-lantern")
	answers := map[string]any{}
	for i, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".graphql")
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		variables, err := os.ReadFile(filepath.Join(dir, name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if i < len(shown) && (shown[i].Query != string(query) || shown[i].Variables != string(variables)) {
			t.Errorf("the page shows another %s", name)
		}
		answers[name] = s.example(name, string(query), variables, answers)
	}
	order := get[map[string]any](t, answers["8-order"], "order")
	if order["name"] != get[string](t, answers["7-checkout-complete"], "checkoutComplete", "completion", "order", "name") ||
		get[float64](t, order, "lines", "nodes", 0, "quantity") != 2 {
		t.Errorf("the order is %v", order)
	}
}

// orderable waits until cart has taken over from product what it needs to know of a product before it can be ordered.
func (s *shop) orderable(handle string) {
	t := s.t
	t.Helper()
	a := s.must("", `query ($h: String!) { product(handle: $h) { variants(first: 50) { nodes { id availableForSale quantityAvailable } } } }`, map[string]any{"h": handle})
	variant := get[string](t, buyable(t, map[string]any{"2-product": a.Data}))
	eventually(t, handle+" can be ordered", func() bool {
		a := s.must("", createCart, map[string]any{"i": map[string]any{"lines": lines([]string{variant})}})
		a = s.must("", `mutation ($c: ID!) { checkoutCreate(cartId: $c) { checkout { problems { code } } } }`, map[string]any{"c": get[string](t, a.Data, "cartCreate", "cart", "id")})
		for _, p := range get[[]any](t, a.Data, "checkoutCreate", "checkout", "problems") {
			if get[string](t, p, "code") == "MERCHANDISE_UNAVAILABLE" {
				return false
			}
		}
		return true
	})
}

// example sends one of the examples with what it takes from earlier ones, until it has an end.
func (s *shop) example(name, query string, variables []byte, earlier map[string]any) any {
	t := s.t
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(variables, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for path, value := range filled[name] {
		fill(t, v, strings.Split(path, "."), value(t, earlier))
	}
	if text, err := json.Marshal(v); err != nil || strings.Contains(string(text), "…") {
		t.Fatalf("%s is not filled in: %s, %v", name, text, err)
	}
	var data map[string]any
	eventually(t, name, func() bool {
		a := s.must("", query, v)
		faults(t, name, a.Data)
		data = a.Data
		completion, is := data["checkoutComplete"].(map[string]any)
		return !is || get[string](t, completion, "completion", "status") != "PROCESSING"
	})
	return data
}

// fill puts a value where the path of keys and indexes leads.
func fill(t *testing.T, at any, path []string, value any) {
	t.Helper()
	if list, is := at.([]any); is && path[0] == "0" {
		fill(t, list[0], path[1:], value)
		return
	}
	m := get[map[string]any](t, at)
	if _, there := m[path[0]]; !there {
		t.Fatalf("there is no variable %s", path[0])
	}
	if len(path) == 1 {
		m[path[0]] = value
		return
	}
	fill(t, m[path[0]], path[1:], value)
}

// faults fails the test where an answer tells of anything that the caller did wrong.
func faults(t *testing.T, name string, data any) {
	t.Helper()
	switch data := data.(type) {
	case []any:
		for _, d := range data {
			faults(t, name, d)
		}
	case map[string]any:
		for key, d := range data {
			if list, is := d.([]any); is && len(list) > 0 && (strings.HasSuffix(key, "serErrors") || key == "warnings") {
				t.Fatalf("%s: %s are %v", name, key, list)
			}
			faults(t, name, d)
		}
	}
}

type pageExample struct{ Query, Variables string }

// examplesOfThePage reads the operations that the editor at the root opens with.
func (s *shop) examplesOfThePage() []pageExample {
	t := s.t
	t.Helper()
	w, err := http.Get(strings.TrimSuffix(s.graph, "graphql"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close() //nolint:errcheck // Nothing is lost when a body that was read cannot be closed.
	page, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	settings := regexp.MustCompile(`(?s)<script[^>]*type="application/json"[^>]*>(.*?)</script>`).FindSubmatch(page)
	if settings == nil {
		t.Fatalf("the page has no settings:\n%s", page)
	}
	var read struct{ Examples []pageExample }
	if err := json.Unmarshal(settings[1], &read); err != nil {
		t.Fatal(err)
	}
	return read.Examples
}
