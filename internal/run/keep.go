package run

import (
	"context"
	"log/slog"
	"time"
)

// The pause after a step that failed: doubled each time, up to the longest.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
)

// Keep takes a step again and again until the context ends. A step that failed is logged with the name, unless it fails as
// the one before it, and followed by a pause, at first of 50 ms, at most of five seconds; one that did not is followed by
// the next one at once, so that it has to wait for something by itself.
func Keep(ctx context.Context, log *slog.Logger, name string, step func(context.Context) error) {
	KeepWithin(ctx, log, name, longestPause, step)
}

// KeepWithin is Keep with another longest pause.
func KeepWithin(ctx context.Context, log *slog.Logger, name string, longest time.Duration, step func(context.Context) error) {
	pause, failures, told := firstPause, 0, ""
	for ctx.Err() == nil {
		err := step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && failures > 0:
			log.Info("loop works again", "loop", name, "failures", failures)
			pause, failures, told = firstPause, 0, ""
			continue
		case err == nil:
			continue
		}
		failures++
		if text := err.Error(); text != told {
			log.Warn("loop failed, will try again", "loop", name, "error", err)
			told = text
		}
		Pause(ctx, pause)
		pause = min(2*pause, longest)
	}
}

// Pause waits for a time or until the context ends.
func Pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
