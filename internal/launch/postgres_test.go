package launch_test

import (
	"os"
	"testing"

	"github.com/soukhq/souk/internal/launch"
)

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

func start(t *testing.T, o launch.Options) *launch.Server {
	t.Helper()
	s, err := launch.Postgres(t.Context(), o)
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

func TestPostgres(t *testing.T) {
	dir := stateDir(t)
	s := start(t, launch.Options{StateDir: dir})
	t.Log(s.URL, s.Source)
	a, err := launch.Databases(t.Context(), s.URL, []string{"product", "cart"}, dir)
	t.Log(a, err)
	a, err = launch.Databases(t.Context(), s.URL, []string{"product", "cart"}, dir)
	t.Log(a, err)
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	s = start(t, launch.Options{StateDir: dir})
	a, err = launch.Databases(t.Context(), s.URL, []string{"product", "cart"}, dir)
	t.Log(a, err)
}
