package subgraph

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/soukhq/souk/internal/event"
)

// scrapeTimeout bounds what is read for the metrics of one service.
const scrapeTimeout = 2 * time.Second

var (
	headMetric       = metric("souk_outbox_head", "Position of the newest event of a service.")
	sentMetric       = metric("souk_outbox_sent", "Position up to which the broker was told the events of a service.")
	unnumberedMetric = metric("souk_outbox_unnumbered", "Events of a service that wait for their position.")
	cursorMetric     = metric("souk_events_cursor", "Position up to which a service has applied the events of a source.", "source")
	lagMetric        = metric("souk_events_lag", "Events of a source that a service has yet to apply.", "source")
	parkedMetric     = metric("souk_events_parked", "Events of a source that a service could not apply, and those behind them.", "source")
	lookupMetric     = metric("souk_cache_lookups_total", "Results that a service looked up, by what came of it: hit, miss or bypass.", "kind", "result")
	rejectMetric     = metric("souk_cache_tombstone_rejects_total", "Results that a service found and that were invalidated.", "kind")
	followerMetric   = metric("souk_cache_followers_total", "Results that another request was reading already.", "kind")
	lateMetric       = metric("souk_cache_failures_total", "Results that were not looked up in time, or on which Redis failed.", "kind", "reason")
	storeMetric      = metric("souk_cache_stores_total", "Results that were to be kept: stored, dropped or failed.", "result")
	collisionMetric  = metric("souk_cache_key_collisions_total", "Results of something else with the same name in Redis.")
	upMetric         = metric("souk_cache_up", "Whether results are looked up: 1 or 0.")
	readyMetric      = metric("souk_ready", "Whether a service is ready: 1 or 0.")
)

func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, append([]string{"service"}, labels...), nil)
}

// Describe implements prometheus.Collector with a description of all that is measured.
func (s *Service) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{headMetric, sentMetric, unnumberedMetric, cursorMetric, lagMetric, parkedMetric, readyMetric,
		lookupMetric, rejectMetric, followerMetric, lateMetric, storeMetric, collisionMetric, upMetric} {
		descriptions <- d
	}
}

// Collect implements prometheus.Collector: it reads how far the service is. What cannot be read now is left out.
func (s *Service) Collect(metrics chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), scrapeTimeout)
	defer stop()
	tell := func(d *prometheus.Desc, value int64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), append([]string{s.name}, labels...)...)
	}
	if s.forgetter != nil {
		s.collectCache(metrics)
	}
	ready := int64(0)
	if s.Unready(ctx) == "" {
		ready = 1
	}
	tell(readyMetric, ready)
	status, err := s.db.Status(ctx)
	if err != nil {
		return
	}
	tell(headMetric, status.Position)
	tell(sentMetric, status.Sent)
	tell(unnumberedMetric, status.Unnumbered)
	heads := s.heads(ctx)
	for _, f := range status.Sources {
		tell(cursorMetric, f.Position, f.Source)
		tell(parkedMetric, f.Parked, f.Source)
		if head, known := heads[f.Source]; known && head.Epoch == f.Epoch {
			tell(lagMetric, max(head.Position-f.Position, 0), f.Source)
		}
	}
}

// collectCache tells what became of look-ups.
func (s *Service) collectCache(metrics chan<- prometheus.Metric) {
	stats := s.cache.Stats()
	tell := func(d *prometheus.Desc, value int64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), append([]string{s.name}, labels...)...)
	}
	for kind, n := range stats.Kinds {
		tell(lookupMetric, n.Hits, kind, "hit")
		tell(lookupMetric, n.Misses, kind, "miss")
		tell(lookupMetric, n.Bypasses, kind, "bypass")
		tell(rejectMetric, n.Rejects, kind)
		tell(followerMetric, n.Followers, kind)
		tell(lateMetric, n.Timeouts, kind, "timeout")
		tell(lateMetric, n.Errors, kind, "error")
	}
	tell(storeMetric, stats.Stored, "stored")
	tell(storeMetric, stats.Dropped, "dropped")
	tell(storeMetric, stats.Failed, "failed")
	tell(collisionMetric, stats.Collisions)
	up := 0.0
	if stats.Up {
		up = 1
	}
	metrics <- prometheus.MustNewConstMetric(upMetric, prometheus.GaugeValue, up, s.name)
}

// heads asks those whom the service follows how far their logs are.
func (s *Service) heads(ctx context.Context) map[string]event.Head {
	heads := map[string]event.Head{}
	for _, f := range s.followers {
		if head, err := f.Feed.Head(ctx); err == nil {
			heads[f.Source.Service] = head
		}
	}
	return heads
}
