package media_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/soukhq/souk/subgraphs/product/media"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadRecognisesPictures(t *testing.T) {
	t.Parallel()
	p, err := media.Read(picture(t))
	if err != nil || filepath.Ext(p.Name) != ".png" || *p.Width != 4 || *p.Height != 3 {
		t.Errorf("%+v, %v", p, err)
	}
	for name, content := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`),
		"a large file": make([]byte, media.MaxBytes+1),
	} {
		if _, err := media.Read(content); err == nil {
			t.Errorf("%s was taken for a picture", name)
		}
	}
}

func TestFilesAreServedSafely(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	content := picture(t)
	p, err := media.Read(content)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		if added, err := p.Keep(dir); added != want || err != nil {
			t.Errorf("added %t, %v; want %t", added, err, want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "secret.png"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	drawing := []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)
	drawn := media.Drawn(drawing, 800, 600)
	if _, err := drawn.Keep(dir); err != nil || *drawn.Width != 800 || *drawn.Height != 600 {
		t.Fatalf("%+v, %v", drawn, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /media/{name}", media.Handler(dir))
	ask := func(method, path, header, value string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		if header != "" {
			r.Header.Set(header, value)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	w := ask(http.MethodGet, "/media/"+p.Name, "", "")
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), content) || w.Header().Get("Content-Type") != "image/png" ||
		w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("answer %d %v", w.Code, w.Header())
	}
	for _, query := range []string{"", "?width=400&height=400&crop=center"} {
		got := ask(http.MethodGet, "/media/"+drawn.Name+query, "", "")
		h := got.Header()
		if got.Code != http.StatusOK || !bytes.Equal(got.Body.Bytes(), drawing) || h.Get("Content-Type") != "image/svg+xml" ||
			h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("SVG%s: %d %v", query, got.Code, h)
		}
	}
	if got := ask(http.MethodGet, "/media/"+p.Name, "If-None-Match", w.Header().Get("ETag")); got.Code != http.StatusNotModified {
		t.Errorf("with its ETag %q: %d, want 304", w.Header().Get("ETag"), got.Code)
	}
	if got := ask(http.MethodHead, "/media/"+p.Name, "", ""); got.Code != http.StatusOK || got.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", got.Code, got.Body.Len())
	}
	for path, want := range map[string]int{
		"/media/": http.StatusNotFound, "/media/secret.png": http.StatusNotFound, "/media/..%2fsecret.png": http.StatusNotFound,
		"/media/%2e%2e": http.StatusNotFound, "/media/" + p.Name + "%00": http.StatusNotFound, "/media/0" + p.Name[1:]: http.StatusNotFound,
	} {
		if got := ask(http.MethodGet, path, "", ""); got.Code != want {
			t.Errorf("GET %s: %d, want %d", path, got.Code, want)
		}
	}
	if got := ask(http.MethodPost, "/media/"+p.Name, "", ""); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d, want 405", got.Code)
	}
}
