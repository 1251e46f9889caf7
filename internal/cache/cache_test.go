package cache_test

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/cache"
	"github.com/soukhq/souk/internal/launch/launchtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

func TestOpenPings(t *testing.T) {
	t.Parallel()
	c, err := cache.Open(t.Context(), launchtest.Redis(t), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Ping(t.Context()); err == nil {
		t.Error("a closed connection still answers")
	}
}

func TestOpenSaysWhereNobodyAnswers(t *testing.T) {
	t.Parallel()
	_, err := cache.Open(t.Context(), "redis://:secret@127.0.0.1:1", 0)
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") || strings.Contains(err.Error(), "secret") {
		t.Errorf("error = %v, want the place without the password", err)
	}
	if _, err := cache.Open(t.Context(), "http://127.0.0.1", 0); err == nil {
		t.Error("an http address was accepted")
	}
}

func TestOpenDoesNotWaitWhereItIsRefused(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(launchtest.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("default", "wrong")
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	if _, err := cache.Open(ctx, u.String(), time.Hour); err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("error = %v, want at once that the password is wrong", err)
	}
}
