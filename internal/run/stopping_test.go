package run_test

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/run"
)

func TestPartsLearnOfTheEndBeforeItComes(t *testing.T) {
	const wait = 50 * time.Millisecond
	g := run.Group{Wait: wait}
	var told, ended time.Time
	g.Add("part", func(ctx context.Context) error {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		<-run.Stopping(ctx)
		told = time.Now()
		<-ctx.Done()
		ended = time.Now()
		return nil
	})
	if err := g.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ended.Sub(told) < wait/2 {
		t.Errorf("the part had %v, want about %v", ended.Sub(told), wait)
	}
	if run.Stopping(t.Context()) != nil {
		t.Error("a context of no group stops")
	}
}
