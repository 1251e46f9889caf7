package graph_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/soukhq/souk/examples/cms/graph"
	"github.com/soukhq/souk/examples/cms/library"
)

// ask asks the CMS with the texts that come with it, and returns the answer as JSON.
func ask(t *testing.T, headers map[string]string, query string, variables any) string {
	t.Helper()
	l, err := library.Open(os.DirFS("../content"), library.Site{Shop: "https://shop.test", Images: "https://cms.test/images"})
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r, w := httptest.NewRequest("POST", "/graphql", strings.NewReader(string(body))), httptest.NewRecorder()
	r.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	graph.NewHandler(l).ServeHTTP(w, r)
	return w.Body.String()
}

func TestSchemaIsTold(t *testing.T) {
	t.Parallel()
	var answer struct {
		Data struct {
			Service struct{ SDL string } `json:"_service"`
		}
	}
	if err := json.Unmarshal([]byte(ask(t, nil, `{ _service { sdl } }`, nil)), &answer); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if answer.Data.Service.SDL != string(want) {
		t.Error("the schema that is told is not that of the file: run go generate")
	}
}

func TestEntities(t *testing.T) {
	t.Parallel()
	var ids struct {
		Data struct {
			Page, Blog, Menu struct{ ID string }
		}
	}
	text := ask(t, nil, `{ page(handle: "about") { id } blog(handle: "journal") { id } menu(handle: "footer") { id } }`, nil)
	if err := json.Unmarshal([]byte(text), &ids); err != nil {
		t.Fatal(err)
	}
	reps := []map[string]string{
		{"__typename": "Shop", "id": "gid://souk/Shop/7"}, {"__typename": "Page", "id": "gid://souk/Page/none"}, {"__typename": "Page", "id": ids.Data.Page.ID},
		{"__typename": "Blog", "id": ids.Data.Blog.ID}, {"__typename": "Menu", "id": ids.Data.Menu.ID},
	}
	got := ask(t, nil, `query ($r: [_Any!]!) { _entities(representations: $r) {
		... on Shop { id privacyPolicy { handle url } subscriptionPolicy { title } } ... on Page { handle } ... on Blog { handle } ... on Menu { handle } } }`,
		map[string]any{"r": reps})
	want := `{"data":{"_entities":[{"id":"gid://souk/Shop/7","privacyPolicy":{"handle":"privacy-policy","url":"https://shop.test/policies/privacy-policy"},"subscriptionPolicy":null},` +
		`null,{"handle":"about"},{"handle":"journal"},{"handle":"footer"}]}}`
	if got != want {
		t.Errorf("entities\n%s\nwant\n%s", got, want)
	}
}

func TestLanguageOfTheRequest(t *testing.T) {
	t.Parallel()
	context := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, c := range map[string]struct {
		headers map[string]string
		want    string
	}{
		"nobody says one":                 {nil, "About us"},
		"the router says one":             {map[string]string{"X-Router-Context": context(`{"language":"DE"}`)}, "Über uns"},
		"the router says one of a region": {map[string]string{"X-Router-Context": context(`{"country":"AT","language":"de-AT"}`)}, "Über uns"},
		"the router says another one":     {map[string]string{"X-Router-Context": context(`{"language":"FR"}`), "Accept-Language": "de"}, "About us"},
		"the router says none":            {map[string]string{"X-Router-Context": context(`{"country":"AT"}`), "Accept-Language": "de"}, "Über uns"},
		"a context that cannot be read":   {map[string]string{"X-Router-Context": "%"}, "About us"},
		"a browser says several":          {map[string]string{"Accept-Language": "de;q=0.7, en;q=0.9"}, "About us"},
		"a browser prefers one":           {map[string]string{"Accept-Language": "fr, de-CH;q=0.8, en;q=0.2"}, "Über uns"},
	} {
		if got, want := ask(t, c.headers, `{ page(handle: "about") { title } }`, nil), fmt.Sprintf(`{"data":{"page":{"title":%q}}}`, c.want); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestPagesOfAList(t *testing.T) {
	t.Parallel()
	cursor := func(handle string) string {
		var answer struct {
			Data struct{ Page struct{ ID string } }
		}
		if err := json.Unmarshal([]byte(ask(t, nil, `query ($h: String) { page(handle: $h) { id } }`, map[string]any{"h": handle})), &answer); err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString([]byte(answer.Data.Page.ID))
	}
	for arguments, want := range map[string]string{
		``:         `about contact shipping size-and-care false false`,
		`first: 2`: `about contact true false`,
		`first: 2, after: "` + cursor("contact") + `"`: `shipping size-and-care false true`,
		`last: 1`: `size-and-care false true`,
		`last: 1, before: "` + cursor("shipping") + `"`: `contact true true`,
		`first: 0`:          ` true false`,
		`first: 251`:        `PAGE_TOO_LARGE`,
		`first: -1`:         `INVALID`,
		`first: 1, last: 1`: `INVALID`,
		`after: "x"`:        `INVALID_CURSOR`,
		`first: 2, after: "` + cursor("shipping") + `", before: "` + cursor("about") + `"`: ` true true`,
	} {
		query := `{ pages(` + arguments + `) { nodes { handle } edges { node { handle } } pageInfo { hasNextPage hasPreviousPage } } }`
		var answer struct {
			Data struct {
				Pages struct {
					Nodes    []struct{ Handle string }
					Edges    []struct{ Node struct{ Handle string } }
					PageInfo struct{ HasNextPage, HasPreviousPage bool }
				}
			}
			Errors []struct{ Extensions struct{ Code string } }
		}
		if err := json.Unmarshal([]byte(ask(t, nil, strings.Replace(query, "()", "", 1), nil)), &answer); err != nil {
			t.Fatal(err)
		}
		pages := answer.Data.Pages
		var handles []string
		for i, n := range pages.Nodes {
			handles = append(handles, n.Handle)
			if pages.Edges[i].Node != n {
				t.Errorf("%s: edge %d is not node %d", arguments, i, i)
			}
		}
		got := fmt.Sprint(strings.Join(handles, " "), " ", pages.PageInfo.HasNextPage, " ", pages.PageInfo.HasPreviousPage)
		if len(answer.Errors) > 0 {
			got = answer.Errors[0].Extensions.Code
		}
		if got != want {
			t.Errorf("pages(%s): %s, want %s", arguments, got, want)
		}
	}
}

// TestJournal reads what comes with the CMS: each article in both languages, with a picture and products.
func TestJournal(t *testing.T) {
	t.Parallel()
	const query = `query ($reverse: Boolean) { blog(handle: "journal") { articles(first: 10, reverse: $reverse) { nodes { id handle title excerpt contentHtml image { url altText } relatedProducts { handle } } }
		articleByHandle(handle: "three-glasses-of-tea") { blog { handle } authorV2 { name } } } }`
	type article struct {
		ID, Handle, Title, Excerpt, ContentHTML string
		Image                                   struct{ URL, AltText string }
		RelatedProducts                         []struct{ Handle string }
	}
	read := func(language string, reverse bool) []article {
		var answer struct {
			Data struct {
				Blog struct {
					Articles        struct{ Nodes []article }
					ArticleByHandle struct {
						Blog     struct{ Handle string }
						AuthorV2 struct{ Name string }
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(ask(t, map[string]string{"Accept-Language": language}, query, map[string]any{"reverse": reverse})), &answer); err != nil {
			t.Fatal(err)
		}
		if a := answer.Data.Blog.ArticleByHandle; a.Blog.Handle != "journal" || a.AuthorV2.Name == "" {
			t.Errorf("article by handle: %+v", a)
		}
		return answer.Data.Blog.Articles.Nodes
	}
	english, german, reversed := read("en", false), read("de", false), read("en", true)
	if len(english) != 4 || len(german) != 4 {
		t.Fatalf("%d articles in English, %d in German, want 4", len(english), len(german))
	}
	for i, e := range english {
		g := german[i]
		if e.ID != g.ID || e.Title == g.Title || e.Excerpt == g.Excerpt || e.Image.AltText == g.Image.AltText || e.Image.URL != g.Image.URL {
			t.Errorf("%s is not translated: %+v", e.Handle, g)
		}
		if len(e.RelatedProducts) < 2 || !strings.Contains(e.ContentHTML, "<h2") {
			t.Errorf("%s: %+v", e.Handle, e)
		}
		if reversed[len(reversed)-1-i].ID != e.ID {
			t.Errorf("turned around, %s is at another place", e.Handle)
		}
	}
}
