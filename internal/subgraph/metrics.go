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
	readyMetric      = metric("souk_ready", "Whether a service is ready: 1 or 0.")
)

func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, append([]string{"service"}, labels...), nil)
}

// Describe implements prometheus.Collector with a description of all that is measured.
func (s *Service) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{headMetric, sentMetric, unnumberedMetric, cursorMetric, lagMetric, parkedMetric, readyMetric} {
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
