//go:build !linux

package main

import "net"

// takeWaiting takes nothing: other systems have no way to stop accepting without an end of what waits.
func takeWaiting(*net.TCPListener) []net.Conn { return nil }

// refuses tells whether an error of Accept says that the kernel refuses connections: here it says that it is closed.
func refuses(error) bool { return false }
