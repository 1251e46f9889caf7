package run_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/soukhq/souk/internal/run"
)

// TestMain lets this binary play the program that gets signals.
func TestMain(m *testing.M) {
	if how := os.Getenv("SOUK_RUN_TEST_PROGRAM"); how != "" {
		os.Exit(program(how))
	}
	goleak.VerifyTestMain(m)
}

// program runs a group with a part that ends on a signal, or that does not.
func program(how string) int {
	var g run.Group
	g.Add("part", func(ctx context.Context) error {
		fmt.Println("started")
		<-ctx.Done()
		fmt.Println("stopping")
		if how == "stubborn" {
			select {}
		}
		return ctx.Err()
	})
	if err := g.Run(context.Background()); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// journal remembers what happened in which order.
type journal struct {
	sync.Mutex
	lines []string
}

func (j *journal) note(line string) {
	j.Lock()
	defer j.Unlock()
	j.lines = append(j.lines, line)
}

// untilStopped is a part that ends when it is told to.
func (j *journal) untilStopped(name string) func(context.Context) error {
	return func(ctx context.Context) error {
		<-ctx.Done()
		j.note(name)
		return ctx.Err()
	}
}

func TestGroup(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")

	t.Run("a failure stops the others in reverse order and is returned", func(t *testing.T) {
		var g run.Group
		var j journal
		g.Add("postgres", j.untilStopped("postgres"))
		g.Add("product", j.untilStopped("product"))
		g.Add("router", func(context.Context) error { return broken })
		g.Add("page", j.untilStopped("page"))
		err := g.Run(t.Context())
		if !errors.Is(err, broken) || err.Error() != "router: broken" {
			t.Errorf("Run() = %v, want router: broken", err)
		}
		if want := []string{"page", "product", "postgres"}; !slices.Equal(j.lines, want) {
			t.Errorf("stopped in order %v, want %v", j.lines, want)
		}
	})

	t.Run("the end of the context is no failure", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var g run.Group
		var j journal
		g.Add("first", j.untilStopped("first"))
		g.Add("second", func(ctx context.Context) error { cancel(); return j.untilStopped("second")(ctx) })
		if err := g.Run(ctx); err != nil {
			t.Errorf("Run() = %v, want nil", err)
		}
		if want := []string{"second", "first"}; !slices.Equal(j.lines, want) {
			t.Errorf("stopped in order %v, want %v", j.lines, want)
		}
	})

	t.Run("a failure while stopping is returned", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var g run.Group
		g.Add("outbox", func(ctx context.Context) error { <-ctx.Done(); return broken })
		if err := g.Run(ctx); !errors.Is(err, broken) {
			t.Errorf("Run() = %v, want %v", err, broken)
		}
	})

	t.Run("a part that has done its work stops nobody", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var g run.Group
		ready := make(chan struct{})
		g.Add("migrate", func(context.Context) error { close(ready); return nil })
		g.Add("serve", func(ctx context.Context) error {
			<-ready
			if ctx.Err() != nil {
				return broken
			}
			cancel()
			<-ctx.Done()
			return nil
		})
		if err := g.Run(ctx); err != nil {
			t.Errorf("Run() = %v, want nil", err)
		}
	})

	t.Run("a group whose parts have all done their work ends", func(t *testing.T) {
		var g run.Group
		g.Add("one", func(context.Context) error { return nil })
		g.Add("two", func(context.Context) error { return nil })
		if err := g.Run(t.Context()); err != nil {
			t.Errorf("Run() = %v, want nil", err)
		}
	})

	t.Run("parts see the values of the context", func(t *testing.T) {
		type key struct{}
		var g run.Group
		var got any
		g.Add("part", func(ctx context.Context) error { got = ctx.Value(key{}); return nil })
		if err := g.Run(context.WithValue(t.Context(), key{}, "value")); err != nil || got != "value" {
			t.Errorf("Run() = %v with value %v, want nil with value", err, got)
		}
	})
}

func TestGroupGrace(t *testing.T) {
	// The first Notify of a process starts a goroutine for good, which must not
	// be one of the bubble's.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	signal.Stop(signals)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		g := run.Group{Grace: 10 * time.Second}
		release := make(chan struct{})
		defer close(release)
		began := time.Now()
		var told time.Duration
		g.Add("postgres", func(ctx context.Context) error {
			<-ctx.Done()
			told = time.Since(began)
			return nil
		})
		g.Add("stuck", func(context.Context) error { <-release; return nil })
		err := g.Run(ctx)
		if err == nil || err.Error() != "stuck did not stop in time" {
			t.Errorf("Run() = %v, want that stuck did not stop", err)
		}
		if told != 10*time.Second {
			t.Errorf("the part below was told to stop after %v, want the whole grace of 10s", told)
		}
		if took := time.Since(began); took != 13*time.Second {
			t.Errorf("Run took %v, want the grace and 3s", took)
		}
	})
}

func TestGroupSignals(t *testing.T) {
	start := func(t *testing.T, how string) (*exec.Cmd, *bufio.Scanner) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "SOUK_RUN_TEST_PROGRAM="+how)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, bufio.NewScanner(out)
	}
	expect := func(t *testing.T, out *bufio.Scanner, want string) {
		t.Helper()
		if !out.Scan() || out.Text() != want {
			t.Fatalf("program said %q, want %q", out.Text(), want)
		}
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run("the first "+s.String()+" stops in order", func(t *testing.T) {
			cmd, out := start(t, "polite")
			expect(t, out, "started")
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			expect(t, out, "stopping")
			if err := cmd.Wait(); err != nil {
				t.Errorf("program ended with %v, want success", err)
			}
		})
	}
	t.Run("the second signal ends at once", func(t *testing.T) {
		cmd, out := start(t, "stubborn")
		expect(t, out, "started")
		for range 2 {
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if out.Scan() && out.Text() != "stopping" {
				t.Fatalf("program said %q, want stopping", out.Text())
			}
		}
		err := cmd.Wait()
		if err == nil || !strings.Contains(err.Error(), "interrupt") {
			t.Errorf("program ended with %v, want an interrupt", err)
		}
	})
}
