package http1

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// recorded is a connection on which the server has said everything already. It gives at most step bytes at a time.
type recorded struct {
	net.Conn
	response bytes.Reader
	step     int
	sending  error // of Write
}

func (c *recorded) Read(b []byte) (int, error)  { return c.response.Read(b[:min(len(b), c.step)]) }
func (c *recorded) Write(b []byte) (int, error) { return len(b), c.sending }
func (c *recorded) SetDeadline(time.Time) error { return nil }
func (c *recorded) Close() error                { return nil }

// ask sends a request over the connection. It reports whether another could follow.
func ask(t *testing.T, socket *recorded, limit int64) (Response, bool, error) {
	t.Helper()
	k, err := newConnection(socket)
	if err != nil {
		t.Fatal(err)
	}
	return New(&url.URL{Scheme: "http", Host: "a"}, Options{MaxBody: limit}).talk(k, &Request{Body: []byte("body")})
}

func TestAnswerToARequestThatCouldNotBeSent(t *testing.T) {
	t.Parallel()
	socket := &recorded{step: 100, sending: io.ErrClosedPipe}
	socket.response.Reset([]byte("HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nhello"))
	got, reusable, err := ask(t, socket, 0)
	if err != nil || got.Status != http.StatusRequestEntityTooLarge || string(got.Body) != "hello" || reusable {
		t.Errorf("talk() = %d %q, %t, %v, want 413 \"hello\", false", got.Status, got.Body, reusable, err)
	}
}

// expected is what net/http makes of a response. It reports how much of it was left.
func expected(response []byte) (status int, body []byte, left int, err error) {
	rest := bytes.NewReader(response)
	in := bufio.NewReader(rest)
	for {
		r, err := http.ReadResponse(in, &http.Request{Method: http.MethodPost})
		if err != nil {
			return 0, nil, 0, err
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode >= 200 {
			return r.StatusCode, body, in.Buffered() + rest.Len(), err
		}
	}
}

// FuzzResponse takes no response that net/http does not take, and takes it for the same.
func FuzzResponse(f *testing.F) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, seed := range []string{
		ok + "Content-Length: 5\r\n\r\nhello",
		ok + "Connection: keep-alive, close\r\n\r\nhello",
		ok + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\r\nServer: a\r\n\r\nnot found",
		"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 304\r\nContent-Length: 5\r\n\r\nhello",
		ok + "A: b\r\n c\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
		ok + "A: " + strings.Repeat("x", 5000) + "\r\nContent-Length: 5000\r\n\r\n" + strings.Repeat("x", 6000),
	} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, response []byte, step uint8) {
		socket := &recorded{step: int(step) * 10}
		if step == 0 {
			socket.step = len(response) + 1
		}
		socket.response.Reset(response)
		got, reusable, err := ask(t, socket, 1<<20)
		if err != nil {
			return
		}
		status, body, left, err := expected(response)
		if err != nil && strings.Contains(err.Error(), "bad trailer key") {
			return // We pass over trailers, whatever they are called.
		}
		if err != nil || got.Status != status || !bytes.Equal(got.Body, body) {
			t.Fatalf("talk() = %d %q; net/http reads %d %q, %v", got.Status, got.Body, status, body, err)
		}
		// What came with the response is seen at once; what is still in the socket, when the connection is probed.
		if seen := step == 0 && len(response) <= bufferSize; reusable && left > 0 && seen {
			t.Fatalf("the connection is taken again, though %d bytes are left", left)
		}
	})
}
