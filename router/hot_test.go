package router_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/supergraph"
	"golang.org/x/tools/txtar"
)

// recorded is all subgraphs of the gateway benchmark: answers by request. They are given in the caller's memory.
type recorded map[string][]byte

func (r recorded) Do(_ context.Context, q *fetch.Request) (*fetch.Response, error) {
	return &fetch.Response{Status: http.StatusOK, Body: append(q.Buffer[:0], r[string(q.Body)]...), Reusable: true}, nil
}

// connection is a client that keeps nothing but the last answer.
type connection struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *connection) Header() http.Header         { return c.header }
func (c *connection) WriteHeader(status int)      { c.status = status }
func (c *connection) Write(b []byte) (int, error) { return c.body.Write(b) }

// seekable is the body of a request that is sent again and again.
type seekable struct{ *bytes.Reader }

func (seekable) Close() error { return nil }

// hotPath is a router with subgraphs that cost nothing, and the request of the gateway benchmark, whose plan is known.
type hotPath struct {
	router  *router.Router
	request *http.Request
	body    seekable
	client  connection
}

func newHotPath(tb testing.TB) *hotPath {
	tb.Helper()
	files := map[string]string{}
	answers := recorded{}
	for _, f := range archive(tb, "execute/testdata/gateway.txtar.gz") {
		text := strings.TrimSuffix(string(f.Data), "\n")
		if files[f.Name] = text; f.Name == "answer" {
			answers[files["request"]] = []byte(text)
		}
	}
	m, err := supergraph.Read(files["supergraph"])
	if err != nil {
		tb.Fatal(err)
	}
	transports := make([]fetch.Transport, len(m.Graphs))
	for i := range transports {
		transports[i] = answers
	}
	body, err := json.Marshal(map[string]string{"query": files["query"]})
	if err != nil {
		tb.Fatal(err)
	}
	h := &hotPath{body: seekable{bytes.NewReader(body)}, client: connection{header: http.Header{}}}
	if h.router, err = router.New(m, transports, router.Options{}); err != nil {
		tb.Fatal(err)
	}
	h.request = httptest.NewRequest(http.MethodPost, "/graphql", nil)
	h.request.Header.Set("Content-Type", "application/json")
	h.request.ContentLength = int64(len(body))
	h.request.Body = h.body
	if h.ask(); h.client.status != http.StatusOK || h.client.body.Len() < 80_000 || h.client.body.String() != files["reply"] {
		tb.Fatalf("status %d, and the reply is not the recorded one: %.200s", h.client.status, h.client.body.String())
	}
	return h
}

func archive(tb testing.TB, path string) []txtar.File {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return txtar.Parse(text).Files
}

// ask sends the request once more.
func (h *hotPath) ask() {
	_, _ = h.body.Seek(0, io.SeekStart) // It always can.
	clear(h.client.header)
	h.client.body.Reset()
	h.router.ServeHTTP(&h.client, h.request)
}

// TestHotPathAllocates bounds what the router allocates for a reply of 87 KB, from the first byte of the request to the
// last one of the reply.
func TestHotPathAllocates(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget")
	}
	h := newHotPath(t)
	const runs = 200
	count := testing.AllocsPerRun(runs, h.ask)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		h.ask()
	}
	runtime.ReadMemStats(&after)
	size := (after.TotalAlloc - before.TotalAlloc) / runs
	if count >= 45 || size >= 10_000 {
		t.Errorf("%v allocations and %d bytes a request, want less than 45 and 10,000", count, size)
	}
}

// BenchmarkHotPath measures the same.
func BenchmarkHotPath(b *testing.B) {
	h := newHotPath(b)
	b.SetBytes(int64(h.client.body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		h.ask()
	}
}
