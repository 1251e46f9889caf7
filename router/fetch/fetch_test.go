package fetch_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukhq/souk/router/fetch"
)

// both runs the test over the network, with either client, and in this process.
func both(t *testing.T, h http.Handler, opt fetch.Options, test func(t *testing.T, transport fetch.Transport)) {
	t.Helper()
	t.Run("network", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		n, err := fetch.NewNetwork(server.URL+"/graphql", opt)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Close)
		test(t, n)
	})
	t.Run("network with net/http", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		n, err := fetch.NewNetwork(server.URL+"/graphql", opt)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Close)
		test(t, n.WithNetHTTP())
	})
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		test(t, fetch.NewLocal(h, "/graphql", opt))
	})
}

func request() *fetch.Request {
	return &fetch.Request{Subgraph: "a", Body: []byte(`{"query":"{x}"}`)}
}

// codeOf returns the code of an error that a Transport gave.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	var e *fetch.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v is no *fetch.Error", err)
	}
	return e.Code
}

func TestDo(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		left, err := strconv.Atoi(r.Header.Get("X-Router-Deadline-Ms"))
		if err != nil || left > 10_000 || left < 1 {
			t.Errorf("the deadline header is %q", r.Header.Get("X-Router-Deadline-Ms"))
		}
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("the request offers compression")
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, strings.Join([]string{
			r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("X-Given"), r.Header.Get("X-Signature"), string(body),
		}, " "))
	})
	opt := fetch.Options{Sign: func(h http.Header, method, path string, body []byte) {
		h.Set("X-Signature", method+path+strconv.Itoa(len(body)))
	}}
	both(t, h, opt, func(t *testing.T, transport fetch.Transport) {
		r := request()
		r.Header = http.Header{"X-Given": {"given"}}
		got, err := transport.Do(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		want := `POST /graphql application/json given POST/graphql15 {"query":"{x}"}`
		if got.Status != http.StatusTeapot || string(got.Body) != want {
			t.Errorf("Do() = %d %s, want 418 %s", got.Status, got.Body, want)
		}
		if len(r.Header) != 1 {
			t.Errorf("the caller's headers were changed: %v", r.Header)
		}
	})
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // The server notices that the caller is gone only once the body is read.
		<-r.Context().Done()
	})
	both(t, h, fetch.Options{Timeout: 50 * time.Millisecond}, func(t *testing.T, transport fetch.Transport) {
		if _, err := transport.Do(t.Context(), request()); codeOf(t, err) != fetch.CodeTimeout {
			t.Errorf("Do() = %v, want %s", err, fetch.CodeTimeout)
		}
	})
}

// TestDeadlineOfTheOperation leaves time to write the answer: the subgraph is told less than the operation has.
func TestDeadlineOfTheOperation(t *testing.T) {
	t.Parallel()
	const whole = 60 * time.Millisecond
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		left, err := strconv.ParseInt(r.Header.Get("X-Router-Deadline-Ms"), 10, 64)
		if err != nil || left > (whole-fetch.Reserve).Milliseconds() {
			t.Errorf("the deadline header is %q", r.Header.Get("X-Router-Deadline-Ms"))
		}
		<-r.Context().Done()
	})
	both(t, h, fetch.Options{}, func(t *testing.T, transport fetch.Transport) {
		ctx, cancel := context.WithTimeout(t.Context(), whole)
		defer cancel()
		if _, err := transport.Do(ctx, request()); codeOf(t, err) != fetch.CodeTimeout {
			t.Errorf("Do() = %v, want %s", err, fetch.CodeTimeout)
		}
	})
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !known {
				w.WriteHeader(http.StatusOK)
				_ = http.NewResponseController(w).Flush()
			}
			_, _ = w.Write(make([]byte, 101))
		})
		t.Run("length known "+strconv.FormatBool(known), func(t *testing.T) {
			t.Parallel()
			both(t, h, fetch.Options{MaxBody: 100}, func(t *testing.T, transport fetch.Transport) {
				if _, err := transport.Do(t.Context(), request()); codeOf(t, err) != fetch.CodeTooLarge {
					t.Errorf("Do() = %v, want %s", err, fetch.CodeTooLarge)
				}
			})
		})
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		panic(http.ErrAbortHandler)
	})
	both(t, h, fetch.Options{}, func(t *testing.T, transport fetch.Transport) {
		r := request()
		r.Mutation = true
		if _, err := transport.Do(t.Context(), r); codeOf(t, err) != fetch.CodeUnavailable {
			t.Errorf("Do() = %v, want %s", err, fetch.CodeUnavailable)
		}
	})
	t.Cleanup(func() {
		if calls.Load() != 3 {
			t.Errorf("%d calls of a mutation over three transports", calls.Load())
		}
	})
}

// TestRetry refuses the first connection by closing the listener, and opens it again for the second.
func TestRetry(t *testing.T) {
	t.Parallel()
	for _, mutation := range []bool{false, true} {
		t.Run("mutation "+strconv.FormatBool(mutation), func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := listener.Addr().String()
			if err := listener.Close(); err != nil {
				t.Fatal(err)
			}
			attempts := 0
			n, err := fetch.NewNetwork("http://"+address, fetch.Options{Sign: func(http.Header, string, string, []byte) { attempts++ }})
			if err != nil {
				t.Fatal(err)
			}
			r := request()
			r.Mutation = mutation
			if _, err := n.Do(t.Context(), r); codeOf(t, err) != fetch.CodeUnavailable {
				t.Errorf("Do() = %v, want %s", err, fetch.CodeUnavailable)
			}
			if want := map[bool]int{false: 2, true: 1}[mutation]; attempts != want {
				t.Errorf("%d attempts, want %d", attempts, want)
			}
		})
	}
}

func TestNewNetworkRefusesOtherURLs(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"", "localhost:4001", "ftp://host/x", "http://", "http://a b"} {
		if _, err := fetch.NewNetwork(endpoint, fetch.Options{}); err == nil {
			t.Errorf("NewNetwork(%q) succeeded", endpoint)
		}
	}
}
