package run_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/run"
)

func TestKeepPausesLongerAfterEachFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var log strings.Builder
		began := time.Now()
		var at []time.Duration
		run.Keep(ctx, slog.New(slog.NewTextHandler(&log, nil)), "test", func(context.Context) error {
			at = append(at, time.Since(began))
			switch len(at) {
			case 10: // It works once, then fails as for the first time.
				return nil
			case 12:
				stop()
				return ctx.Err()
			}
			return errors.New("xyzzy")
		})
		ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
		want := []time.Duration{0, ms(50), ms(150), ms(350), ms(750), ms(1550), ms(3150), ms(6350), ms(11350), ms(16350), ms(16350), ms(16400)}
		if diff := cmp.Diff(want, at); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		if n := strings.Count(log.String(), "xyzzy"); n != 2 || !strings.Contains(log.String(), "failures=9") {
			t.Errorf("%d failures told, want the first and the one after it worked, in\n%s", n, &log)
		}
	})
}

func TestKeepEndsInAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		began := time.Now()
		run.Keep(ctx, slog.New(slog.DiscardHandler), "test", func(context.Context) error { return errors.New("no") })
		if took := time.Since(began); took != time.Second {
			t.Errorf("it ended after %v, want with the context", took)
		}
	})
}
