// Package child starts server programs that die with this process.
package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Process is a server program that was started here and dies with this process.
type Process struct {
	// PID is its process id.
	PID int

	name  string
	child *os.Process
	log   string        // path of the file that holds its output
	done  chan struct{} // closed when it has ended
	err   error         // how it ended; set before done is closed
	asked atomic.Bool   // somebody here told it to stop
}

// Start starts a command whose output goes to the file log. The signal last is
// what the kernel sends it when this process dies.
func Start(cmd *exec.Cmd, log string, who Account, last syscall.Signal) (*Process, error) {
	out, err := logFile(log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = attributes(who, last)
	p := &Process{name: filepath.Base(cmd.Path), log: log, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel sends the last signal when the starting thread ends, so
		// the thread has to live as long as the server.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	p.child, p.PID = cmd.Process, cmd.Process.Pid
	return p, nil
}

// logFile opens a new log and keeps the one of the last run beside it.
func logFile(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make log folder: %w", err)
	}
	if err := os.Rename(path, path+".1"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("keep last log: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open server log: %w", err)
	}
	return f, nil
}

// Await polls check until it succeeds, the process ends, or the context does.
func (p *Process) Await(ctx context.Context, check func(context.Context) error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.done:
			return p.LastWords("did not start")
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", p.LastWords("did not answer"), err)
		}
	}
}

// Stop sends the signals one after another, each with time to obey, until the
// process has ended.
func (p *Process) Stop(grace time.Duration, signals ...syscall.Signal) error {
	p.asked.Store(true)
	for _, s := range append(signals, syscall.SIGKILL) {
		if err := p.child.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop %s: %w", p.name, err)
		}
		select {
		case <-p.done:
			return nil
		case <-time.After(grace):
		}
	}
	return fmt.Errorf("stop %s: process %d does not end", p.name, p.PID)
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the process ended: nil for success. It waits for the end.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

// Asked reports whether Stop was called.
func (p *Process) Asked() bool { return p.asked.Load() }

// End asks processes that are not our children to end, more firmly each time,
// and reports whether they are gone.
func End(grace time.Duration, gone func() bool, pids ...int) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGKILL} {
		for _, pid := range pids {
			_ = syscall.Kill(pid, s) // What an error would mean, gone tells better.
		}
		for deadline := time.Now().Add(grace); time.Now().Before(deadline); <-tick.C {
			if gone() {
				return true
			}
		}
	}
	return false
}

// LastWords is an error that says what happened and ends with the last lines of the log.
func (p *Process) LastWords(what string) error {
	text := tail(p.log, 15)
	select {
	case <-p.done:
		if p.err != nil {
			what += " (" + p.err.Error() + ")"
		}
	default:
	}
	return fmt.Errorf("%s %s; the end of %s:\n%s", p.name, what, p.log, text)
}

// tail returns the last lines of a file, indented.
func tail(path string, lines int) string {
	f, err := os.Open(path)
	if err != nil {
		return "  (" + err.Error() + ")"
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > 8192 {
		_, _ = f.Seek(-8192, io.SeekEnd)
	}
	text, _ := io.ReadAll(f)
	return LastLines(string(text), lines)
}

// LastLines returns the end of a text, indented.
func LastLines(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return "  " + strings.Join(all[max(0, len(all)-lines):], "\n  ")
}
