package launch_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/launch"
)

func TestPostgres(t *testing.T) {
	t.Parallel()

	t.Run("data survive a restart", func(t *testing.T) {
		t.Parallel()
		dir := stateDir(t)
		s := start(t, launch.Options{StateDir: dir})
		do(t, s.URL, `create table kept as select 'still here' as word`)
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		s = start(t, launch.Options{StateDir: dir})
		if got := read(t, s.URL, `select word from kept`); got != "still here" {
			t.Errorf("after a restart word = %q, want still here", got)
		}
	})

	t.Run("a private server is durable, local and asks for a password", func(t *testing.T) {
		t.Parallel()
		dir := stateDir(t)
		s := start(t, launch.Options{StateDir: dir})
		for name, want := range map[string]string{
			"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
			"listen_addresses": "127.0.0.1", "server_encoding": "UTF8",
		} {
			if got := read(t, s.URL, `show `+name); got != want {
				t.Errorf("%s = %s, want %s", name, got, want)
			}
		}
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		socket := read(t, s.URL, `show unix_socket_directories`)
		right, _ := u.User.Password()
		for _, host := range []string{u.Host, ""} {
			at := *u
			at.Host = host
			if host == "" {
				at.RawQuery = url.Values{"host": {socket}, "port": {u.Port()}, "sslmode": {"disable"}}.Encode()
			}
			at.User = url.UserPassword("souk", right)
			if err := open(t, at.String()).PingContext(t.Context()); err != nil {
				t.Errorf("ping %q with the password: %v", host, err)
			}
			at.User = url.UserPassword("souk", "wrong")
			if err := open(t, at.String()).PingContext(t.Context()); err == nil {
				t.Errorf("ping %q with a wrong password succeeded", host)
			}
		}
		secrets, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(secrets) == 0 {
			t.Fatalf("no record in the state folder (%v)", err)
		}
		for _, file := range append(secrets, filepath.Join(dir, "postgres", "password")) {
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v, want 0600", file, info.Mode())
			}
		}
	})

	t.Run("a throw-away server is fast and leaves nothing", func(t *testing.T) {
		t.Parallel()
		s := start(t, launch.Options{Throwaway: true})
		for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
			if got := read(t, s.URL, `show `+name); got != "off" {
				t.Errorf("%s = %s, want off", name, got)
			}
		}
		home := filepath.Dir(read(t, s.URL, `show data_directory`))
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		if left, err := filepath.Glob(home + "*"); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})

	t.Run("a second start of the same checkout names the first", func(t *testing.T) {
		t.Parallel()
		dir := stateDir(t)
		first := start(t, launch.Options{StateDir: dir})
		_, err := launch.Postgres(t.Context(), launch.Options{StateDir: dir})
		var running *launch.RunningError
		if !errors.As(err, &running) || running.PID != os.Getpid() {
			t.Fatalf("second start: %v, want that process %d runs", err, os.Getpid())
		}
		joined := start(t, launch.Options{StateDir: dir, Join: true})
		if joined.URL != first.URL {
			t.Errorf("joined %s, want %s", joined.URL, first.URL)
		}
		if err := joined.Stop(); err != nil {
			t.Error(err)
		}
		if got := read(t, first.URL, `select 'lives'`); got != "lives" {
			t.Error("stopping a joined server ended it")
		}
	})

	t.Run("a given cluster is used, and found again by those who join", func(t *testing.T) {
		t.Parallel()
		dir := stateDir(t)
		cluster := start(t, launch.Options{Throwaway: true})
		bare, _, _ := strings.Cut(cluster.URL, "?") // Without sslmode, as a user writes it.
		s := start(t, launch.Options{StateDir: dir, URL: bare})
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		s = start(t, launch.Options{StateDir: dir, Join: true})
		if s.URL != cluster.URL {
			t.Errorf("joined %s, want the cluster of the last start %s", s.URL, cluster.URL)
		}
	})

	t.Run("a given cluster that is away is named without its password", func(t *testing.T) {
		t.Parallel()
		_, err := launch.Postgres(t.Context(), launch.Options{
			StateDir: stateDir(t), URL: "postgres://me:verysecret@127.0.0.1:1/postgres",
		})
		if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") || strings.Contains(err.Error(), "verysecret") {
			t.Errorf("error %v, want one that names 127.0.0.1:1 and no password", err)
		}
		_, err = launch.Postgres(t.Context(), launch.Options{StateDir: stateDir(t), URL: "host=here password=verysecret"})
		if err == nil || !strings.Contains(err.Error(), "postgres://") || strings.Contains(err.Error(), "verysecret") {
			t.Errorf("error %v, want one that shows the form and no password", err)
		}
	})

	t.Run("a folder without programs is refused by name", func(t *testing.T) {
		t.Parallel()
		empty := t.TempDir()
		_, err := launch.Postgres(t.Context(), launch.Options{StateDir: stateDir(t), Bin: empty})
		if err == nil || !strings.Contains(err.Error(), "PG_BIN="+empty) {
			t.Errorf("error %v, want one about PG_BIN", err)
		}
	})

	t.Run("a server that cannot start shows the end of its log", func(t *testing.T) {
		t.Parallel()
		dir := stateDir(t)
		s := start(t, launch.Options{StateDir: dir})
		data := read(t, s.URL, `show data_directory`)
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("no_such_setting = 1\n"); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = launch.Postgres(t.Context(), launch.Options{StateDir: dir})
		if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
			t.Errorf("error %v, want the server's own words", err)
		}
	})
}

// It changes PATH, so it runs alone.
func TestWithoutPrograms(t *testing.T) {
	t.Setenv("PATH", t.TempDir())

	t.Run("data of a version that is not here are kept for it", func(t *testing.T) {
		dir := stateDir(t)
		data := filepath.Join(dir, "postgres", "data")
		if err := os.MkdirAll(data, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("9\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := launch.Postgres(t.Context(), launch.Options{StateDir: dir})
		for _, want := range []string{"PostgreSQL 9", "apt-get update", "apt-get install -y postgresql-9", "DATABASE_URL"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
		}
	})

	t.Run("services in several processes are told how to get a redis-server", func(t *testing.T) {
		_, err := launch.Redis(t.Context(), launch.Options{StateDir: stateDir(t)})
		for _, want := range []string{"no redis-server", "apt-get update", "apt-get install -y redis-server", "REDIS_URL"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
		}
	})

	t.Run("one process has a Redis inside, whose clock moves", func(t *testing.T) {
		s := stopped(t)(launch.Redis(t.Context(), launch.Options{StateDir: stateDir(t), OneProcess: true}))
		c := client(t, s.URL)
		if err := c.Set(t.Context(), "word", "there", 300*time.Millisecond).Err(); err != nil {
			t.Fatal(err)
		}
		forgets(t, c, "word")
	})
}
