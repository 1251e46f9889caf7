package router_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{}, nil)
	got := w.post(t, `{me {age name again: name} __typename}`)
	want := `{"data":{"me":{"age":36,"name":"Ada ü","again":"Ada ü"},"__typename":"Query"}}`
	if got.body != want {
		t.Errorf("answer\n got %s\nwant %s", got.body, want)
	}
}

func TestMutation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{}, nil)
	got := w.post(t, `mutation {rename(name: "x") {name age}}`)
	if want := `{"data":{"rename":{"name":"Ada ü","age":36}}}`; got.body != want {
		t.Errorf("answer\n got %s\nwant %s", got.body, want)
	}
}

func TestDevCountsFetches(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{Dev: true}, nil)
	got := w.post(t, `{me {name age} oldest {age}}`)
	if n := got.Extensions.Souk.Fetches; n["names"] != w.names.Calls() || n["ages"] != w.ages.Calls() || n["ages"] != 2 {
		t.Errorf("fetches %v, the subgraphs counted %d and %d", n, w.names.Calls(), w.ages.Calls())
	}
	if got := w.post(t, `{__schema {queryType {name}}}`); got.status != 200 || string(got.Data) != `{"__schema":{"queryType":{"name":"Query"}}}` {
		t.Errorf("introspection: %d %s", got.status, got.body)
	}
	if got := newWorld(t, router.Options{}, nil).post(t, `{me {name}}`); strings.Contains(got.body, "extensions") {
		t.Errorf("production shows extensions: %s", got.body)
	}
}

// TestPartialData lets one of two subgraphs fail in every way that there is.
func TestPartialData(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		ages wrap
		code string
	}{
		{"refuses", failing(503, "busy"), "SUBREQUEST_HTTP_ERROR"},
		{"refuses in GraphQL", failing(500, `{"errors":[{"message":"boom","extensions":{"code":"BROKEN"}}]}`), "BROKEN"},
		{"talks of something else", failing(200, "<html>"), "SUBGRAPH_INVALID_RESPONSE"},
		{"says nothing", failing(200, ""), "SUBGRAPH_INVALID_RESPONSE"},
		{"panics", func(http.Handler) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })
		}, "SUBGRAPH_UNAVAILABLE"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			w := newWorld(t, router.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, test.ages)
			got := w.post(t, `{me {name age}}`)
			if got.status != 200 || string(got.Data) != `{"me":{"name":"Ada ü","age":null}}` || got.codes() != test.code {
				t.Errorf("status %d, codes %q, want 200, %q: %s", got.status, got.codes(), test.code, got.body)
			}
			if strings.Contains(got.body, "boom") || strings.Contains(got.body, "ages") {
				t.Errorf("the client is told internals: %s", got.body)
			}
			if !strings.Contains(log.String(), "subgraph=") && !strings.Contains(log.String(), "ages") {
				t.Errorf("the log does not say which subgraph failed: %s", log.String())
			}
		})
	}
}

func TestSlowSubgraph(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{Timeout: 100 * time.Millisecond}, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
	})
	got := w.post(t, `{me {name age}}`)
	if got.status != 200 || string(got.Data) != `{"me":{"name":"Ada ü","age":null}}` || got.codes() != "SUBGRAPH_TIMEOUT" {
		t.Errorf("status %d, codes %q: %s", got.status, got.codes(), got.body)
	}
}

func TestDevShowsErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{Dev: true}, failing(200, `{"errors":[{"message":"boom"}],"data":null}`))
	got := w.post(t, `{me {age}}`)
	if len(got.Errors) != 1 || got.Errors[0].Message != "boom" || got.Errors[0].Extensions.Subgraph != "ages" {
		t.Errorf("errors = %s", got.body)
	}
}

func TestSafeCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"NOT_FOUND": "no such person", "TOO_YOUNG": "no such person", "INTERNAL": "An error occurred"} {
		w := newWorld(t, router.Options{SafeCodes: []string{"TOO_YOUNG"}},
			failing(200, `{"errors":[{"message":"no such person","extensions":{"code":"`+code+`","errorId":"e1","stack":"x"}}],"data":null}`))
		got := w.post(t, `{me {age}}`)
		if len(got.Errors) != 1 || got.Errors[0].Message != want || got.codes() != code || got.Errors[0].Extensions.ErrorID != "e1" {
			t.Errorf("%s: %s, want the message %q", code, got.body, want)
		}
		if strings.Contains(got.body, "stack") || strings.Contains(got.body, "ages") {
			t.Errorf("%s: the client is told internals: %s", code, got.body)
		}
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{
		Propagate: []string{"Accept-Language", "X-Router-Claims", "Connection"},
		Authenticate: func(q *http.Request) ([]byte, error) {
			switch q.Header.Get("Authorization") {
			case "":
				return nil, nil
			case "Bearer good":
				return []byte("claims-of-ada"), nil
			}
			return nil, errors.New("the token has expired")
		},
	}, nil)
	ask := func(token string) *reply {
		q := postRequest(`{"query":"query Who {me {name}}"}`)
		q.Header.Set("X-Router-Claims", "forged")
		q.Header.Set("X-Router-Signature", "forged")
		q.Header.Set("Accept-Language", "de")
		q.Header.Set("Cookie", "secret=1")
		if token != "" {
			q.Header.Set("Authorization", token)
		}
		return w.do(t, q)
	}
	for token, claims := range map[string]string{"": "", "Bearer good": "claims-of-ada"} {
		if got := ask(token); got.status != 200 {
			t.Errorf("token %q: %d %s", token, got.status, got.body)
		}
		h := *w.seen.Load()
		if h.Get("X-Router-Claims") != claims || h.Get("X-Router-Signature") != "" || h.Get("X-Router-Operation") != "Who" {
			t.Errorf("token %q: the subgraph saw %v", token, h)
		}
		if h.Get("Accept-Language") != "de" || h.Get("Cookie") != "" || h.Get("Authorization") != "" {
			t.Errorf("token %q: wrong headers were passed on: %v", token, h)
		}
	}
	got := ask("Bearer bad")
	if got.status != 401 || got.codes() != "UNAUTHENTICATED" || got.header.Get("WWW-Authenticate") == "" || strings.Contains(got.body, "expired") {
		t.Errorf("a bad token: %d %v %s", got.status, got.header, got.body)
	}
}

// TestClientThatHangsUp lets one of many equal requests go away while all wait for the same subgraph.
func TestClientThatHangsUp(t *testing.T) {
	t.Parallel()
	const clients = 8
	arrived, release := make(chan struct{}, clients), make(chan struct{})
	w := newWorld(t, router.Options{}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
			arrived <- struct{}{}
			select {
			case <-release:
				next.ServeHTTP(rw, q)
			case <-q.Context().Done():
			}
		})
	})
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	var wait sync.WaitGroup
	gone := make(chan struct{})
	wait.Go(func() {
		defer close(gone)
		w.ServeHTTP(httptest.NewRecorder(), postRequest(`{"query":"{oldest {age}}"}`).WithContext(ctx))
	})
	replies := make([]string, clients-1)
	for i := range replies {
		wait.Go(func() {
			rec := httptest.NewRecorder()
			w.ServeHTTP(rec, postRequest(`{"query":"{oldest {age}}"}`))
			replies[i] = rec.Body.String()
		})
	}
	for range clients {
		<-arrived
	}
	hangUp()
	<-gone
	close(release)
	wait.Wait()
	for i, body := range replies {
		if body != `{"data":{"oldest":{"age":36}}}` {
			t.Errorf("client %d got %s", i, body)
		}
	}
}

// TestMutationGoesOn lets the client leave in the middle of a mutation.
func TestMutationGoesOn(t *testing.T) {
	t.Parallel()
	ctx, hangUp := context.WithCancel(t.Context())
	w := newWorld(t, router.Options{}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
			hangUp()
			if err := q.Context().Err(); err != nil {
				t.Errorf("the mutation was cancelled: %v", err)
			}
			next.ServeHTTP(rw, q)
		})
	})
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, postRequest(`{"query":"mutation {rename(name: \"x\") {age}}"}`).WithContext(ctx))
	if want := `{"data":{"rename":{"age":36}}}`; rec.Body.String() != want {
		t.Errorf("the answer is %s, want %s", rec.Body, want)
	}
}

func TestSwap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{}, nil)
	before := w.post(t, `{me {name}}`)
	other := failing(200, `{"data":{"me":{"name":"Eve"}}}`)(nil)
	if err := w.Swap(model(t), []fetch.Transport{fetch.NewLocal(w.ages, "/", fetch.Options{}), fetch.NewLocal(other, "/", fetch.Options{})}); err != nil {
		t.Fatal(err)
	}
	after := w.post(t, `{me {name}}`)
	if string(before.Data) != `{"me":{"name":"Ada ü"}}` || string(after.Data) != `{"me":{"name":"Eve"}}` {
		t.Errorf("before %s, after %s", before.body, after.body)
	}
	if err := w.Swap(model(t), nil); err == nil {
		t.Error("a supergraph without transports is accepted")
	}
	if got := w.post(t, `{me {name}}`); string(got.Data) != string(after.Data) {
		t.Errorf("a refused swap changed the answer: %s", got.body)
	}
}

// TestInternalError lets something that is ours panic.
func TestInternalError(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWorld(t, router.Options{
		Log:          slog.New(slog.NewTextHandler(&log, nil)),
		Authenticate: func(*http.Request) ([]byte, error) { panic("boom") },
	}, nil)
	got := w.post(t, `{me {name}}`)
	id := got.Errors[0].Extensions.ErrorID
	if got.status != 500 || got.codes() != "INTERNAL_SERVER_ERROR" || id == "" || strings.Contains(got.body, "boom") {
		t.Errorf("status %d: %s", got.status, got.body)
	}
	if !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "boom") {
		t.Errorf("the log has no word of it: %s", log.String())
	}
}

// TestVariables sends client variables and literals together.
func TestVariables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{}, nil)
	body, err := json.Marshal(map[string]any{
		"query":     `query ($id: ID!, $more: Boolean = false) {a: person(id: $id) {id} b: person(id: "2") {id age @include(if: $more)}}`,
		"variables": map[string]any{"id": 1, "more": true},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.do(t, postRequest(string(body))); string(got.Data) != `{"a":{"id":"1"},"b":{"id":"1","age":36}}` {
		t.Errorf("answer: %s", got.body)
	}
}
