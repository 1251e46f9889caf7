package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/crash"
	"github.com/soukhq/souk/internal/run"
	"github.com/soukhq/souk/internal/stream"
)

const (
	poll         = 250 * time.Millisecond // how often the relay looks without being woken (rule E-9)
	cleanEvery   = time.Hour
	publishBatch = 256
	publishBytes = 1 << 20     // of the events of such a batch, about
	publishPoll  = time.Second // also between attempts while the broker is away
)

// Relay gives the events of one service their positions and publishes them. Several may run on one database: the row of
// outbox_head and the unique index of positions keep them apart (rule E-9).
type Relay struct {
	Service string
	DB      *DB
	Stream  stream.Stream
	Log     *slog.Logger

	compared bool // the end of the stream was compared with that of the log
}

// Run numbers, publishes and removes events until the context ends, and carries the news of them to other processes.
func (r *Relay) Run(ctx context.Context) error {
	numbered := make(chan struct{}, 1)
	process := uuid.New()
	here, stop := r.DB.here.add()
	defer stop()
	var all sync.WaitGroup
	all.Go(func() { run.KeepWithin(ctx, r.Log, "publish events", publishPoll, r.publisher(numbered)) })
	for name, step := range map[string]func(context.Context) error{
		"number events":   r.numberer(numbered),
		"notify":          func(ctx context.Context) error { return r.DB.notify(ctx, process, here) },
		"listen":          func(ctx context.Context) error { return r.DB.listen(ctx, process) },
		"clean event log": r.cleaner(),
	} {
		all.Go(func() { run.Keep(ctx, r.Log, name, step) })
	}
	all.Wait()
	return nil
}

// numberer numbers a batch, then waits until there may be more.
func (r *Relay) numberer(numbered chan<- struct{}) func(context.Context) error {
	changed, _ := r.DB.Watch() // It ends with the database.
	return func(ctx context.Context) error {
		n, err := r.Number(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			select {
			case numbered <- struct{}{}:
			default:
			}
		}
		if n < numberBatch {
			await(ctx, changed, poll)
		}
		return nil
	}
}

// publisher publishes a batch, then waits until there is more, or for a second: an instance that numbered may be gone. While
// the broker is away the others read the log.
func (r *Relay) publisher(numbered <-chan struct{}) func(context.Context) error {
	return func(ctx context.Context) error {
		n, err := r.Publish(ctx)
		if err == nil && n == 0 {
			await(ctx, numbered, publishPoll)
		}
		return err
	}
}

func (r *Relay) cleaner() func(context.Context) error {
	return func(ctx context.Context) error {
		events, tombstones, err := r.Clean(ctx, time.Now())
		if err != nil {
			return err
		}
		if events+tombstones > 0 {
			r.Log.Info("event log cleaned", "events", events, "tombstones", tombstones)
		}
		run.Pause(ctx, cleanEvery)
		return nil
	}
}

// await waits for news, or for the time to look without any.
func await(ctx context.Context, news <-chan struct{}, longest time.Duration) {
	t := time.NewTimer(longest)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-news:
	case <-t.C:
	}
}

// Publish tells the broker the next events that have a position, in their order, and returns how many. It may tell an
// event twice after a crash; the broker refuses the repetition. Where the broker knows other events under these positions
// the database was restored to an older state: then a new epoch begins.
func (r *Relay) Publish(ctx context.Context) (int, error) {
	var head struct {
		Epoch          uuid.UUID
		Position, Sent int64
	}
	if err := r.DB.Get(ctx, &head, `SELECT epoch, position, sent FROM outbox_head`); err != nil {
		return 0, fmt.Errorf("read head of the log: %w", err)
	}
	log := stream.Log{Service: r.Service, Epoch: head.Epoch}
	if head.Sent >= head.Position {
		return 0, r.compare(ctx, log)
	}
	entries, err := r.DB.entries(ctx, head.Epoch, head.Sent, publishBatch, publishBytes)
	if err != nil || len(entries) == 0 { // None: another epoch began meanwhile.
		return 0, err
	}
	crash.Point(r.Service + ".relay.publish.before")
	var other *stream.Divergence
	switch err := r.Stream.Publish(ctx, log, entries); {
	case errors.As(err, &other):
		return 0, r.diverged(ctx, head.Epoch, other.Position-1)
	case err != nil:
		return 0, err
	}
	crash.Point(r.Service + ".relay.publish.after")
	const sent = `UPDATE outbox_head SET sent = greatest(sent, $1) WHERE epoch = $2`
	if _, err := r.DB.Exec(ctx, sent, entries[len(entries)-1].Position, head.Epoch); err != nil {
		return 0, fmt.Errorf("mark events as sent: %w", err)
	}
	crash.Point(r.Service + ".relay.sent.after")
	return len(entries), nil
}

// compare looks once whether the broker was told more than this database knows of.
func (r *Relay) compare(ctx context.Context, log stream.Log) error {
	if r.compared {
		return nil
	}
	last, err := r.Stream.Last(ctx, log)
	if err != nil {
		return err
	}
	head, err := r.DB.Head(ctx) // Read after the stream: what is published was numbered before.
	if err != nil {
		return err
	}
	r.compared = true
	if head.Epoch == log.Epoch && last > head.Position {
		return r.diverged(ctx, log.Epoch, head.Position)
	}
	return nil
}

func (r *Relay) diverged(ctx context.Context, epoch uuid.UUID, common int64) error {
	began, err := r.DB.NewEpoch(ctx, epoch, common)
	if err == nil && began {
		r.Log.Error("the broker knows events that this database does not: it was restored to an older state, a new epoch begins",
			"old_epoch", epoch, "common_until", common)
	}
	return err
}
