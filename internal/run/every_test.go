package run_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/run"
)

func TestEvery(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	times := 0
	if err := run.Every(ctx, time.Millisecond, func(context.Context) error {
		if times++; times == 3 {
			stop()
		}
		return nil
	}); err != nil || times < 3 {
		t.Errorf("Every did it %d times and returned %v, want 3 times, until its context ended", times, err)
	}
	broken := errors.New("broken")
	if err := run.Every(t.Context(), time.Hour, func(context.Context) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("Every = %v, want the failure", err)
	}
}
