package main

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
)

// observer counts what the router does, and writes a line for each request. The line is for operators (info) where messages
// are written as JSON, and for debugging on a terminal.
type observer struct {
	requests, subgraphs, plans, errors *prometheus.CounterVec
	duration                           prometheus.Histogram
	asked                              *prometheus.HistogramVec
	codes                              labels
	log                                *slog.Logger
	level                              slog.Level
}

// otherLabel stands for all values of a label beyond those that are told apart.
const otherLabel = "_other_"

// distinctCodes is how many codes of errors are told apart: subgraphs make their own.
const distinctCodes = 100

func newObserver(c config.Log, log *slog.Logger) *observer {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	buckets := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	o := &observer{
		requests:  counter("router_http_requests_total", "Requests for the graph by their HTTP status.", "status"),
		subgraphs: counter("router_subgraph_requests_total", "Requests to subgraphs by what became of them: ok, or what went wrong.", "subgraph", "result"),
		plans:     counter("router_plan_cache_total", "Requests by where their plan came from: hit, miss or error.", "result"),
		errors:    counter("router_errors_total", "Requests that were answered with errors, by the code of the first.", "code"),
		duration:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "router_http_request_seconds", Help: "How long requests for the graph took.", Buckets: buckets}),
		asked:     prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "router_subgraph_request_seconds", Help: "How long subgraphs took.", Buckets: buckets}, []string{"subgraph"}),
		codes:     labels{most: distinctCodes}, log: log, level: slog.LevelDebug,
	}
	if c.LogFormat == "json" {
		o.level = slog.LevelInfo
	}
	return o
}

// collectors are what the admin listener shows.
func (o *observer) collectors() []prometheus.Collector {
	return []prometheus.Collector{o.requests, o.subgraphs, o.plans, o.errors, o.duration, o.asked}
}

// request is the router's Observe.
func (o *observer) request(q *http.Request, s *router.Seen) {
	o.requests.WithLabelValues(strconv.Itoa(s.Status)).Inc()
	o.duration.Observe(s.Took.Seconds())
	if s.Plan != router.PlanNone {
		o.plans.WithLabelValues(string(s.Plan)).Inc()
	}
	if s.Codes > 0 {
		o.errors.WithLabelValues(o.codes.label(s.Code)).Inc()
	}
	ctx := q.Context()
	if !o.log.Enabled(ctx, o.level) {
		return
	}
	attributes := []slog.Attr{
		slog.String("operation", s.Operation), slog.String("hash", s.Hash), slog.Int("status", s.Status),
		slog.Float64("ms", float64(s.Took.Microseconds())/1000), slog.Int("calls", s.Calls), slog.Int("bytes", s.Bytes),
	}
	if s.Codes > 0 {
		attributes = append(attributes, slog.String("code", s.Code), slog.Int("errors", s.Codes))
	}
	o.log.LogAttrs(ctx, o.level, "operation answered", attributes...)
}

// transport lets requests to a subgraph be counted.
func (o *observer) transport(t fetch.Transport) fetch.Transport {
	if o == nil {
		return t
	}
	return fetch.Observed{Transport: t, Tell: func(subgraph, code string, took time.Duration) {
		result := "ok"
		if code != "" {
			result = strings.ToLower(strings.TrimPrefix(code, "SUBGRAPH_"))
		}
		o.subgraphs.WithLabelValues(subgraph, result).Inc()
		o.asked.WithLabelValues(subgraph).Observe(took.Seconds())
	}}
}

// labels bounds the values of a label that others choose.
type labels struct {
	most int
	mu   sync.Mutex
	seen map[string]bool
}

// label returns the value, or otherLabel for one that is no code, or one too many.
func (l *labels) label(value string) string {
	if value == "" || len(value) > 64 || strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return otherLabel
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.seen[value] {
		if len(l.seen) >= l.most {
			return otherLabel
		}
		if l.seen == nil {
			l.seen = map[string]bool{}
		}
		l.seen[value] = true
	}
	return value
}
