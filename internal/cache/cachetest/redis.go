// Package cachetest gives tests a Redis of their own that may fail.
package cachetest

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// Redis is a server that a test can flush, stop and kill. It keeps nothing, and answers at the same address each time.
type Redis struct {
	t       testing.TB
	address string
	server  *exec.Cmd
}

// Start starts a Redis that ends with the test.
func Start(t testing.TB) *Redis {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Redis{t: t, address: l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r.Start()
	t.Cleanup(r.Kill)
	return r
}

// URL is its address.
func (r *Redis) URL() string { return "redis://" + r.address }

// Start starts it, empty, and waits until it answers.
func (r *Redis) Start() {
	r.t.Helper()
	host, port, err := net.SplitHostPort(r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.server = exec.Command("redis-server", "--bind", host, "--port", port, "--save", "", "--appendonly", "no", "--dir", r.t.TempDir())
	out, err := r.server.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.server.Start(); err != nil {
		r.t.Fatal(err)
	}
	var told strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Fprintln(&told, lines.Text())
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			return
		}
	}
	r.t.Fatalf("redis-server did not start:\n%s", &told)
}

// Kill ends it at once.
func (r *Redis) Kill() {
	_ = r.server.Process.Kill() // It may have been killed before.
	_ = r.server.Wait()         // Then there is nothing to wait for.
}

// Stop lets it stand still, so that nobody gets an answer, until Continue.
func (r *Redis) Stop() { r.signal(syscall.SIGSTOP) }

// Continue ends Stop.
func (r *Redis) Continue() { r.signal(syscall.SIGCONT) }

func (r *Redis) signal(s syscall.Signal) {
	r.t.Helper()
	if err := r.server.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// Do carries out a command that has to succeed.
func (r *Redis) Do(command string) {
	r.t.Helper()
	c, err := net.Dial("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // Nothing is lost when a connection that was used cannot be closed.
	if _, err := fmt.Fprintf(c, "%s\r\n", command); err != nil {
		r.t.Fatal(err)
	}
	if answer, err := bufio.NewReader(c).ReadString('\n'); err != nil || strings.HasPrefix(answer, "-") {
		r.t.Fatalf("redis answers %q, %v to %s", answer, err, command)
	}
}
