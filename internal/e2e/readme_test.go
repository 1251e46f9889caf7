package e2e

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"testing"
)

// TestReadme does what the README does and gets the answer that the README shows.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	query := regexp.MustCompile("(?s)```graphql\n(query CartPage.*?)```").FindSubmatch(readme)
	shown := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(readme)
	if query == nil || shown == nil {
		t.Fatal("the README has no query or no answer")
	}
	s := startOne(t)
	s.load("../../examples/catalogue.csv")
	variant := func(handle string) string {
		a := s.must("", `query($h: String!) { product(handle: $h) { variants(first: 1) { nodes { id } } } }`, map[string]any{"h": handle})
		return get[string](t, a.Data, "product", "variants", "nodes", 0, "id")
	}
	token := s.signUp("ada@example.com", "Ada")
	created := s.must(token, createCart, map[string]any{"i": map[string]any{"lines": []any{
		map[string]any{"merchandiseId": variant("brass-lantern"), "quantity": 2},
		map[string]any{"merchandiseId": variant("iron-teapot")},
	}}})
	got := s.must(token, string(query[1]), map[string]any{"cart": get[string](t, created.Data, "cartCreate", "cart", "id")})
	var want answer
	if err := json.Unmarshal(shown[1], &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("answered\n%+v\nthe README shows\n%+v", got, want)
	}
}

// TestPictures asks for the picture of an imported product.
func TestPictures(t *testing.T) {
	t.Parallel()
	s := startOne(t)
	s.load("../../examples/catalogue.csv")
	a := s.must("", `{ product(handle: "iron-teapot") { featuredImage { url altText } } }`, nil)
	w := fetchPicture(t, get[string](t, a.Data, "product", "featuredImage", "url"))
	want, err := os.ReadFile("../../examples/images/teapot.png")
	if err != nil {
		t.Fatal(err)
	}
	if string(w) != string(want) {
		t.Errorf("got %d bytes, want the %d of the file", len(w), len(want))
	}
}
