package child_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/launch/child"
)

// shell starts a script as a server whose first line of output says that it is
// ready.
func shell(t *testing.T, script string) (*child.Process, string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "logs", "shell.log")
	p, err := child.Start(exec.Command("/bin/sh", "-c", script), log, child.Account{}, syscall.SIGKILL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(10 * time.Second); err != nil {
			t.Error(err)
		}
	})
	return p, log
}

// says is a check that a log holds a word.
func says(log, word string) func(context.Context) error {
	return func(context.Context) error {
		text, err := os.ReadFile(log)
		if err == nil && !strings.Contains(string(text), word) {
			err = errors.New("not yet")
		}
		return err
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()

	t.Run("one that ends at once is an error with its last words", func(t *testing.T) {
		t.Parallel()
		p, log := shell(t, "echo no disk; exit 3")
		err := p.Await(t.Context(), says(log, "ready"))
		for _, want := range []string{"sh did not start", "exit status 3", "no disk"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
		}
	})

	t.Run("one that never answers is waited for only as long as the context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		p, log := shell(t, "echo starting; exec sleep 60")
		err := p.Await(ctx, func(context.Context) error {
			if says(log, "starting")(ctx) == nil {
				cancel()
			}
			return errors.New("connection refused")
		})
		if err == nil || !strings.Contains(err.Error(), "did not answer") || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("error %v, want that it did not answer", err)
		}
	})

	t.Run("one that ignores the first signal gets the next", func(t *testing.T) {
		t.Parallel()
		p, log := shell(t, `trap "" INT; trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.01; done`)
		if err := p.Await(t.Context(), says(log, "ready")); err != nil {
			t.Fatal(err)
		}
		if err := p.Stop(200*time.Millisecond, syscall.SIGINT, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := says(log, "bye")(t.Context()); err != nil || p.Err() != nil || !p.Asked() {
			t.Errorf("it ended with %v (%v), want on the second signal", p.Err(), err)
		}
	})

	t.Run("one that ignores all signals is killed", func(t *testing.T) {
		t.Parallel()
		p, log := shell(t, `trap "" INT TERM; echo ready; while :; do sleep 0.01; done`)
		if err := p.Await(t.Context(), says(log, "ready")); err != nil {
			t.Fatal(err)
		}
		if child.Birth(p.PID) == "" {
			t.Error("a living process has no birth")
		}
		if err := p.Stop(50*time.Millisecond, syscall.SIGINT, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if child.Birth(p.PID) != "" {
			t.Error("a dead process has a birth")
		}
	})

	t.Run("the log of the last run is kept", func(t *testing.T) {
		t.Parallel()
		log := filepath.Join(t.TempDir(), "server.log")
		for _, word := range []string{"first", "second"} {
			p, err := child.Start(exec.Command("/bin/echo", word), log, child.Account{}, syscall.SIGKILL)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Err(); err != nil {
				t.Fatal(err)
			}
		}
		for file, want := range map[string]string{log: "second\n", log + ".1": "first\n"} {
			if text, err := os.ReadFile(file); err != nil || string(text) != want {
				t.Errorf("%s holds %q (%v), want %q", filepath.Base(file), text, err, want)
			}
		}
	})
}

func TestSettle(t *testing.T) {
	t.Parallel()
	own, err := child.ServerAccount()
	if err != nil {
		t.Fatal(err)
	}
	parent, err := os.MkdirTemp("", "souk-child-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(parent); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		prepare func(path string) error
		want    bool
	}{
		"a new folder":            {func(string) error { return nil }, true},
		"a folder of our own":     {func(p string) error { return os.Mkdir(p, 0o700) }, true},
		"a folder open to all":    {func(p string) error { return errors.Join(os.Mkdir(p, 0o700), os.Chmod(p, 0o777)) }, false},
		"a link to another place": {func(p string) error { return os.Symlink(parent, p) }, false},
		"a file":                  {func(p string) error { return os.WriteFile(p, nil, 0o600) }, false},
		"a folder of a stranger": {func(p string) error {
			if os.Getuid() != 0 {
				return os.Symlink("/root", p) // Only root could make one.
			}
			return errors.Join(os.Mkdir(p, 0o700), os.Chown(p, 12345, 12345))
		}, false},
	} {
		path := filepath.Join(parent, strings.ReplaceAll(name, " ", "-"))
		if err := c.prepare(path); err != nil {
			t.Fatal(err)
		}
		if got := own.Settle(path); got != c.want {
			t.Errorf("Settle of %s = %v, want %v", name, got, c.want)
		}
	}
}
