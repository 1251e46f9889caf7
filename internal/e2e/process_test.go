// Package e2e builds the program once and plays whole stories with it over HTTP, as a user would.
package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the path of the built binary.
var program string

func TestMain(m *testing.M) {
	// Stories wait most of the time: more of them run at once than there are processors, unless -parallel says otherwise.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err) // The testing package has the flag.
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "souk-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // A folder that stays behind in the temporary folder harms nobody.
	program = filepath.Join(dir, "souk")
	if out, err := exec.Command("go", "build", "-o", program, "../..").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// patience bounds every wait for something that has to happen.
const patience = 60 * time.Second

// stateDir makes a folder that servers under another user can reach, too.
func stateDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "souk-e2e-state-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// process is a running program of ours.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	done   chan struct{}
	mu     sync.Mutex
	output bytes.Buffer
	news   chan struct{}
}

// start runs the program, without the demonstration catalogue. Its environment is this one without our variables, and the
// given ones. It is stopped with the test.
func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	return startProgram(t, program, append([]string{"SOUK_DEMO=off"}, env...), args...)
}

// startProgram is start for a program that stands somewhere, and for the environment as it is given.
func startProgram(t *testing.T, program string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(program, args...), done: make(chan struct{}), news: make(chan struct{}, 1)}
	p.cmd.Env = append(clean(os.Environ()), env...)
	p.cmd.Dir = t.TempDir()
	r, w := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for s := bufio.NewScanner(r); s.Scan(); {
			p.mu.Lock()
			fmt.Fprintln(&p.output, s.Text())
			p.mu.Unlock()
			select {
			case p.news <- struct{}{}:
			default:
			}
		}
	}()
	go func() {
		_ = p.cmd.Wait() // The exit status is in ProcessState.
		_ = w.Close()
		<-read
		close(p.done)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("output of %v:\n%s", args, p.text())
		}
	})
	return p
}

// clean removes the variables that would configure the program.
func clean(env []string) []string {
	var kept []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "SOUK_") && name != "DATABASE_URL" && name != "REDIS_URL" {
			kept = append(kept, v)
		}
	}
	return kept
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// waitFor waits until the output holds a match and returns its first group.
func (p *process) waitFor(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	timeout := time.After(patience)
	for {
		if m := re.FindStringSubmatch(p.text()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-p.news:
		case <-p.done:
			if m := re.FindStringSubmatch(p.text()); m != nil {
				return m[len(m)-1]
			}
			p.t.Fatalf("the program ended before it printed %q:\n%s", pattern, p.text())
		case <-timeout:
			p.t.Fatalf("the program did not print %q:\n%s", pattern, p.text())
		}
	}
}

// ended waits for the end and returns the exit code.
func (p *process) ended() int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("the program did not end:\n%s", p.text())
		return -1
	}
}

// stop asks the program to end as Ctrl-C does and waits for it.
func (p *process) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Error(err)
	}
	return p.ended()
}

// kill ends the program at once, without a chance to clean up.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
	p.ended()
}

// freeze lets the program stand still until it is thawed, at the latest when the test ends.
func (p *process) freeze() {
	p.t.Helper()
	p.t.Cleanup(func() { _ = p.cmd.Process.Signal(syscall.SIGCONT) }) // It may have ended.
	p.signal(syscall.SIGSTOP)
}

func (p *process) thaw() { p.signal(syscall.SIGCONT) }

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// freeAddress returns an address of this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // It is only asked for its address.
	return l.Addr().String()
}

// once runs the program to its end and returns what it printed and its exit code.
func once(t *testing.T, env []string, args ...string) (string, int) {
	t.Helper()
	p := start(t, env, args...)
	code := p.ended()
	return p.text(), code
}
