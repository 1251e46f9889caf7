// Package launchtest lends tests a PostgreSQL and a Redis.
//
// SOUK_TEST_DATABASE_URL and SOUK_TEST_REDIS_URL name servers that a whole run
// of tests shares; make test sets them. Without them each test process starts
// its own at the first use. Tests that share a server must not share names in it.
package launchtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/launch"
)

// Postgres returns the URL of a cluster in which the test may do everything.
// The test is skipped where there is no PostgreSQL, but fails in CI.
func Postgres(t testing.TB) string {
	t.Helper()
	return lend(t, postgres)
}

// Redis returns the URL of a real redis-server. The test is skipped where
// there is none, but fails in CI.
func Redis(t testing.TB) string {
	t.Helper()
	return lend(t, redis)
}

// Main runs the tests of a package and stops the servers that they started:
//
//	func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }
//
// Without it the servers end with the process, but their temporary folders stay
// until the next run.
func Main(m *testing.M) int {
	code := m.Run()
	running.Lock()
	defer running.Unlock()
	for _, s := range running.servers {
		if err := s.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop test server:", err)
			code = max(code, 1)
		}
	}
	return code
}

var (
	postgres = sync.OnceValues(func() (string, error) { return borrow(launch.TestDatabaseURL, launch.Postgres) })
	redis    = sync.OnceValues(func() (string, error) { return borrow(launch.TestRedisURL, launch.Redis) })
)

// running are the servers that Main stops.
var running struct {
	sync.Mutex
	servers []*launch.Server
}

// borrow returns the server that the environment names, else starts one.
func borrow(variable string, start func(context.Context, launch.Options) (*launch.Server, error)) (string, error) {
	if url := os.Getenv(variable); url != "" {
		return url, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	s, err := start(ctx, launch.Options{Throwaway: true, Bin: os.Getenv("PG_BIN"), Install: os.Getenv("INSTALL") == "1"})
	if err != nil {
		return "", err
	}
	running.Lock()
	defer running.Unlock()
	running.servers = append(running.servers, s)
	return s.URL, nil
}

func lend(t testing.TB, server func() (string, error)) string {
	t.Helper()
	url, err := server()
	if err == nil {
		return url
	}
	err = errors.Join(errors.New("this test needs a server"), err)
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
	return ""
}
