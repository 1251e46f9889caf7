package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
)

// answers is a transport that always answers the same.
type answers struct {
	status int
	err    error
}

func (a answers) Do(context.Context, *fetch.Request) (*fetch.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	return &fetch.Response{Status: a.status}, nil
}

func TestWhatTheRouterDoesIsCounted(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	log := slog.New(withRequest{slog.NewJSONHandler(&text, nil)})
	o := newObserver(config.Log{LogFormat: "json"}, log)
	h := identified(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		o.request(q, &router.Seen{Operation: "CartPage", Hash: "abc", Status: 200, Code: "SUBGRAPH_TIMEOUT", Codes: 2, Calls: 3, Bytes: 99, Took: time.Second, Plan: router.PlanKept})
		for _, transport := range []answers{{status: 200}, {status: 502}, {err: &fetch.Error{Code: fetch.CodeTimeout}}} {
			_, _ = o.transport(transport).Do(q.Context(), &fetch.Request{Subgraph: "cart"})
		}
	}))
	q := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"variables":{"secret":1}}`))
	q.Header.Set("X-Request-Id", "mine-1")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	if got := w.Header().Get("X-Request-Id"); got != "mine-1" {
		t.Errorf("the answer has the id %q", got)
	}
	for _, want := range []string{`"operation":"CartPage"`, `"hash":"abc"`, `"status":200`, `"ms":1000`, `"calls":3`, `"bytes":99`, `"code":"SUBGRAPH_TIMEOUT"`, `"errors":2`, `"request_id":"mine-1"`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the line has no %s: %s", want, text.String())
		}
	}
	w = httptest.NewRecorder()
	admin(nil, log, o.collectors()...).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`router_http_requests_total{status="200"} 1`, `router_http_request_seconds_count 1`, `router_plan_cache_total{result="hit"} 1`,
		`router_errors_total{code="SUBGRAPH_TIMEOUT"} 1`, `router_subgraph_requests_total{result="ok",subgraph="cart"} 1`,
		`router_subgraph_requests_total{result="status",subgraph="cart"} 1`, `router_subgraph_requests_total{result="timeout",subgraph="cart"} 1`,
		`router_subgraph_request_seconds_count{subgraph="cart"} 3`,
	} {
		if !strings.Contains(w.Body.String(), want+"\n") {
			t.Errorf("no %s", want)
		}
	}
}

func TestIdsThatAreNoPlainWordsAreReplaced(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	for _, id := range []string{"", "a b", "a\nb", strings.Repeat("a", 65), "é"} {
		q := httptest.NewRequest(http.MethodGet, "/", nil)
		q.Header["X-Request-Id"] = []string{id}
		w := httptest.NewRecorder()
		identified(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { trace(r.Context(), h) })).ServeHTTP(w, q)
		if got := w.Header().Get("X-Request-Id"); got == id || len(got) != 36 || h.Get("X-Request-Id") != got {
			t.Errorf("%q became %q, and subgraphs are told %q", id, got, h.Get("X-Request-Id"))
		}
	}
}

func TestLabelsAreBounded(t *testing.T) {
	t.Parallel()
	l := labels{most: 3}
	for i := range 1000 {
		l.label("CODE_" + strconv.Itoa(i))
	}
	if len(l.seen) != 3 || l.label("CODE_999") != otherLabel || l.label("CODE_1") != "CODE_1" || l.label("no code") != otherLabel || l.label("") != otherLabel {
		t.Errorf("%v", l.seen)
	}
}
