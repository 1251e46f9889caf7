package router

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/operation"
	"github.com/soukhq/souk/router/supergraph"
)

// peopleWith reads the supergraph of the tests, a part of it replaced.
func peopleWith(t *testing.T, old, replacement string) *supergraph.Model {
	t.Helper()
	sdl, err := os.ReadFile("testdata/people.graphql")
	if err != nil {
		t.Fatal(err)
	}
	m, err := supergraph.Read(strings.ReplaceAll(string(sdl), old, replacement))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// null answers everything with null.
type null struct{}

func (null) Do(context.Context, *fetch.Request) (*fetch.Response, error) {
	return &fetch.Response{Status: 200, Body: []byte(`{"data":{"me":null,"oldest":null}}`)}, nil
}

func ask(t *testing.T, r *Router, body string) string {
	t.Helper()
	w := httptest.NewRecorder()
	q := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	r.ServeHTTP(w, q)
	return w.Body.String()
}

// TestSwapMakesReady swaps, and sees that what was asked before is neither read nor planned again.
func TestSwapMakesReady(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	transports := []fetch.Transport{null{}, null{}}
	r, err := New(peopleWith(t, "", ""), transports, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	const conditional = `{"query":"query Both($b: Boolean!) {me {name age @include(if: $b)}}","variables":{"b":`
	bodies := []string{conditional + `true}}`, conditional + `false}}`, `{"query":"{oldest {age}}"}`}
	for _, body := range append(bodies, `{"query":"query Naming {me {name}}"}`, `{"query":"mutation Rename {rename(name: \"x\") {name}}"}`) {
		ask(t, r, body)
	}
	next := peopleWith(t, "rename(name: String!): Person", "forget(name: String!): Person")
	if err := r.Swap(next, transports); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, "operation=Rename") || strings.Count(text, "not valid in the new graph") != 1 {
		t.Errorf("the log does not tell what breaks: %s", text)
	}
	m := r.current.Load().memo
	m.planning = func(op *operation.Op) { t.Errorf("%s is planned by a request", op.Key) }
	for _, body := range bodies {
		if got := ask(t, r, body); got == "" {
			t.Error("no answer")
		}
	}
	if n := m.docs.EstimatedSize(); n != 3 {
		t.Errorf("%d documents are ready, want 3", n)
	}
}

// TestMostUsed asks some documents more often than others.
func TestMostUsed(t *testing.T) {
	t.Parallel()
	r, err := New(peopleWith(t, "", ""), []fetch.Transport{null{}, null{}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"C", "A", "D", "B"}
	for i, name := range names {
		for range 10 - i {
			ask(t, r, `{"query":"query `+name+` {me {name}}"}`)
		}
	}
	ask(t, r, `{"query":"{nope}"}`)
	if err := r.Swap(r.current.Load().model, r.current.Load().subgraphs); err != nil {
		t.Fatal(err)
	}
	if top := r.current.Load().memo.mostUsed(1); len(top) != 1 || top[0].uses.Load() != 5 {
		t.Errorf("the most used one of the old graph is %v, want one with half its requests", top)
	}
	for i, u := range r.current.Load().memo.mostUsed(10) {
		if u.Name() != names[i] {
			t.Errorf("number %d is %s, want %s", i, u.Name(), names[i])
		}
	}
}

// TestWarmEnds has no time at all.
func TestWarmEnds(t *testing.T) {
	t.Parallel()
	old, _ := countingMemo(t)
	next, planned := countingMemo(t)
	planFor(t, old, `{me {name}}`, 0)
	next.warm(old, time.Now(), slog.New(slog.DiscardHandler))
	if n := planned.Load(); n != 0 {
		t.Errorf("%d operations were planned", n)
	}
	next.warm(old, time.Now().Add(time.Hour), slog.New(slog.DiscardHandler))
	if n := planned.Load(); n != 1 {
		t.Errorf("%d operations were planned, want 1", n)
	}
}
