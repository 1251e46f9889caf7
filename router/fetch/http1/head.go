package http1

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"strconv"
)

// head is what matters of the head of a response.
type head struct {
	status  int
	old     bool  // it is HTTP/1.0
	length  int64 // of the body; -1 if it is not said
	chunked bool
	closing bool // the server closes the connection after the response
}

// bodiless tells whether the status has no body, whatever the fields say (RFC 9112, section 6.3).
func (h *head) bodiless() bool {
	return h.status == http.StatusNoContent || h.status == http.StatusNotModified
}

// reusable tells whether another response may follow the body on the connection.
func (h *head) reusable() bool {
	if h.closing || h.old {
		return false
	}
	if h.bodiless() {
		return !h.chunked && h.length <= 0
	}
	return h.chunked || h.length >= 0
}

// statusLine reads the first line, which is complete with its last space or, as some write it, without.
func (h *head) statusLine(line []byte) error {
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[7] != '0' && line[7] != '1' || line[8] != ' ' ||
		len(line) > 12 && line[12] != ' ' || !isValue(line) {
		return fmt.Errorf("%w: status line", ErrMalformed)
	}
	h.old = line[7] == '0'
	status, ok := number(line[9:12])
	if !ok || status < 100 {
		return fmt.Errorf("%w: status", ErrMalformed)
	}
	h.status = int(status)
	return nil
}

// field reads a line that is not the first. A response that tells in two ways where its body ends is refused: a server
// between could believe the other one.
func (h *head) field(line []byte) error {
	name, value, err := splitField(line)
	if err != nil {
		return err
	}
	switch {
	case equal(name, "content-length"):
		length, ok := number(value)
		if !ok || h.length >= 0 || h.chunked {
			return fmt.Errorf("%w: Content-Length", ErrMalformed)
		}
		h.length = length
	case equal(name, "transfer-encoding"):
		if !equal(value, "chunked") || h.chunked || h.length >= 0 || h.old {
			return fmt.Errorf("%w: Transfer-Encoding", ErrMalformed)
		}
		h.chunked = true
	case equal(name, "connection"):
		for more := true; more; {
			var option []byte
			option, value, more = bytes.Cut(value, []byte(","))
			h.closing = h.closing || equal(bytes.Trim(option, " \t"), "close")
		}
	}
	return nil
}

// splitField splits a header line. One that goes on from the line before (obs-fold) is refused, for it begins with a
// space, which no name has.
func splitField(line []byte) (name, value []byte, err error) {
	name, value, ok := bytes.Cut(line, []byte(":"))
	value = bytes.Trim(value, " \t")
	if !ok || !isToken(name) || !isValue(value) {
		return nil, nil, fmt.Errorf("%w: header", ErrMalformed)
	}
	return name, value, nil
}

// chunkSize reads the line before a chunk's data, and adds the length of its extensions to those before.
func chunkSize(line []byte, extra *int) (int64, error) {
	size, extension, _ := bytes.Cut(line, []byte(";"))
	*extra += len(line) - len(size)
	// Eight digits are more than any limit, and signs, underscores and prefixes are not digits.
	if len(size) == 0 || len(size) > 8 || *extra > maxExtra || !isValue(extension) {
		return 0, fmt.Errorf("%w: chunk size", ErrMalformed)
	}
	n := int64(0)
	for _, b := range size {
		d := bytes.IndexByte([]byte("0123456789abcdef"), lower(b))
		if d < 0 {
			return 0, fmt.Errorf("%w: chunk size", ErrMalformed)
		}
		n = n<<4 | int64(d)
	}
	return n, nil
}

// number reads a number without a sign.
func number(b []byte) (int64, bool) {
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' || n > (math.MaxInt64-9)/10 {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, len(b) > 0
}

// connectionHeaders are those that a request may not set: they frame the message, or are of this connection only.
var connectionHeaders = map[string]bool{
	"Host": true, "Content-Length": true, "Transfer-Encoding": true, "Trailer": true, "Te": true, "Expect": true,
	"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Upgrade": true,
}

// appendHeader writes the header lines of a request and the empty line after them.
func appendHeader(b []byte, header http.Header, length int) ([]byte, error) {
	for name, values := range header {
		if connectionHeaders[http.CanonicalHeaderKey(name)] {
			continue
		}
		for _, value := range values {
			if !isToken(name) || !isValue(value) {
				return b, fmt.Errorf("%w: %q", ErrHeader, name)
			}
			b = append(b, name...)
			b = append(b, ": "...)
			b = append(b, value...)
			b = append(b, "\r\n"...)
		}
	}
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(length), 10)
	return append(b, "\r\n\r\n"...), nil
}

// isToken tells whether a text may be the name of a header (RFC 9110, section 5.6.2).
func isToken[T string | []byte](text T) bool {
	for i := range len(text) {
		if !tokens[text[i]] {
			return false
		}
	}
	return len(text) > 0
}

var tokens = func() (t [256]bool) {
	for _, b := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		t[b] = true
	}
	return t
}()

// isValue tells whether a text has no control characters but tabs.
func isValue[T string | []byte](text T) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' && b != '\t' || b == 0x7f {
			return false
		}
	}
	return true
}

// equal compares a text with one in lower case, as ASCII.
func equal(text []byte, other string) bool {
	if len(text) != len(other) {
		return false
	}
	for i, b := range text {
		if lower(b) != other[i] {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		b += 'a' - 'A'
	}
	return b
}
