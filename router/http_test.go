package router_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/soukhq/souk/router"
)

const (
	plainJSON = "application/json; charset=utf-8"
	response  = "application/graphql-response+json; charset=utf-8"
)

// TestGraphQLOverHTTP is the conformance table: what is asked, and the status, code and type of the answer.
func TestGraphQLOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{Origins: []string{"https://shop.example", "https://*.example.org"}}, nil)
	post := func(contentType, body string) *http.Request {
		q := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
		if contentType != "" {
			q.Header.Set("Content-Type", contentType)
		}
		return q
	}
	get := func(parameters ...string) *http.Request {
		v := url.Values{}
		for i := 0; i < len(parameters); i += 2 {
			v.Set(parameters[i], parameters[i+1])
		}
		return httptest.NewRequest(http.MethodGet, "/graphql?"+v.Encode(), nil)
	}
	with := func(q *http.Request, headers ...string) *http.Request {
		for i := 0; i < len(headers); i += 2 {
			q.Header.Set(headers[i], headers[i+1])
		}
		return q
	}
	method := func(m string) *http.Request { return httptest.NewRequest(m, "/graphql?query={__typename}", nil) }
	const ok = `{"query":"{__typename}"}`
	tests := []struct {
		name   string
		q      *http.Request
		status int
		code   string // "" where data is expected
		media  string
	}{
		{"POST", post("application/json", ok), 200, "", plainJSON},
		{"POST in UTF-8", post("application/json; charset=UTF-8", ok), 200, "", plainJSON},
		{"POST in another charset", post("application/json; charset=latin1", ok), 415, "UNSUPPORTED_MEDIA_TYPE", plainJSON},
		{"POST as text", post("text/plain;charset=UTF-8", ok), 415, "UNSUPPORTED_MEDIA_TYPE", plainJSON},
		{"POST without a type", post("", ok), 415, "UNSUPPORTED_MEDIA_TYPE", plainJSON},
		{"POST compressed by something else", with(post("application/json", ok), "Content-Encoding", "br"), 415, "UNSUPPORTED_MEDIA_TYPE", plainJSON},
		{"empty body", post("application/json", ""), 400, "BAD_REQUEST", plainJSON},
		{"no JSON", post("application/json", "{"), 400, "BAD_REQUEST", plainJSON},
		{"a list", post("application/json", "["+ok+"]"), 400, "BAD_REQUEST", plainJSON},
		{"null", post("application/json", "null"), 400, "BAD_REQUEST", plainJSON},
		{"not UTF-8", post("application/json", "{\"query\":\"{__typename}\xff\"}"), 400, "BAD_REQUEST", plainJSON},
		{"no query", post("application/json", `{}`), 400, "BAD_REQUEST", plainJSON},
		{"query of a wrong type", post("application/json", `{"query":1}`), 400, "BAD_REQUEST", plainJSON},
		{"name of a wrong type", post("application/json", `{"query":"{__typename}","operationName":{}}`), 400, "BAD_REQUEST", plainJSON},
		{"variables of a wrong type", post("application/json", `{"query":"{__typename}","variables":[]}`), 400, "BAD_REQUEST", plainJSON},
		{"extensions of a wrong type", post("application/json", `{"query":"{__typename}","extensions":"x"}`), 400, "BAD_REQUEST", plainJSON},
		{"nulls", post("application/json", `{"query":"{__typename}","operationName":null,"variables":null,"extensions":null}`), 200, "", plainJSON},
		{"an unknown parameter", post("application/json", `{"query":"{__typename}","x":1}`), 200, "", plainJSON},
		{"long name", post("application/json", `{"query":"{__typename}","operationName":"`+strings.Repeat("a", 129)+`"}`), 400, "BAD_REQUEST", plainJSON},
		{"a persisted query", post("application/json", `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}`), 200, "PERSISTED_QUERY_NOT_SUPPORTED", plainJSON},
		{"too large", post("application/json", `{"query":"{__typename}","x":"`+strings.Repeat("x", 2<<20)+`"}`), 413, "PAYLOAD_TOO_LARGE", plainJSON},

		{"Accept *", with(post("application/json", ok), "Accept", "*/*"), 200, "", plainJSON},
		{"Accept the new type", with(post("application/json", ok), "Accept", "application/graphql-response+json"), 200, "", response},
		{"Accept both, new first", with(post("application/json", ok), "Accept", "application/graphql-response+json, application/json"), 200, "", response},
		{"Accept both, new second", with(post("application/json", ok), "Accept", "application/json, application/graphql-response+json"), 200, "", plainJSON},
		{"Accept by quality", with(post("application/json", ok), "Accept", "application/json;q=0.5, application/graphql-response+json;q=0.9"), 200, "", response},
		{"Accept something else as well", with(post("application/json", ok), "Accept", "text/html, application/*;q=0.1"), 200, "", plainJSON},
		{"Accept neither", with(post("application/json", ok), "Accept", "text/html"), 406, "NOT_ACCEPTABLE", plainJSON},
		{"Accept refusing", with(post("application/json", ok), "Accept", "application/json;q=0"), 406, "NOT_ACCEPTABLE", plainJSON},

		{"syntax", post("application/json", `{"query":"{"}`), 200, "GRAPHQL_PARSE_FAILED", plainJSON},
		{"syntax, new type", with(post("application/json", `{"query":"{"}`), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_PARSE_FAILED", response},
		{"validation", post("application/json", `{"query":"{nope}"}`), 200, "GRAPHQL_VALIDATION_FAILED", plainJSON},
		{"validation, new type", with(post("application/json", `{"query":"{nope}"}`), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_VALIDATION_FAILED", response},
		{"unknown operation", post("application/json", `{"query":"query A {__typename}","operationName":"B"}`), 200, "OPERATION_RESOLUTION_FAILURE", plainJSON},
		{"coercion", post("application/json", `{"query":"query ($id: ID!) {person(id: $id) {id}}"}`), 200, "BAD_USER_INPUT", plainJSON},
		{"coercion, new type", with(post("application/json", `{"query":"query ($id: ID!) {person(id: $id) {id}}"}`), "Accept", "application/graphql-response+json"), 400, "BAD_USER_INPUT", response},
		{"a limit", post("application/json", `{"query":"{`+strings.Repeat("__typename ", 10_001)+`}"}`), 400, "MAX_TOKENS_LIMIT", plainJSON},
		{"introspection", post("application/json", `{"query":"{__schema {description}}"}`), 200, "INTROSPECTION_DISABLED", plainJSON},
		{"subscription", post("application/json", `{"query":"subscription {renamed {id}}"}`), 406, "SUBSCRIPTION_TRANSPORT_NOT_SUPPORTED", plainJSON},

		{"GET", get("query", "{me {name}}"), 200, "", plainJSON},
		{"GET with variables", get("query", "query A($id: ID!) {person(id: $id) {id}}", "variables", `{"id":"1"}`, "operationName", "A"), 200, "", plainJSON},
		{"GET with broken variables", get("query", "{__typename}", "variables", "{"), 400, "BAD_REQUEST", plainJSON},
		{"GET with a list as variables", get("query", "{__typename}", "variables", "[1]"), 400, "BAD_REQUEST", plainJSON},
		{"GET without a query", get(), 400, "BAD_REQUEST", plainJSON},
		{"GET of a mutation", get("query", `mutation {rename(name: "x") {id}}`), 405, "METHOD_NOT_ALLOWED", plainJSON},
		{"GET of a long URL", get("query", "{__typename}", "x", strings.Repeat("x", 16<<10)), 414, "URI_TOO_LONG", plainJSON},
		{"PUT", method(http.MethodPut), 405, "METHOD_NOT_ALLOWED", plainJSON},
		{"DELETE", method(http.MethodDelete), 405, "METHOD_NOT_ALLOWED", plainJSON},

		{"GET of a foreign page", with(get("query", "{__typename}"), "Sec-Fetch-Site", "cross-site"), 403, "CSRF_PREVENTION_FAILED", plainJSON},
		{"GET of a foreign origin", with(get("query", "{__typename}"), "Origin", "https://evil.example"), 403, "CSRF_PREVENTION_FAILED", plainJSON},
		{"GET with a cookie", with(get("query", "{__typename}"), "Cookie", "a=b"), 403, "CSRF_PREVENTION_FAILED", plainJSON},
		{"GET with a cookie of a careful client", with(get("query", "{__typename}"), "Cookie", "a=b", "Graphql-Require-Preflight", "1"), 200, "", plainJSON},
		{"GET of the same origin", with(get("query", "{__typename}"), "Sec-Fetch-Site", "same-origin", "Cookie", "a=b"), 200, "", plainJSON},
		{"GET of an allowed origin", with(get("query", "{__typename}"), "Origin", "https://shop.example"), 200, "", plainJSON},
		{"GET of an allowed subdomain", with(get("query", "{__typename}"), "Origin", "https://a.example.org"), 200, "", plainJSON},
		{"GET of the domain above", with(get("query", "{__typename}"), "Origin", "https://example.org"), 403, "CSRF_PREVENTION_FAILED", plainJSON},
		{"POST of a form", with(post("application/x-www-form-urlencoded", "query=x"), "Origin", "https://evil.example"), 403, "CSRF_PREVENTION_FAILED", plainJSON},
		{"POST of JSON from anywhere", with(post("application/json", ok), "Origin", "https://evil.example"), 200, "", plainJSON},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := w.do(t, test.q)
			if got.status != test.status || got.codes() != test.code {
				t.Errorf("status %d, codes %q, want %d, %q\n%s", got.status, got.codes(), test.status, test.code, got.body)
			}
			if (got.Data != nil) != (test.code == "") {
				t.Errorf("data %s with the code %q", got.Data, test.code)
			}
			if media := got.header.Get("Content-Type"); media != test.media {
				t.Errorf("Content-Type %q, want %q", media, test.media)
			}
			if length := got.header.Get("Content-Length"); length != strconv.Itoa(len(got.body)) {
				t.Errorf("Content-Length %s of a body of %d bytes", length, len(got.body))
			}
		})
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{}, nil)
	got := w.do(t, httptest.NewRequest(http.MethodGet, "/graphql?query="+url.QueryEscape(`mutation {rename(name: "x") {id}}`), nil))
	if allow := got.header.Get("Allow"); allow != "POST" {
		t.Errorf("Allow of a mutation by GET is %q", allow)
	}
	got = w.do(t, httptest.NewRequest(http.MethodPut, "/graphql", nil))
	if allow := got.header.Get("Allow"); allow != "GET, HEAD, POST, OPTIONS" {
		t.Errorf("Allow of PUT is %q", allow)
	}
}

// TestHEAD goes through a real server, which keeps the body to itself.
func TestHEAD(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newWorld(t, router.Options{}, nil))
	defer server.Close()
	got, err := server.Client().Head(server.URL + "/graphql?query={__typename}")
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != 200 || got.Header.Get("Content-Type") != plainJSON || got.ContentLength != int64(len(`{"data":{"__typename":"Query"}}`)) {
		t.Errorf("HEAD: %d %v", got.StatusCode, got.Header)
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, origin string
		opt          router.Options
		allowed      bool
	}{
		{"none by default", "http://localhost:3000", router.Options{}, false},
		{"this machine in development", "http://localhost:3000", router.Options{Dev: true}, true},
		{"127.0.0.1 in development", "http://127.0.0.1:80", router.Options{Dev: true}, true},
		{"a name that begins alike", "http://localhost.evil.example", router.Options{Dev: true}, false},
		{"an exact origin", "https://a.example", router.Options{Origins: []string{"https://a.example"}}, true},
		{"another scheme", "http://a.example", router.Options{Origins: []string{"https://a.example"}}, false},
		{"a name that ends alike", "https://evilexample.org", router.Options{Origins: []string{"https://*.example.org"}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.opt, nil)
			q := httptest.NewRequest(http.MethodOptions, "/graphql", nil)
			q.Header.Set("Origin", test.origin)
			q.Header.Set("Access-Control-Request-Headers", "content-type")
			got := w.do(t, q)
			want := ""
			if test.allowed {
				want = test.origin
			}
			if got.status != 204 || got.header.Get("Access-Control-Allow-Origin") != want {
				t.Errorf("status %d, allowed origin %q, want %q", got.status, got.header.Get("Access-Control-Allow-Origin"), want)
			}
		})
	}
	for _, pattern := range []string{"*", "example.com", "https://a.*.com", "https://a.com/path"} {
		if _, err := router.New(model(t), nil, router.Options{Origins: []string{pattern}}); err == nil {
			t.Errorf("the origin %q is accepted", pattern)
		}
	}
}
