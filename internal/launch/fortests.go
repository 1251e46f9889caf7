package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// The variables that name the servers for tests.
const (
	TestDatabaseURL = "SOUK_TEST_DATABASE_URL"
	TestRedisURL    = "SOUK_TEST_REDIS_URL"
)

// ForTests starts one throw-away PostgreSQL and one Redis for all the tests of a
// run, and returns the environment variables that tell them. A server that the
// environment names already is not started again. Without a redis-server, one
// inside this process stands in, so the process has to outlive the tests.
// Stop ends what was started.
func ForTests(ctx context.Context, o Options) (env []string, stop func() error, err error) {
	o.Throwaway, o.OneProcess, o.StateDir = true, true, ""
	var started []*Server
	stop = func() error {
		var errs []error
		for _, s := range started {
			errs = append(errs, s.Stop())
		}
		return errors.Join(errs...)
	}
	for _, kind := range []struct {
		variable string
		start    func(context.Context, Options) (*Server, error)
	}{{TestDatabaseURL, Postgres}, {TestRedisURL, Redis}} {
		o.URL = os.Getenv(kind.variable)
		s, err := kind.start(ctx, o)
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("start servers for tests: %w", err), stop())
		}
		started = append(started, s)
		env = append(env, kind.variable+"="+s.URL)
	}
	return env, stop, nil
}
