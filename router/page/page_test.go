package page_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/page"
)

func open(t *testing.T, o page.Options) *page.Page {
	t.Helper()
	p, err := page.New("/graphiql/", o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func get(p *page.Page, path, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

var loaded = regexp.MustCompile(`(?:href|src)="([^"]+)"`)

func TestThePageLoadsFromItsOwnOriginOnly(t *testing.T) {
	t.Parallel()
	p := open(t, page.Options{Title: "A graph", URL: "/graphql"})
	w := get(p, "/", "gzip")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<title>A graph</title>") {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self';") {
		t.Errorf("policy = %q", csp)
	}
	links := loaded.FindAllStringSubmatch(w.Body.String(), -1)
	if len(links) != 3 {
		t.Fatalf("the page loads %v", links)
	}
	for _, l := range links {
		f := get(p, l[1], "gzip")
		if f.Code != 200 || !strings.HasPrefix(l[1], "/graphiql/") || !strings.Contains(f.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s answered %d %v", l[1], f.Code, f.Header())
		}
	}
}

func TestFilesAreServedWithAndWithoutCompression(t *testing.T) {
	t.Parallel()
	p := open(t, page.Options{})
	css := loaded.FindAllStringSubmatch(get(p, "/", "").Body.String(), -1)[1][1]
	plain, packed := get(p, css, ""), get(p, css, "br, gzip")
	if !strings.HasPrefix(plain.Header().Get("Content-Type"), "text/css") || plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("plain %v, packed %v", plain.Header(), packed.Header())
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil || plain.Body.String() != string(unpacked) || len(unpacked) == 0 {
		t.Errorf("the two forms differ: %d and %d bytes, %v", plain.Body.Len(), len(unpacked), err)
	}
}

func TestExamplesCannotLeaveTheirElement(t *testing.T) {
	t.Parallel()
	p := open(t, page.Options{Examples: []page.Example{{Query: "# </script><script>alert(1)</script>\n{ x }", Variables: `{"a":"<!--"}`}}})
	body := get(p, "/", "").Body.String()
	if strings.Contains(body, "alert(1)</script>") || strings.Contains(body, `"<!--`) || !strings.Contains(body, "alert(1)") {
		t.Errorf("the page holds %s", body)
	}
}

func TestOtherPathsAreNotFound(t *testing.T) {
	t.Parallel()
	p := open(t, page.Options{})
	for _, path := range []string{"/graphiql/", "/graphiql/other/graphiql.js", "/x", "/graphiql/../page.go"} {
		if w := get(p, path, ""); w.Code != 404 {
			t.Errorf("%s answered %d", path, w.Code)
		}
	}
}
