package main

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// takeWaiting takes the connections that the kernel has accepted and nobody has taken yet, and refuses all later ones. Closing
// the listener alone would reset those that wait, whose clients have perhaps sent their requests.
func takeWaiting(l *net.TCPListener) (waiting []net.Conn) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil
	}
	var files []*os.File
	_ = raw.Control(func(fd uintptr) { // It fails only where the listener is closed.
		for {
			accepted, _, err := syscall.Accept4(int(fd), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
			if err == syscall.EINTR || err == syscall.ECONNABORTED {
				continue
			}
			if err != nil {
				break
			}
			files = append(files, os.NewFile(uintptr(accepted), "connection"))
		}
		_ = syscall.Shutdown(int(fd), syscall.SHUT_RD) // From here on the kernel refuses.
	})
	for _, f := range files {
		if c, err := net.FileConn(f); err == nil {
			waiting = append(waiting, c)
		}
		_ = f.Close() // The connection has a descriptor of its own.
	}
	return waiting
}

// refuses tells whether an error of Accept says that the kernel refuses connections.
func refuses(err error) bool { return errors.Is(err, syscall.EINVAL) }
