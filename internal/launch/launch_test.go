package launch_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/soukhq/souk/internal/launch"
)

// TestMain lets this binary play a shop that can be killed.
func TestMain(m *testing.M) {
	if state := os.Getenv("SOUK_LAUNCH_TEST_STATE"); state != "" {
		if err := shop(state); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// shop starts both servers, prints their URLs in one line, and stops them on
// the first SIGINT.
func shop(state string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	o := launch.Options{StateDir: state, OneProcess: true, Throwaway: state == "throwaway"}
	postgres, err := launch.Postgres(ctx, o)
	if err != nil {
		return err
	}
	redis, err := launch.Redis(ctx, o)
	if err != nil {
		return errors.Join(err, postgres.Stop())
	}
	if err := json.NewEncoder(os.Stdout).Encode([]string{postgres.URL, redis.URL}); err != nil {
		return err
	}
	return errors.Join(redis.Run(ctx), postgres.Run(ctx))
}

// runShop starts a shop as another process, in a process group of its own as a
// terminal does it, and returns the URL of its PostgreSQL.
func runShop(t *testing.T, state string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "SOUK_LAUNCH_TEST_STATE="+state)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the shop said nothing")
	}
	var urls []string
	if err := json.Unmarshal(lines.Bytes(), &urls); err != nil {
		t.Fatalf("the shop said %s", lines.Text())
	}
	return cmd, urls[0]
}

// stateDir returns a folder that any account can reach, as a checkout's is.
func stateDir(t *testing.T) string {
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
	return dir
}

// start launches a PostgreSQL that ends with the test.
func start(t *testing.T, o launch.Options) *launch.Server {
	t.Helper()
	return stopped(t)(launch.Postgres(t.Context(), o))
}

// stopped makes a launched server end with the test.
func stopped(t *testing.T) func(*launch.Server, error) *launch.Server {
	return func(s *launch.Server, err error) *launch.Server {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
}

// open connects to a database.
func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// do runs a statement that has to succeed.
func do(t *testing.T, url, statement string) {
	t.Helper()
	if _, err := open(t, url).ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// read returns the one value that a query has to find.
func read(t *testing.T, url, query string) string {
	t.Helper()
	var value string
	if err := open(t, url).QueryRowContext(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}
