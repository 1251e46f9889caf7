package companion_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/companion"
	"github.com/soukhq/souk/internal/launch/child"
)

// messages is a log handler that passes on each message.
type messages chan slog.Record

func (messages) Enabled(context.Context, slog.Level) bool        { return true }
func (m messages) Handle(_ context.Context, r slog.Record) error { m <- r; return nil }
func (m messages) WithAttrs([]slog.Attr) slog.Handler            { return m }
func (m messages) WithGroup(string) slog.Handler                 { return m }
func (m messages) next(t *testing.T, want string) map[string]string {
	t.Helper()
	select {
	case r := <-m:
		if r.Message != want {
			t.Fatalf("the log says %q, want %q", r.Message, want)
		}
		values := map[string]string{}
		r.Attrs(func(a slog.Attr) bool { values[a.Key] = a.Value.String(); return true })
		return values
	case <-time.After(time.Minute):
		t.Fatalf("the log does not say %q", want)
		return nil
	}
}

func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	syscall.ForkLock.RLock() // A process that is forked meanwhile would hold the file open for writing: then nobody can run it.
	err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProgramIsStartedAgain(t *testing.T) {
	t.Setenv("SOUK_SECRET", "ours")
	dir := t.TempDir()
	log := make(messages, 100)
	c, err := companion.Start(companion.Options{
		Command: []string{script(t, `echo start $SOUK_SECRET >> "$1"; [ $(wc -l < "$1") -lt 3 ] && echo broken && exit 7; exec tail -f /dev/null`), filepath.Join(dir, "starts")},
		LogDir:  dir, Log: slog.New(log),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error)
	go func() { ended <- c.Run(ctx) }()
	log.next(t, "program started")
	for range 2 {
		if said := log.next(t, "program is away, will start it again"); !strings.Contains(said["error"], "broken") || !strings.Contains(said["error"], "7") {
			t.Errorf("the log says %v, want the last words and the status", said)
		}
		log.next(t, "program started")
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("at the end: %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "starts")); strings.Contains(string(b), "ours") {
		t.Errorf("the program knows our settings: %q (%v)", b, err)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("stopped once more: %v", err)
	}
}

func TestProgramEndsWithTheContext(t *testing.T) {
	t.Parallel()
	log := make(messages, 100)
	c, err := companion.Start(companion.Options{Command: []string{script(t, "exec tail -f /dev/null")}, LogDir: t.TempDir(), Log: slog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(log.next(t, "program started")["pid"])
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := c.Run(ctx); err != nil {
		t.Error(err)
	}
	if _, there := child.Commands()[pid]; there {
		t.Errorf("process %d still runs", pid)
	}
}

func TestProgramThatIsGoneIsLookedForAgain(t *testing.T) {
	t.Parallel()
	log := make(messages, 100)
	c, err := companion.Start(companion.Options{Command: []string{script(t, `rm "$0"; exit 1`)}, LogDir: t.TempDir(), Log: slog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error)
	go func() { ended <- c.Run(ctx) }()
	log.next(t, "program started")
	for _, want := range []string{"ended", "no such file", "no such file"} {
		if said := log.next(t, "program is away, will start it again"); !strings.Contains(said["error"], want) {
			t.Errorf("the log says %v, want %q", said, want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("at the end: %v", err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{nil, {filepath.Join(t.TempDir(), "nothing")}} {
		if _, err := companion.Start(companion.Options{Command: command, LogDir: t.TempDir(), Log: slog.New(slog.DiscardHandler)}); err == nil {
			t.Errorf("Start(%q): no error", command)
		}
	}
}
