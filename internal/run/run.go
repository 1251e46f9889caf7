// Package run starts, watches and stops the long-running parts of a process.
package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Group is a set of parts that live and end together. The zero value is ready
// to use. Parts are added in the order in which they need each other: they stop
// in reverse, so that a server outlives those who use it.
type Group struct {
	// Grace is the time that the parts have, together, to stop in order; after
	// it all that are left are told to stop at once. Zero means 25 seconds.
	Grace time.Duration
	// Wait is the time between a signal and the end of the first part: whoever
	// sends requests here learns meanwhile that it is to stop.
	Wait time.Duration
	// Log is told when parts end. May be nil.
	Log *slog.Logger

	parts []*part
}

// stopping is the key of the channel that Stopping returns.
type stopping struct{}

// Stopping returns a channel that closes when the group that the context is of
// begins to stop, which is before the context ends; nil for other contexts.
func Stopping(ctx context.Context) <-chan struct{} {
	channel, _ := ctx.Value(stopping{}).(chan struct{})
	return channel
}

type part struct {
	name string
	run  func(context.Context) error
	stop context.CancelFunc
	done chan struct{} // closed when run has returned
}

// lastGrace is what parts get after the group's grace is over.
const lastGrace = 3 * time.Second

// Add names a part. Its function runs until its context ends and then returns
// in good time; if it returns an error earlier, the whole group stops. One that
// returns nil earlier has done its work, and the others go on.
func (g *Group) Add(name string, run func(context.Context) error) {
	g.parts = append(g.parts, &part{name: name, run: run, done: make(chan struct{})})
}

// Run starts all parts and returns when all have stopped: because each has done
// its work, because one failed, because the context ended, or because the
// process got SIGINT or SIGTERM. A second such signal ends the process at once,
// provided that nobody else in the process asked to be notified of it.
// Run returns the first failure, and names the parts that did not stop in time.
// It may be called once.
func (g *Group) Run(ctx context.Context) error {
	log := g.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	failures := make(chan error, len(g.parts))
	begun := make(chan struct{})
	finished := g.start(context.WithValue(ctx, stopping{}, begun), failures)
	var first error
	var wait time.Duration
	select {
	case <-finished:
	case first = <-failures:
		log.Info("stopping", "reason", first.Error())
	case <-ctx.Done():
		log.Info("stopping", "reason", "the end of the context")
	case s := <-signals:
		log.Info("stopping", "reason", s.String())
		wait = g.Wait
	}
	signal.Stop(signals) // From here on a signal does what it does to any process.
	close(begun)
	select {
	case <-time.After(wait):
	case <-finished:
	}

	late := g.stop(log)
	select {
	case err := <-failures:
		if first == nil {
			first = err
		}
	default:
	}
	return errors.Join(first, late)
}

// start runs the parts. Each has a context of its own, which keeps the values
// of ctx but not its end, so that the parts stop one after another. The channel
// that is returned closes when all parts have ended.
func (g *Group) start(ctx context.Context, failures chan<- error) <-chan struct{} {
	finished := make(chan struct{})
	var all sync.WaitGroup
	for _, p := range g.parts {
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		p.stop = cancel
		all.Go(func() {
			defer close(p.done)
			err := p.run(own)
			// After its context ended, a part may say so; that is no failure.
			if err != nil && (own.Err() == nil || !errors.Is(err, context.Canceled)) {
				failures <- fmt.Errorf("%s: %w", p.name, err)
			}
		})
	}
	go func() {
		all.Wait()
		close(finished)
	}()
	return finished
}

// stop ends the parts, last one first, and returns an error that names those
// that did not end in time.
func (g *Group) stop(log *slog.Logger) error {
	grace := g.Grace
	if grace == 0 {
		grace = 25 * time.Second
	}
	inOrder, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	for _, p := range slices.Backward(g.parts) {
		p.stop()
		if p.endsWithin(inOrder) {
			log.Debug("part stopped", "part", p.name)
		}
	}
	// All have been told now, some perhaps only when the grace was over.
	atLast, cancel := context.WithTimeout(context.Background(), lastGrace)
	defer cancel()
	var late []error
	for _, p := range g.parts {
		if !p.endsWithin(atLast) {
			late = append(late, fmt.Errorf("%s did not stop in time", p.name))
		}
	}
	return errors.Join(late...)
}

// endsWithin waits for the part and reports whether it ended before the context.
func (p *part) endsWithin(ctx context.Context) bool {
	select {
	case <-p.done:
		return true
	case <-ctx.Done():
	}
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
