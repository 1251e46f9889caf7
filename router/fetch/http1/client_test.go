package http1_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/soukhq/souk/router/fetch/http1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client returns a client for a server with the handler, which counts the connections.
func client(t *testing.T, opt http1.Options, h http.HandlerFunc) (*http1.Client, *atomic.Int64) {
	t.Helper()
	var connections atomic.Int64
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return connect(t, s.URL+"/graphql?a=b", opt), &connections
}

func connect(t *testing.T, endpoint string, opt http1.Options) *http1.Client {
	t.Helper()
	u, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	c := http1.New(u, opt)
	t.Cleanup(c.Close)
	return c
}

// script is a server that does on its nth connection what the nth function says, and closes it after that. It returns
// its URL.
func script(t *testing.T, connections ...func(c net.Conn, in *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for _, serve := range connections {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				serve(c, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close() // It ends Accept.
		running.Wait()
	})
	return "http://" + l.Addr().String()
}

// receive reads one request. It reports false if there was none.
func receive(in *bufio.Reader) bool {
	r, err := http.ReadRequest(in)
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	return err == nil
}

// answer serves requests with the response until there are no more.
func answer(response string) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		for receive(in) {
			_, _ = io.WriteString(c, response) // Who asked may be gone.
		}
	}
}

// once serves one request with the response.
func once(response string) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		if receive(in) {
			_, _ = io.WriteString(c, response)
		}
	}
}

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

func TestDo(t *testing.T) {
	t.Parallel()
	c, connections := client(t, http1.Options{}, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintln(w, r.Method, r.RequestURI, r.Host != "", r.ContentLength, r.TransferEncoding, r.Header["X-Given"], string(body))
	})
	for range 3 {
		got, err := c.Do(t.Context(), &http1.Request{
			Header: http.Header{"X-Given": {"one", "two"}, "Content-Length": {"7"}, "Transfer-Encoding": {"chunked"}, "Host": {"other"}, "Empty": {}},
			Body:   []byte("body"),
		})
		if err != nil {
			t.Fatal(err)
		}
		want := "POST /graphql?a=b true 4 [] [one two] body\n"
		if got.Status != http.StatusTeapot || string(got.Body) != want {
			t.Errorf("Do() = %d %q, want 418 %q", got.Status, got.Body, want)
		}
	}
	if connections.Load() != 1 {
		t.Errorf("%d connections for three requests in turn", connections.Load())
	}
}

func TestBuffer(t *testing.T) {
	t.Parallel()
	c, _ := client(t, http1.Options{}, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	for _, size := range []int{0, 4, 5, 100} {
		buffer := make([]byte, size)
		got, err := c.Do(t.Context(), &http1.Request{Buffer: buffer})
		if err != nil || string(got.Body) != "hello" {
			t.Fatalf("Do() = %q, %v", got.Body, err)
		}
		if used := size > 0 && &buffer[0] == &got.Body[0]; used != (size >= 5) {
			t.Errorf("a buffer of %d bytes was used: %t", size, used)
		}
	}
}

func TestHeadersThatWouldBreakTheRequestAreRefused(t *testing.T) {
	t.Parallel()
	c, _ := client(t, http1.Options{}, func(http.ResponseWriter, *http.Request) { t.Error("the request was sent") })
	for _, h := range []http.Header{{"A": {"x\r\nB: y"}}, {"A": {"x\ny"}}, {"A": {"x\x00"}}, {"A B": {"x"}}, {"A:": {"x"}}, {"": {"x"}}} {
		if _, err := c.Do(t.Context(), &http1.Request{Header: h}); !errors.Is(err, http1.ErrHeader) {
			t.Errorf("Do(%q) = %v", h, err)
		}
	}
}

func TestConnectionsAreNotKept(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{
		"after Connection: close":          "HTTP/1.1 200 OK\r\nConnection: a, Close\r\nContent-Length: 5\r\n\r\nhello",
		"after HTTP/1.0":                   "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"where more follows than is said":  hello + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad",
		"after a status without a body":    "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\nbad",
		"where a notice follows unasked":   hello,
		"where the body ends with the end": "HTTP/1.1 200 OK\r\n\r\nhello",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unasked := make(chan struct{})
			url := script(t, func(c net.Conn, in *bufio.Reader) {
				receive(in)
				_, _ = io.WriteString(c, first)
				if strings.Contains(name, "unasked") {
					<-unasked
					_, _ = io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
					unasked <- struct{}{}
					_, _ = io.Copy(io.Discard, in)
				}
			}, answer(hello))
			c := connect(t, url, http1.Options{})
			if _, err := c.Do(t.Context(), &http1.Request{}); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(name, "unasked") {
				unasked <- struct{}{}
				<-unasked
			}
			got, err := c.Do(t.Context(), &http1.Request{})
			if err != nil || string(got.Body) != "hello" {
				t.Errorf("the second Do() = %q, %v", got.Body, err)
			}
		})
	}
}

func TestOneThousandAtOnce(t *testing.T) {
	t.Parallel()
	const limit = 20
	var now, most atomic.Int64
	c, connections := client(t, http1.Options{Connections: limit}, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if len(body)%2 == 0 {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		}
		_, _ = w.Write(body)
	})
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			body := bytes.Repeat([]byte{byte(i)}, i*17%20_000)
			got, err := c.Do(t.Context(), &http1.Request{Body: body})
			if err != nil || !bytes.Equal(got.Body, body) {
				t.Errorf("request %d: %d bytes, %v", i, len(got.Body), err)
			}
		})
	}
	all.Wait()
	if most.Load() > limit || connections.Load() > limit {
		t.Errorf("%d requests at once over %d connections, want at most %d", most.Load(), connections.Load(), limit)
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	url := script(t, func(c net.Conn, in *bufio.Reader) {
		answer(hello)(c, in)
		close(ended)
	})
	c := connect(t, url, http1.Options{Idle: time.Millisecond})
	if _, err := c.Do(t.Context(), &http1.Request{}); err != nil {
		t.Fatal(err)
	}
	<-ended
}

func TestNoConnection(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	_, err = connect(t, "http://"+l.Addr().String(), http1.Options{}).Do(t.Context(), &http1.Request{})
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "dial" {
		t.Errorf("Do() = %v, want that no connection could be made", err)
	}
}

func TestSlowServer(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]string{
		"before the head": "", "in the head": "HTTP/1.1 200 OK\r\nContent-", "in the body": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
		"in a chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "before the end": "HTTP/1.1 200 OK\r\n\r\nhello",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := script(t, func(c net.Conn, in *bufio.Reader) {
				receive(in)
				_, _ = io.WriteString(c, sent)
				_, _ = io.Copy(io.Discard, in)
			})
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()
			_, err := connect(t, url, http1.Options{}).Do(ctx, &http1.Request{Repeatable: true})
			if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("Do() = %v, want a timeout", err)
			}
		})
	}
}
