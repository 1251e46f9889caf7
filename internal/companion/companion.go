// Package companion keeps somebody else's program running while this process does.
package companion

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/soukhq/souk/internal/launch/child"
)

// Options say what to run.
type Options struct {
	Command []string // the program and its arguments
	LogDir  string   // gets a file with its output, named like the program
	Log     *slog.Logger
}

// Companion is such a program. It is started again whenever it ends, and ends with this process.
type Companion struct {
	Name string // of the program, without its folder

	options Options
	process *child.Process // the one that runs, or ran last
	started time.Time
}

const (
	firstPause   = 100 * time.Millisecond // before the program is started again, doubled each time
	longestPause = 30 * time.Second
	healthy      = 10 * time.Second // a program that ran for so long was fine: the next pause is the first
	grace        = 5 * time.Second  // for it to end by itself
)

// Start starts the program. A program that is not there is an error; one that ends at once is not.
func Start(o Options) (*Companion, error) {
	if len(o.Command) == 0 {
		return nil, errors.New("there is no program to start")
	}
	c := &Companion{Name: filepath.Base(o.Command[0]), options: o}
	return c, c.start()
}

func (c *Companion) start() error {
	cmd := exec.Command(c.options.Command[0], c.options.Command[1:]...)
	cmd.Env = foreign(os.Environ())
	p, err := child.Start(cmd, filepath.Join(c.options.LogDir, c.Name+".log"), child.Account{}, syscall.SIGTERM)
	if err != nil {
		return err
	}
	c.process, c.started = p, time.Now()
	c.options.Log.Info("program started", "program", c.Name, "pid", p.PID)
	return nil
}

// Run watches the program until the context ends, then stops it.
func (c *Companion) Run(ctx context.Context) error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		select {
		case <-ctx.Done():
			return c.Stop()
		case <-c.process.Done():
		}
		if time.Since(c.started) > healthy {
			pause = firstPause
		}
		for reason := c.process.LastWords("ended"); reason != nil; {
			c.options.Log.Warn("program is away, will start it again", "error", reason, "pause_ms", pause.Milliseconds())
			if !wait(ctx, pause) {
				return nil
			}
			if reason = c.start(); reason != nil {
				pause = min(2*pause, longestPause)
			}
		}
	}
}

// Stop ends the program.
func (c *Companion) Stop() error {
	return c.process.Stop(grace, syscall.SIGTERM)
}

// wait tells whether the time passed before the context ended.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// foreign leaves out what is ours alone: our settings, our secrets, and where our servers are.
func foreign(environment []string) []string {
	var kept []string
	for _, v := range environment {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "SOUK_") && name != "DATABASE_URL" && name != "REDIS_URL" {
			kept = append(kept, v)
		}
	}
	return kept
}
