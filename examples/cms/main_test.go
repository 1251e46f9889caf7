package main

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/soukhq/souk/examples/cms/library"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	folder := os.DirFS("content")
	texts, err := library.Open(folder, library.Site{})
	if err != nil {
		t.Fatal(err)
	}
	mux := routes(texts, folder)
	for path, want := range map[string]int{
		"/livez": 200, "/readyz": 200, "/images/rug.svg": 200, "/images/none.svg": 404, "/images/": 404, "/images/..%2Fpages%2Fabout.md": 400,
		"/pages/about.md": 404, "/": 404,
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("GET %s: status %d, want %d", path, w.Code, want)
		}
		if path == "/images/rug.svg" && (!strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") || w.Header().Get("Content-Type") != "image/svg+xml") {
			t.Errorf("GET %s: headers %v", path, w.Header())
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	if s, err := parse([]string{"--listen", "127.0.0.1:1", "--shop", "https://shop.test"}); err != nil || s.listen != "127.0.0.1:1" || s.shop != "https://shop.test" || s.content == "" {
		t.Errorf("settings %+v, error %v", s, err)
	}
	for _, args := range [][]string{{"--nothing"}, {"more"}, {"--poll", "0s"}, {"--poll", "often"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

func TestRunSaysWhatIsWrongWithTheTexts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/about.md", []byte("---\ntitle: T\n---\nText.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"--listen", "127.0.0.1:0", "--content", dir}); err == nil || !strings.Contains(err.Error(), "about.md") {
		t.Errorf("error %v, want one of about.md", err)
	}
}
