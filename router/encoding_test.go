package router_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
)

// compressed returns a text in an encoding.
func compressed(t *testing.T, encoding, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if encoding == "zstd" {
		var err error
		if w, err = zstd.NewWriter(&b); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCompressedRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{}, nil)
	const body = `{"query":"{me {name}}"}`
	for _, encoding := range []string{"gzip", "zstd"} {
		full := body + strings.Repeat(" ", 2<<20-len(body))
		for name, c := range map[string]struct {
			body, code string
		}{
			"small":      {compressed(t, encoding, body), ""},
			"just right": {compressed(t, encoding, full), ""},
			"too large":  {compressed(t, encoding, full+" "), "PAYLOAD_TOO_LARGE"},
			"a bomb":     {compressed(t, encoding, strings.Repeat(" ", 20<<20)), "PAYLOAD_TOO_LARGE"},
			"cut":        {compressed(t, encoding, body)[:20], "BAD_REQUEST"},
			"plain":      {body, "BAD_REQUEST"},
			"empty":      {"", "BAD_REQUEST"},
		} {
			q := postRequest(c.body)
			q.Header.Set("Content-Encoding", encoding)
			if got := w.do(t, q); got.codes() != c.code || (c.code == "") != (got.Data != nil) {
				t.Errorf("%s in %s: %d %s, want the code %q", name, encoding, got.status, got.body, c.code)
			}
		}
	}
}

// answering is a subgraph with one answer.
type answering string

func (a answering) Do(context.Context, *fetch.Request) (*fetch.Response, error) {
	return &fetch.Response{Status: 200, Body: []byte(a)}, nil
}

// naming returns a router whose answers to {me {name}} have a name of so many bytes.
func naming(t *testing.T, length int, opt router.Options) *router.Router {
	t.Helper()
	r, err := router.New(model(t), []fetch.Transport{answering(""), answering(`{"data":{"me":{"name":"` + strings.Repeat("x", length) + `"}}}`)}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	const frame = len(`{"data":{"me":{"name":""}}}`)
	tests := []struct {
		accept string
		length int // of the answer
		want   string
	}{
		{"", 5_000, ""},
		{"identity", 5_000, ""},
		{"gzip", 1_024, "gzip"},
		{"gzip", 1_023, ""},
		{"gzip, deflate, br, zstd", 5_000, "zstd"},
		{"zstd;q=0, gzip", 5_000, "gzip"},
		{"br", 5_000, ""},
	}
	for _, test := range tests {
		t.Run(test.accept+" "+strconv.Itoa(test.length), func(t *testing.T) {
			t.Parallel()
			q := postRequest(`{"query":"{me {name}}"}`)
			q.Header.Set("Accept", "application/graphql-response+json")
			if test.accept != "" {
				q.Header.Set("Accept-Encoding", test.accept)
			}
			w := httptest.NewRecorder()
			naming(t, test.length-frame, router.Options{}).ServeHTTP(w, q)
			if got := w.Header().Get("Content-Encoding"); got != test.want {
				t.Errorf("Content-Encoding %q, want %q", got, test.want)
			}
			var body io.Reader = w.Body
			var err error
			switch test.want {
			case "gzip":
				body, err = gzip.NewReader(w.Body)
			case "zstd":
				body, err = zstd.NewReader(w.Body)
			}
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(body)
			if err != nil || len(text) != test.length {
				t.Errorf("%d bytes, %v, want %d", len(text), err, test.length)
			}
			if vary := strings.Join(w.Header()["Vary"], ", "); !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary+",", "Accept,") {
				t.Errorf("Vary is %q", vary)
			}
			if w.Header().Get("Content-Type") != response {
				t.Errorf("Content-Type %q", w.Header().Get("Content-Type"))
			}
		})
	}
}

func TestLargeAnswer(t *testing.T) {
	t.Parallel()
	const frame = len(`{"data":{"me":{"name":""}}}`)
	for length, code := range map[int]string{1_000: "", 1_001: "RESPONSE_TOO_LARGE"} {
		w := world{Router: naming(t, length-frame, router.Options{MaxAnswer: 1_000})}
		if got := w.post(t, `{me {name}}`); got.codes() != code || (got.Data == nil) != (code != "") {
			t.Errorf("%d bytes: %d %s, want the code %q", length, got.status, got.body, code)
		}
	}
}

// TestGatewayTimeout lets all subgraphs be too slow, or some of them.
func TestGatewayTimeout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, router.Options{Timeout: 80 * time.Millisecond}, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
	})
	for query, want := range map[string]struct {
		status int
		code   string
	}{
		`{oldest {age}}`:            {504, "GATEWAY_TIMEOUT"},
		`{oldest {age} __typename}`: {200, "SUBGRAPH_TIMEOUT"},
		`{me {name} oldest {age}}`:  {200, "SUBGRAPH_TIMEOUT"},
		`{me {age}}`:                {200, "SUBGRAPH_TIMEOUT"},
		`{me {name}}`:               {200, ""},
		`query ($b: Boolean = true) {me @skip(if: $b) {name}}`: {200, ""},
	} {
		if got := w.post(t, query); got.status != want.status || got.codes() != want.code || (got.Data == nil) != (want.status != 200) {
			t.Errorf("%s: %d %s, want %d %s", query, got.status, got.body, want.status, want.code)
		}
	}
}
