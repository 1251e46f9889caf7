package outbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/internal/stream/streamtest"
)

func TestTheFeedHasTheLastOfEachAggregate(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, migrations)
	r := relayOf(db, streamtest.Open(t))
	a, b := product(), product()
	tell(t, db, updated(a, 1), updated(b, 1), updated(a, 2))
	step(t, r.Number, 3)
	states := func() []string {
		told, err := db.States(t.Context(), "Product", 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		texts := []string{}
		for _, s := range told {
			name := map[string]string{a: "a", b: "b"}[s.Subject]
			texts = append(texts, fmt.Sprintf("%d %s %d %v", s.Position, name, s.Version, s.DeletedAt != nil))
		}
		return texts
	}
	if diff := cmp.Diff([]string{"2 b 1 false", "3 a 2 false"}, states()); diff != "" {
		t.Errorf("feed (-want +got):\n%s", diff)
	}
	tell(t, db, event.New(b, 2, event.ProductDeleted{ProductID: b}, noon))
	step(t, r.Number, 1)
	if diff := cmp.Diff([]string{"3 a 2 false", "4 b 2 true"}, states()); diff != "" {
		t.Errorf("feed after a deletion (-want +got):\n%s", diff)
	}
}

func TestOldEventsAndTombstonesGo(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, migrations)
	r := relayOf(db, streamtest.Open(t))
	a, b := product(), product()
	tell(t, db, updated(a, 1), event.New(b, 1, event.ProductDeleted{ProductID: b}, noon))
	step(t, r.Number, 2)
	tell(t, db, updated(a, 2)) // Without a number: it stays, however old.
	day := 24 * time.Hour
	for _, c := range []struct {
		after              time.Duration
		events, tombstones int64
		first              int64
	}{{6 * day, 0, 0, 1}, {8 * day, 2, 0, 3}, {89 * day, 0, 0, 3}, {91 * day, 0, 1, 3}} {
		events, tombstones, err := r.Clean(t.Context(), time.Now().Add(c.after))
		if err != nil || events != c.events || tombstones != c.tombstones {
			t.Errorf("after %v: %d events and %d tombstones, %v; want %d and %d", c.after, events, tombstones, err, c.events, c.tombstones)
		}
		if head := headOf(t, db); head.First != c.first || head.Position != 2 {
			t.Errorf("after %v the log goes from %d to %d, want %d to 2", c.after, head.First, head.Position, c.first)
		}
	}
	step(t, r.Number, 1)
	if diff := cmp.Diff([]string{"3 a 2"}, log(t, db, map[string]string{a: "a"})); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}
