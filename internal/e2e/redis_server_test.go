package e2e

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// redisServer is a Redis that a test can flush, stop and kill. It keeps nothing, and answers at the same address each time.
type redisServer struct {
	t       *testing.T
	address string
	cmd     *exec.Cmd
}

// startRedis starts a Redis that ends with the test.
func startRedis(t *testing.T) *redisServer {
	t.Helper()
	r := &redisServer{t: t, address: freeAddress(t)}
	r.start()
	t.Cleanup(r.kill)
	return r
}

// start starts it, empty, and waits until it answers.
func (r *redisServer) start() {
	r.t.Helper()
	host, port, err := net.SplitHostPort(r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.cmd = exec.Command("redis-server", "--bind", host, "--port", port, "--save", "", "--appendonly", "no", "--dir", r.t.TempDir())
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, "Redis answers", func() bool { return r.try("PING") == nil })
}

// kill ends it at once.
func (r *redisServer) kill() {
	_ = r.cmd.Process.Kill() // It may have been killed before.
	_ = r.cmd.Wait()         // Then there is nothing to wait for.
}

// stop lets it stand still, so that nobody gets an answer, until it is resumed.
func (r *redisServer) stop()   { r.signal(syscall.SIGSTOP) }
func (r *redisServer) resume() { r.signal(syscall.SIGCONT) }

func (r *redisServer) signal(s syscall.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// do carries out a command that has to succeed.
func (r *redisServer) do(command string) {
	r.t.Helper()
	if err := r.try(command); err != nil {
		r.t.Fatal(err)
	}
}

func (r *redisServer) try(command string) error {
	c, err := net.Dial("tcp", r.address)
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // Nothing is lost when a connection that was used cannot be closed.
	if _, err := fmt.Fprintf(c, "%s\r\n", command); err != nil {
		return err
	}
	answer, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && strings.HasPrefix(answer, "-") {
		err = fmt.Errorf("redis answers %s to %s", answer, command)
	}
	return err
}
