package router

import (
	"cmp"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/soukhq/souk/router/operation"
)

// How much is made ready for a new graph before it takes over.
const (
	warmDocuments = 2_000
	warmTime      = 20 * time.Second
)

// used is a document that clients have sent.
type used struct {
	text
	*document
}

// mostUsed lists at most n documents of the cache, the one that most requests had first.
func (m *memo) mostUsed(n int) []used {
	var all []used
	for key, d := range m.docs.All() {
		all = append(all, used{key, d})
	}
	slices.SortFunc(all, func(a, b used) int {
		return cmp.Or(-cmp.Compare(a.uses.Load(), b.uses.Load()), cmp.Compare(a.query, b.query), cmp.Compare(a.name, b.name))
	})
	return all[:min(n, len(all))]
}

// bits lists the conditions under which a document was asked.
func (d *document) bits() []operation.Bits {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.forms))
}

// warm makes the documents of the old graph ready for this one, until the time is over. It does not stop what does not
// fit any more: the log says which operations of clients are about to break. It lets requests go first.
func (m *memo) warm(old *memo, until time.Time, log *slog.Logger) {
	for _, u := range old.mostUsed(warmDocuments) {
		if !time.Now().Before(until) {
			return
		}
		runtime.Gosched()
		d, errs := m.document(u.query, u.name)
		if len(errs) > 0 {
			log.Warn("an operation is not valid in the new graph", slog.String("operation", u.Name()), slog.Any("error", errs))
			continue
		}
		d.uses.Store(u.uses.Load() / 2) // What clients did long ago counts less and less.
		for _, b := range u.bits() {
			if _, _, err := m.plan(d, b); err != nil {
				log.Warn("an operation has no plan in the new graph", slog.String("operation", u.Name()), slog.Any("error", err))
			}
		}
	}
}
