package launch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/launch/child"
)

// installation makes a private cluster in a folder that any account can reach,
// and stops it.
func installation(t *testing.T) (Options, cluster) {
	t.Helper()
	dir, err := os.MkdirTemp("", "souk-launch-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	o, err := Options{StateDir: dir}.ready()
	if err != nil {
		t.Fatal(err)
	}
	startAndStop(t, o)
	bin, who, err := o.programs(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return o, cluster{bin: bin, home: o.oldHome(), who: who, log: filepath.Join(dir, "orphan.log")}
}

func startAndStop(t *testing.T, o Options) {
	t.Helper()
	s, err := Postgres(t.Context(), o)
	if err == nil {
		err = errors.Join(ping(t.Context(), s.URL), s.Stop())
	}
	if err != nil {
		t.Error(err)
	}
}

// orphan starts a server as a process that is gone would have left it.
func orphan(t *testing.T, c cluster) *child.Process {
	t.Helper()
	p, _, err := c.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(20 * time.Second) })
	return p
}

// ended waits until a process has ended.
func ended(t *testing.T, p *child.Process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	select {
	case <-p.Done():
	case <-ctx.Done():
		t.Errorf("process %d lives on", p.PID)
	}
}

func TestOrphans(t *testing.T) {
	t.Parallel()

	t.Run("a server that was left behind is ended", func(t *testing.T) {
		t.Parallel()
		o, c := installation(t)
		p := orphan(t, c)
		startAndStop(t, o)
		ended(t, p)
	})

	t.Run("a server whose postmaster was killed is ended", func(t *testing.T) {
		t.Parallel()
		o, c := installation(t)
		p := orphan(t, c)
		if err := p.Stop(20 * time.Second); err != nil {
			t.Fatal(err)
		}
		ended(t, p)
		startAndStop(t, o)
	})

	t.Run("a stranger with the process id of a dead server is left alone", func(t *testing.T) {
		t.Parallel()
		o, c := installation(t)
		file := filepath.Join(c.data(), "postmaster.pid")
		// PostgreSQL takes its own parent for no stranger, so name another process.
		text := strconv.Itoa(strangerPID(t)) + "\n" + c.data() + "\n1\n5432\n\n127.0.0.1\n"
		if err := errors.Join(os.WriteFile(file, []byte(text), 0o600), c.who.Give(file)); err != nil {
			t.Fatal(err)
		}
		startAndStop(t, o)
	})

	t.Run("a throw-away server that was left behind is ended by the next one", func(t *testing.T) {
		t.Parallel()
		who, err := child.ServerAccount()
		if err != nil {
			t.Fatal(err)
		}
		home, err := makeTemporary(os.TempDir(), who)
		if err != nil {
			t.Fatal(err)
		}
		bin, who, err := Options{}.programs(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		p := orphan(t, cluster{bin: bin, home: home.dir, who: who, log: home.log(), throwaway: true})
		// Closing frees the lock, as the end of the process would.
		if err := home.lock.Close(); err != nil {
			t.Fatal(err)
		}
		sweep(os.TempDir())
		ended(t, p)
		if left, err := filepath.Glob(home.dir + "*"); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})

	t.Run("a recorded server is ended only in its own life", func(t *testing.T) {
		t.Parallel()
		o, c := installation(t)
		p := orphan(t, c)
		o.endOrphan("redis", record{StateDir: o.StateDir, Server: p.PID, Birth: "an earlier life"})
		o.endOrphan("redis", record{StateDir: "/elsewhere", Server: p.PID, Birth: child.Birth(p.PID)})
		if child.Birth(p.PID) == "" {
			t.Fatal("a stranger was ended")
		}
		o.endOrphan("redis", record{StateDir: o.StateDir, Server: p.PID, Birth: child.Birth(p.PID)})
		ended(t, p)
	})

	t.Run("other servers of the machine are not seen", func(t *testing.T) {
		t.Parallel()
		_, c := installation(t)
		orphan(t, c)
		if got := serving(c.data()); len(got) == 0 {
			t.Error("the server of the folder is not seen")
		}
		for _, dir := range []string{c.data() + "2", c.home, "/"} {
			if got := serving(dir); len(got) > 0 {
				t.Errorf("serving(%s) = %v, want none", dir, got)
			}
		}
	})
}

// strangerPID returns the id of a living process that belongs to the account
// that PostgreSQL runs as, and is no PostgreSQL.
func strangerPID(t *testing.T) int {
	t.Helper()
	who, err := child.ServerAccount()
	if err != nil {
		t.Fatal(err)
	}
	cmd := who.Command("/", "/bin/sh", "-c", "read word")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if child.Birth(cmd.Process.Pid) == "" {
			t.Error("the stranger was ended")
		}
		in.Close()
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}
