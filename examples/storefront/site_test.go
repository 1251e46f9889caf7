package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// newTestSite makes a shop window on a graph that answers as the function does.
func newTestSite(t *testing.T, answer func(query string, variables map[string]any) (status int, body string)) http.Handler {
	t.Helper()
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Query     string
			Variables map[string]any
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		status, body := answer(asked.Query, asked.Variables)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // The test sees what is missing.
	}))
	t.Cleanup(g.Close)
	s, err := parse([]string{"--graph", g.URL + "/graphql", "--images", ""})
	if err != nil {
		t.Fatal(err)
	}
	h, err := newSite(s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// empty answers with a shop that has nothing.
func empty(string, map[string]any) (int, string) {
	return http.StatusOK, `{"data":{"shop":{"name":"Test"},"collections":{"nodes":[]},"products":{"nodes":[]}}}`
}

func get(h http.Handler, path string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func post(h http.Handler, path string, form url.Values, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPagesAreClosed(t *testing.T) {
	t.Parallel()
	w := get(newTestSite(t, empty), "/")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<title>Test</title>") {
		t.Errorf("answered %d: %.200s", w.Code, w.Body)
	}
	if got := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none';") || strings.Contains(got, "unsafe") {
		t.Errorf("Content-Security-Policy = %q", got)
	}
	for _, trace := range []string{" style=", "<style", "<script>", "onclick"} {
		if strings.Contains(w.Body.String(), trace) {
			t.Errorf("the page holds %q, which the policy forbids", trace)
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	asked := 0
	h := newTestSite(t, func(query string, variables map[string]any) (int, string) {
		asked++
		return empty(query, variables)
	})
	w := post(h, "/cart/add", url.Values{"merchandise": {"x"}}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	if w.Code != http.StatusForbidden || asked > 0 {
		t.Errorf("answered %d after %d requests to the graph", w.Code, asked)
	}
}

func TestCookiesAreKeptFromScripts(t *testing.T) {
	t.Parallel()
	h := newTestSite(t, func(string, map[string]any) (int, string) {
		return http.StatusOK, `{"data":{"result":{"cart":{"id":"gid://souk/Cart/1?key=2"},"userErrors":[],"warnings":[]}}}`
	})
	w := post(h, "/cart/add", url.Values{"merchandise": {"x"}}, nil)
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(cookies) != 1 {
		t.Fatalf("answered %d with the cookies %v", w.Code, cookies)
	}
	if c := cookies[0]; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Value != "gid://souk/Cart/1?key=2" {
		t.Errorf("cookie %v", c)
	}
}

func TestWithoutContent(t *testing.T) {
	t.Parallel()
	h := newTestSite(t, func(query string, variables map[string]any) (int, string) {
		if strings.Contains(query, "menu(") || strings.Contains(query, "page(") {
			return http.StatusBadRequest, `{"errors":[{"message":"Cannot query field.","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`
		}
		return empty(query, variables)
	})
	for path, want := range map[string]int{"/": http.StatusOK, "/pages/about": http.StatusNotFound, "/collections/all": http.StatusOK} {
		if w := get(h, path); w.Code != want {
			t.Errorf("%s: answered %d, want %d", path, w.Code, want)
		}
	}
}

func TestGraphAway(t *testing.T) {
	t.Parallel()
	h := newTestSite(t, func(string, map[string]any) (int, string) { return http.StatusBadGateway, "" })
	w := get(h, "/")
	if w.Code != http.StatusBadGateway || !strings.Contains(w.Body.String(), "resting") {
		t.Errorf("answered %d: %.200s", w.Code, w.Body)
	}
}

func TestLanguageAndCountry(t *testing.T) {
	t.Parallel()
	var country, language any
	h := newTestSite(t, func(query string, variables map[string]any) (int, string) {
		country, language = variables["country"], variables["language"]
		return empty(query, variables)
	})
	for _, c := range []struct{ cookie, country, language, text string }{
		{"", "US", "EN", "Your cart"}, {"DE-de", "DE", "DE", "Ihr Warenkorb"}, {"XX-xx", "US", "EN", "Your cart"},
	} {
		w := get(h, "/cart", &http.Cookie{Name: cookieLocale, Value: c.cookie})
		if country != c.country || language != c.language || !strings.Contains(w.Body.String(), c.text) {
			t.Errorf("%q: asked for %v, %v; the page has %q: %t", c.cookie, country, language, c.text, strings.Contains(w.Body.String(), c.text))
		}
	}
	for back, want := range map[string]string{"/cart": "/cart", "//evil.test/": "/", "https://evil.test": "/", `/\evil.test`: "/"} {
		w := post(h, "/locale", url.Values{"locale": {"DE-en"}, "back": {back}}, nil)
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("back to %q leads to %q, want %q", back, got, want)
		}
	}
}

func TestPicturesOfKnownServersOnly(t *testing.T) {
	t.Parallel()
	p, err := newPictures([]string{"http://media.test"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{"http://media.test/media/a.svg": "/images/0/media/a.svg", "http://media.test.evil/a.svg": "http://media.test.evil/a.svg"} {
		if got := p.path(address); got != want {
			t.Errorf("path(%q) = %q, want %q", address, got, want)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /images/{server}/{path...}", p)
	for _, path := range []string{"/images/1/media/a.svg", "/images/0/graphql", "/images/0/media/%2e%2e/graphql", "/images/-1/media/a", "/images/x/media/a"} {
		if w := get(mux, path); w.Code == http.StatusOK || w.Code == http.StatusBadGateway {
			t.Errorf("%s: answered %d", path, w.Code)
		}
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m              money
		language, want string
	}{
		{money{"54.00", "USD"}, "en", "$54.00"}, {money{"54.00", "EUR"}, "de", "54,00\u00a0€"}, {money{"54", "JPY"}, "en", "JPY\u00a054"}, {money{}, "en", ""},
	} {
		if got := amount(c.m, c.language); got != c.want {
			t.Errorf("amount(%v, %s) = %q, want %q", c.m, c.language, got, c.want)
		}
	}
}

// TestWordsAreComplete holds that each text of a page is in the German list.
func TestWordsAreComplete(t *testing.T) {
	t.Parallel()
	list, err := words.ReadFile("words/de.txt")
	if err != nil {
		t.Fatal(err)
	}
	for text := range texts(t) {
		if !strings.Contains("\n"+string(list), "\n"+text+" = ") {
			t.Errorf("no German for %q", text)
		}
	}
}
