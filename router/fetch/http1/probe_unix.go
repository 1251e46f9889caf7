//go:build unix

package http1

import "syscall"

// probe reads from a socket that should have nothing to read, without waiting. There is neither an end nor a byte on a
// connection that can carry a request.
func (k *connection) probe(fd uintptr) bool {
	_, err := syscall.Read(int(fd), k.one[:])
	k.open = err == syscall.EAGAIN
	return true
}
