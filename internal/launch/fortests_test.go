package launch_test

import (
	"strings"
	"testing"

	"github.com/soukhq/souk/internal/launch"
)

// It changes the environment, so it runs alone.
func TestForTests(t *testing.T) {
	t.Setenv(launch.TestDatabaseURL, "")
	t.Setenv(launch.TestRedisURL, "")
	env, stop, err := launch.ForTests(t.Context(), launch.Options{})
	if err != nil {
		t.Fatal(err)
	}
	urls := map[string]string{}
	for _, line := range env {
		name, value, _ := strings.Cut(line, "=")
		urls[name] = value
	}
	if got := read(t, urls[launch.TestDatabaseURL], `show fsync`); got != "off" {
		t.Errorf("fsync = %s, want off", got)
	}
	if err := client(t, urls[launch.TestRedisURL]).Ping(t.Context()).Err(); err != nil {
		t.Errorf("ping redis: %v", err)
	}

	t.Run("servers that the environment names are not started again", func(t *testing.T) {
		for name, url := range urls {
			t.Setenv(name, url)
		}
		again, stop, err := launch.ForTests(t.Context(), launch.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got, want := strings.Join(again, " "), strings.Join(env, " "); got != want {
			t.Errorf("environment %s, want %s", got, want)
		}
		if got := read(t, urls[launch.TestDatabaseURL], `select 'lives'`); got != "lives" {
			t.Error("the other run's PostgreSQL was stopped")
		}
	})

	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, urls[launch.TestDatabaseURL]).PingContext(t.Context()); err == nil {
		t.Error("PostgreSQL answers after stop")
	}
	if err := client(t, urls[launch.TestRedisURL]).Ping(t.Context()).Err(); err == nil {
		t.Error("Redis answers after stop")
	}
}
