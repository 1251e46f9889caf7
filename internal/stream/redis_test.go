package stream_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/launch/launchtest"
	"github.com/soukhq/souk/internal/stream"
	"github.com/soukhq/souk/internal/stream/streamtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

func entry(position int64) event.Entry {
	return event.Entry{Position: position, Event: event.New(gid.Format("Product", gid.New()), position, event.ProductUpdated{}, time.Unix(position, 0))}
}

func entries(from, to int64) (all []event.Entry) {
	for p := from; p <= to; p++ {
		all = append(all, entry(p))
	}
	return all
}

// each runs a test with a real Redis and with the small one that stands in for it.
func each(t *testing.T, test func(t *testing.T, r *stream.Redis, log stream.Log)) {
	t.Helper()
	t.Parallel()
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		test(t, streamtest.Open(t), stream.Log{Service: "product", Epoch: uuid.New()})
	})
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		r, err := stream.OpenRedis("redis://" + miniredis.RunT(t).Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
		test(t, r, stream.Log{Service: "product", Epoch: uuid.New()})
	})
}

func publish(t *testing.T, r *stream.Redis, log stream.Log, entries ...event.Entry) {
	t.Helper()
	if err := r.Publish(t.Context(), log, entries); err != nil {
		t.Fatal(err)
	}
}

// read returns the positions behind another one.
func read(t *testing.T, r *stream.Redis, log stream.Log, after int64, limit int) []int64 {
	t.Helper()
	got, err := r.Read(t.Context(), log, after, limit, 0)
	if err != nil {
		t.Fatal(err)
	}
	positions := []int64{}
	for _, e := range got {
		positions = append(positions, e.Position)
	}
	return positions
}

func TestPublishAndRead(t *testing.T) {
	each(t, func(t *testing.T, r *stream.Redis, log stream.Log) {
		if last, err := r.Last(t.Context(), log); err != nil || last != 0 || len(read(t, r, log, 0, 10)) != 0 {
			t.Errorf("a stream that is not there ends at %d, %v", last, err)
		}
		sent := entries(5, 9)
		publish(t, r, log, sent...)
		got, err := r.Read(t.Context(), log, 6, 2, time.Second)
		if err != nil || len(got) != 2 || got[0].Position != 7 || got[1].Position != 8 || got[0].Event.ID != sent[2].Event.ID || !got[0].Event.Time.Equal(sent[2].Event.Time) {
			t.Errorf("read %v, %v", got, err)
		}
		if last, err := r.Last(t.Context(), log); err != nil || last != 9 {
			t.Errorf("the last is %d, %v; want 9", last, err)
		}
		other := stream.Log{Service: log.Service, Epoch: uuid.New()}
		if got := read(t, r, other, 0, 10); len(got) != 0 {
			t.Errorf("another epoch has %v", got)
		}
	})
}

func TestWhatIsThereIsNotPublishedAgain(t *testing.T) {
	each(t, func(t *testing.T, r *stream.Redis, log stream.Log) {
		all := entries(1, 6)
		publish(t, r, log, all[:4]...)
		publish(t, r, log, all[2:]...)
		publish(t, r, log, all...)
		if got := read(t, r, log, 0, 10); len(got) != 6 {
			t.Errorf("the stream has %v", got)
		}
		late := all[4]
		late.Event = entry(5).Event
		var d *stream.Divergence
		if err := r.Publish(t.Context(), log, append(all[:4:4], late, entry(7))); !errors.As(err, &d) || d.Position != 5 {
			t.Errorf("another event at 5: %v", err)
		}
	})
}

func TestReadWaits(t *testing.T) {
	each(t, func(t *testing.T, r *stream.Redis, log stream.Log) {
		result := make(chan []event.Entry)
		go func() {
			got, err := r.Read(t.Context(), log, 0, 10, time.Minute) // Much longer than a command may take.
			if err != nil {
				t.Error(err)
			}
			result <- got
		}()
		publish(t, r, log, entry(1))
		if got := <-result; len(got) != 1 {
			t.Errorf("read %v", got)
		}
		if got, err := r.Read(t.Context(), log, 1, 10, 20*time.Millisecond); err != nil || len(got) != 0 {
			t.Errorf("read %v, %v; want nothing, after the time is up", got, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		go stop()
		if _, err := r.Read(ctx, log, 1, 10, time.Minute); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want that the context ended", err)
		}
	})
}

func TestAStreamIsTrimmed(t *testing.T) {
	t.Parallel()
	r, log := streamtest.Open(t), stream.Log{Service: "product", Epoch: uuid.New()}
	for p := int64(1); p < 12_000; p += 500 {
		publish(t, r, log, entries(p, p+499)...)
	}
	got := read(t, r, log, 0, 20_000)
	if len(got) < 10_000 || len(got) > 10_500 || got[len(got)-1] != 12_000 {
		t.Errorf("%d entries are kept, up to %d", len(got), got[len(got)-1])
	}
	publish(t, r, log, entries(1, 3)...) // They are gone, so nobody can say that they were others.
}

func TestARedisThatIsAwayIsAnError(t *testing.T) {
	t.Parallel()
	m := miniredis.RunT(t)
	r, err := stream.OpenRedis("redis://" + m.Addr())
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	log := stream.Log{Service: "product", Epoch: uuid.New()}
	_, last := r.Last(t.Context(), log)
	_, read := r.Read(t.Context(), log, 0, 1, time.Millisecond)
	for what, err := range map[string]error{"publish": r.Publish(t.Context(), log, entries(1, 2)), "last": last, "read": read} {
		if err == nil {
			t.Errorf("%s without a Redis is no error", what)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := stream.OpenRedis("http://127.0.0.1"); err == nil {
		t.Error("an http address was accepted")
	}
}
