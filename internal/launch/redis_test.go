package launch_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/soukhq/souk/internal/launch"
)

// client connects to a Redis with its URL.
func client(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	o.ContextTimeoutEnabled = true
	c := redis.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}

// forgets waits until a key has expired.
func forgets(t *testing.T, c *redis.Client, key string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		n, err := c.Exists(ctx, key).Result()
		if err != nil {
			t.Fatalf("wait for the end of %s: %v", key, err)
		}
		if n == 0 {
			return
		}
	}
}

func TestRedis(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv("CI") == "" {
		t.Skip("no redis-server here")
	}

	t.Run("a private redis-server keeps nothing and asks for a password", func(t *testing.T) {
		t.Parallel()
		s := stopped(t)(launch.Redis(t.Context(), launch.Options{StateDir: stateDir(t)}))
		c := client(t, s.URL)
		for name, want := range map[string]string{"save": "", "appendonly": "no", "bind": "127.0.0.1", "protected-mode": "yes"} {
			got, err := c.ConfigGet(t.Context(), name).Result()
			if err != nil || got[name] != want {
				t.Errorf("%s = %q, %v, want %q", name, got[name], err, want)
			}
		}
		if err := client(t, "redis://"+c.Options().Addr).Ping(t.Context()).Err(); err == nil {
			t.Error("ping without a password succeeded")
		}
	})

	t.Run("it ends with Stop", func(t *testing.T) {
		t.Parallel()
		s := stopped(t)(launch.Redis(t.Context(), launch.Options{Throwaway: true}))
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		if err := client(t, s.URL).Ping(t.Context()).Err(); err == nil {
			t.Error("ping after Stop succeeded")
		}
	})

	t.Run("a given address is passed on", func(t *testing.T) {
		t.Parallel()
		const given = "rediss://cache.example:6380/2"
		s := stopped(t)(launch.Redis(t.Context(), launch.Options{StateDir: stateDir(t), URL: given}))
		if s.URL != given {
			t.Errorf("URL = %s, want %s", s.URL, given)
		}
	})

	t.Run("Run reports a server that ends by itself", func(t *testing.T) {
		t.Parallel()
		s := stopped(t)(launch.Redis(t.Context(), launch.Options{Throwaway: true}))
		ended := make(chan error)
		go func() { ended <- s.Run(t.Context()) }()
		_ = client(t, s.URL).ShutdownNoSave(t.Context()).Err() // The connection breaks.
		if err := <-ended; err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("Run() = %v, want that redis-server ended", err)
		}
	})
}
