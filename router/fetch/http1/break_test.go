package http1_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/fetch/http1"
)

// TestCancelled lets the caller go while the server works. The server sees the connection end.
func TestCancelled(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]string{"before the head": "", "in the body": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			received, ended := make(chan struct{}), make(chan struct{})
			url := script(t, func(c net.Conn, in *bufio.Reader) {
				receive(in)
				_, _ = io.WriteString(c, sent)
				close(received)
				_, _ = io.Copy(io.Discard, in)
				close(ended)
			})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-received
				cancel()
			}()
			_, err := connect(t, url, http1.Options{}).Do(ctx, &http1.Request{Repeatable: true})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Do() = %v, want %v", err, context.Canceled)
			}
			<-ended
		})
	}
}

// TestCancelledWhileItWaits has all connections in use.
func TestCancelledWhileItWaits(t *testing.T) {
	t.Parallel()
	received, done := make(chan struct{}), make(chan struct{})
	c, _ := client(t, http1.Options{Connections: 1}, func(http.ResponseWriter, *http.Request) {
		close(received)
		<-done
	})
	first := make(chan error)
	go func() {
		_, err := c.Do(t.Context(), &http1.Request{})
		first <- err
	}()
	<-received
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if _, err := c.Do(ctx, &http1.Request{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Do() = %v, want %v", err, context.Canceled)
	}
	close(done)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// TestStaleConnection closes a connection after its first response, so that the second request finds it closed. With a
// half-written response nothing is repeated.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		second     string // what the first connection answers to the second request
		repeatable bool
		want       string // the second request's body; none if it fails
	}{
		{"nothing was answered to a query", "", true, "again"},
		{"nothing was answered to a mutation", "", false, ""},
		{"a query was answered in part", "HTTP/1.1 200 OK\r\n", true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := script(t, func(c net.Conn, in *bufio.Reader) {
				receive(in)
				_, _ = io.WriteString(c, hello)
				receive(in)
				_, _ = io.WriteString(c, test.second)
			}, answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain"))
			c := connect(t, url, http1.Options{})
			if _, err := c.Do(t.Context(), &http1.Request{}); err != nil {
				t.Fatal(err)
			}
			got, err := c.Do(t.Context(), &http1.Request{Repeatable: test.repeatable})
			if (err == nil) != (test.want != "") || string(got.Body) != test.want {
				t.Errorf("Do() = %q, %v, want %q", got.Body, err, test.want)
			}
		})
	}
}

// TestClosedConnectionIsNoticed gives a mutation another connection where the server has closed the first.
func TestClosedConnectionIsNoticed(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	url := script(t, func(c net.Conn, in *bufio.Reader) {
		once(hello)(c, in)
		_ = c.Close()
		close(closed)
	}, answer(hello))
	c := connect(t, url, http1.Options{})
	for range 2 {
		if _, err := c.Do(t.Context(), &http1.Request{}); err != nil {
			t.Fatal(err)
		}
		<-closed
	}
}

// TestFreshConnectionIsNotRetried closes the first connection at once.
func TestFreshConnectionIsNotRetried(t *testing.T) {
	t.Parallel()
	c := connect(t, script(t, once("")), http1.Options{})
	if _, err := c.Do(t.Context(), &http1.Request{Repeatable: true}); !errors.Is(err, io.EOF) {
		t.Errorf("Do() = %v, want %v", err, io.EOF)
	}
}

func TestRefusedBeforeItIsReadAll(t *testing.T) {
	t.Parallel()
	url := script(t, func(c net.Conn, in *bufio.Reader) {
		_, _ = in.Peek(1)
		_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, in)
	})
	got, err := connect(t, url, http1.Options{}).Do(t.Context(), &http1.Request{Body: make([]byte, 8<<20)})
	if err != nil || got.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("Do() = %d, %v, want 413", got.Status, err)
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_000)
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, test := range []struct {
		name, response, want string
		err                  error
	}{
		{"with a length", ok + "content-LENGTH:  5 \r\n\r\nhello", "hello", nil},
		{"without a body", "HTTP/1.1 204 No Content\r\n\r\n", "", nil},
		{"to the end", ok + "\r\n" + long, long, nil},
		{"in chunks", ok + "Transfer-Encoding: Chunked\r\n\r\n3\r\nhel\r\n002;a=\"b\"\r\nlo\r\n0\r\nTrailer: x\r\n\r\n", "hello", nil},
		{"in a large chunk", ok + "Transfer-Encoding: chunked\r\n\r\n2710\r\n" + long + "\r\n0\r\n\r\n", long, nil},
		{"after others that announce it", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + hello, "hello", nil},
		{"with a long header", ok + "A: " + long + "\r\nContent-Length: 5\r\n\r\nhello", "hello", nil},
		{"a redirect is an answer", "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 5\r\n\r\nhello", "hello", nil},

		{"too large", ok + "Content-Length: 20001\r\n\r\n", "", http1.ErrTooLarge},
		{"too large in chunks", ok + "Transfer-Encoding: chunked\r\n\r\n2710\r\n" + long + "\r\n2711\r\n", "", http1.ErrTooLarge},
		{"too large to the end", ok + "\r\n" + long + long + "x", "", http1.ErrTooLarge},
		{"breaking off in the head", ok + "Content", "", io.ErrUnexpectedEOF},
		{"breaking off in the body", ok + "Content-Length: 5\r\n\r\nhel", "", io.ErrUnexpectedEOF},
		{"breaking off in a chunk", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "", io.ErrUnexpectedEOF},
		{"breaking off between chunks", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "", io.ErrUnexpectedEOF},

		{"two lengths", ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "", http1.ErrMalformed},
		{"a list of lengths", ok + "Content-Length: 5, 5\r\n\r\nhello", "", http1.ErrMalformed},
		{"a length with a sign", ok + "Content-Length: +5\r\n\r\nhello", "", http1.ErrMalformed},
		{"a length without digits", ok + "Content-Length:\r\n\r\nhello", "", http1.ErrMalformed},
		{"a length beyond numbers", ok + "Content-Length: 99999999999999999999\r\n\r\n", "", http1.ErrMalformed},
		{"length and chunks", ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", http1.ErrMalformed},
		{"chunks and length", ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "", http1.ErrMalformed},
		{"chunks twice", ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", http1.ErrMalformed},
		{"compressed on the way", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "", http1.ErrMalformed},
		{"chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", http1.ErrMalformed},
		{"a header over two lines", ok + "A: b\r\n c\r\n\r\n", "", http1.ErrMalformed},
		{"a header without a colon", ok + "A\r\n\r\n", "", http1.ErrMalformed},
		{"a space before the colon", ok + "Content-Length : 5\r\n\r\nhello", "", http1.ErrMalformed},
		{"a line that ends in LF only", ok + "A: b\n\r\n", "", http1.ErrMalformed},
		{"a CR in a header", ok + "A: b\rc\r\n\r\n", "", http1.ErrMalformed},
		{"headers without an end", ok + strings.Repeat("A: "+long+"\r\n", 7), "", http1.ErrMalformed},
		{"announced without an end", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 5000), "", http1.ErrMalformed},
		{"another protocol", "HTTP/2 200\r\n\r\n", "", http1.ErrMalformed},
		{"no protocol", "\r\n\r\n", "", http1.ErrMalformed},
		{"a change of protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "", http1.ErrMalformed},
		{"a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "", http1.ErrMalformed},
		{"a status below 100", "HTTP/1.1 099 OK\r\n\r\n", "", http1.ErrMalformed},
		{"a chunk size with a sign", ok + "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n", "", http1.ErrMalformed},
		{"a chunk size with a prefix", ok + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", "", http1.ErrMalformed},
		{"a chunk without a size", ok + "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n", "", http1.ErrMalformed},
		{"a chunk size beyond numbers", ok + "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello", "", http1.ErrMalformed},
		{"a chunk longer than it says", ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n", "", http1.ErrMalformed},
		{"long chunk extensions", ok + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1;"+long[:1000]+"\r\nx\r\n", 3), "", http1.ErrMalformed},
		{"a long trailer", ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + long + "\r\n\r\n", "", http1.ErrMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, script(t, once(test.response)), http1.Options{MaxBody: 20_000})
			got, err := c.Do(t.Context(), &http1.Request{})
			if !errors.Is(err, test.err) || !bytes.Equal(got.Body, []byte(test.want)) {
				t.Errorf("Do() = %.20q, %v, want %.20q, %v", got.Body, err, test.want, test.err)
			}
		})
	}
}
