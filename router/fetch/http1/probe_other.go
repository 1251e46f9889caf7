//go:build !unix

package http1

// probe takes every connection for open. That one was closed is found when it is used.
func (k *connection) probe(uintptr) bool {
	k.open = true
	return true
}
