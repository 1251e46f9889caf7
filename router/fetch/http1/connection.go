package http1

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
	"time"
)

const (
	bufferSize = 4 << 10  // for what is read; longer lines make it grow, bodies pass by it
	maxHead    = 64 << 10 // bytes of all heads of a response
	maxTrailer = 4 << 10  // bytes of all that may follow a chunked body
	maxExtra   = 2 << 10  // bytes of all chunk extensions of a body
)

// errNoAnswer is the error where the connection ended before the first byte of a response.
var errNoAnswer = errors.New("the connection was closed before a response")

// connection is one connection to the server, for one request at a time.
type connection struct {
	socket net.Conn
	raw    syscall.RawConn       // of the socket
	peek   func(fd uintptr) bool // probe, made once
	open   bool                  // what probe found
	one    [1]byte               // where probe reads
	since  time.Time             // when it came into the pool

	out     []byte // the head of the request
	parts   [2][]byte
	buffers net.Buffers

	in       []byte
	from, to int  // what of in was received and is not used yet
	answered bool // whether a byte of the response was received
}

func newConnection(socket net.Conn) (*connection, error) {
	k := &connection{socket: socket, in: make([]byte, bufferSize)}
	if s, ok := socket.(syscall.Conn); ok {
		raw, err := s.SyscallConn()
		if err != nil {
			return nil, err
		}
		k.raw, k.peek = raw, k.probe
	}
	return k, nil
}

// ready sets the deadline of the next exchange. It reports false if the server has closed the connection or has sent
// what nobody asked for, such as a notice that it is about to close it.
func (k *connection) ready(deadline time.Time) bool {
	if k.socket.SetDeadline(deadline) != nil {
		return false
	}
	if k.raw == nil {
		return true
	}
	k.open = false
	err := k.raw.Read(k.peek)
	return err == nil && k.open || errors.Is(err, os.ErrDeadlineExceeded) // That is not the connection's fault.
}

// interrupt ends what waits for the connection. It may be called while another goroutine uses it.
func (k *connection) interrupt() { _ = k.socket.SetDeadline(time.Unix(1, 0)) }

func (k *connection) close() { _ = k.socket.Close() }

// silent tells whether nothing was received but what was used.
func (k *connection) silent() bool { return k.from == k.to }

// send writes the head that is in out, and the body, at once.
func (k *connection) send(body []byte) error {
	k.answered, k.from, k.to = false, 0, 0
	k.parts = [2][]byte{k.out, body}
	k.buffers = k.parts[:]
	_, err := k.buffers.WriteTo(k.socket)
	k.parts[1] = nil
	return err
}

// fill reads more, behind what is there.
func (k *connection) fill() error {
	switch {
	case k.from == k.to:
		k.from, k.to = 0, 0
	case k.to == len(k.in) && k.from > 0:
		k.to = copy(k.in, k.in[k.from:k.to])
		k.from = 0
	case k.to == len(k.in):
		k.in = append(k.in, make([]byte, len(k.in))...)
	}
	n, err := k.read(k.in[k.to:])
	k.to += n
	return err
}

// read reads from the socket. Bytes or an error come, never both.
func (k *connection) read(b []byte) (int, error) {
	n, err := k.socket.Read(b)
	if n > 0 {
		k.answered = true
		return n, nil
	}
	var network net.Error
	switch {
	case err == nil:
		return 0, io.ErrNoProgress
	case errors.As(err, &network) && network.Timeout():
		return 0, err
	case !k.answered:
		return 0, fmt.Errorf("%w: %w", errNoAnswer, err)
	case errors.Is(err, io.EOF):
		return 0, io.ErrUnexpectedEOF
	}
	return 0, err
}

// readLine returns the next line without its end, which is CR LF. With its end it has at most max bytes. It is valid
// until more is read.
func (k *connection) readLine(max int) ([]byte, error) {
	for seen := 0; ; {
		unread := k.in[k.from:k.to]
		if end := bytes.IndexByte(unread[seen:], '\n'); end >= 0 {
			end += seen
			if end == 0 || unread[end-1] != '\r' || end >= max {
				return nil, fmt.Errorf("%w: a line does not end as it should", ErrMalformed)
			}
			k.from += end + 1
			return unread[:end-1], nil
		}
		if seen = len(unread); seen >= max {
			return nil, fmt.Errorf("%w: a line is too long", ErrMalformed)
		}
		if err := k.fill(); err != nil {
			return nil, err
		}
	}
}

// readHead reads the head of the response, behind those that only say that it will come (1xx).
func (k *connection) readHead() (head, error) {
	for left := maxHead; ; {
		h := head{length: -1}
		for first := true; ; first = false {
			line, err := k.readLine(left)
			if err != nil {
				return h, err
			}
			left -= len(line) + 2
			if first {
				err = h.statusLine(line)
			} else if len(line) > 0 {
				err = h.field(line)
			} else {
				break
			}
			if err != nil {
				return h, err
			}
		}
		if h.status >= 200 {
			return h, nil
		}
		if h.status == 101 {
			return h, fmt.Errorf("%w: it changes the protocol", ErrMalformed)
		}
	}
}

// readBody reads the body that follows the head, into the buffer's capacity where it fits.
func (k *connection) readBody(h head, buffer []byte, limit int64) ([]byte, error) {
	buffer = buffer[:0]
	switch {
	case h.bodiless():
		return buffer, nil
	case h.chunked:
		return k.readChunks(buffer, limit)
	case h.length > limit:
		return nil, ErrTooLarge
	case h.length >= 0:
		return k.readExactly(buffer, int(h.length))
	}
	return k.readToEnd(buffer, limit)
}

// readExactly appends n bytes to the body. Where there are many, they come straight from the socket.
func (k *connection) readExactly(body []byte, n int) ([]byte, error) {
	start := len(body)
	body = slices.Grow(body, n)[:start+n]
	for rest := body[start:]; ; {
		copied := copy(rest, k.in[k.from:k.to])
		k.from += copied
		if rest = rest[copied:]; len(rest) == 0 {
			return body, nil
		}
		var err error
		if len(rest) < bufferSize {
			err = k.fill()
		} else if copied, err = k.read(rest); err == nil {
			rest = rest[copied:]
		}
		if err != nil {
			return nil, err
		}
	}
}

// readToEnd appends all that comes until the server closes the connection.
func (k *connection) readToEnd(body []byte, limit int64) ([]byte, error) {
	for {
		if int64(len(body)+k.to-k.from) > limit {
			return nil, ErrTooLarge
		}
		body = append(body, k.in[k.from:k.to]...)
		k.from = k.to
		if err := k.fill(); errors.Is(err, io.ErrUnexpectedEOF) {
			return body, nil
		} else if err != nil {
			return nil, err
		}
	}
}

// readChunks appends the data of all chunks to the body, and passes over the trailer.
func (k *connection) readChunks(body []byte, limit int64) ([]byte, error) {
	for extra := 0; ; {
		line, err := k.readLine(bufferSize)
		if err != nil {
			return nil, err
		}
		size, err := chunkSize(line, &extra)
		if err != nil {
			return nil, err
		}
		if size == 0 {
			return body, k.skipTrailer()
		}
		if size > limit-int64(len(body)) {
			return nil, ErrTooLarge
		}
		if body, err = k.readExactly(body, int(size)); err != nil {
			return nil, err
		}
		if line, err = k.readLine(2); err != nil {
			return nil, err
		} else if len(line) > 0 {
			return nil, fmt.Errorf("%w: a chunk is longer than it says", ErrMalformed)
		}
	}
}

func (k *connection) skipTrailer() error {
	for left := maxTrailer; ; {
		line, err := k.readLine(left)
		if err != nil || len(line) == 0 {
			return err
		}
		left -= len(line) + 2
		if _, _, err := splitField(line); err != nil {
			return err
		}
	}
}
