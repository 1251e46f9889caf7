package main

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/soukhq/souk/internal/run"
	"github.com/soukhq/souk/internal/subgraph"
)

const defaultAdmin = "127.0.0.1:9464"

// addAdmin lets the group tell metrics and health, where that is wanted, and returns where.
func addAdmin(g *run.Group, address string, whole bool, services map[string]*subgraph.Service, log *slog.Logger, more ...prometheus.Collector) (string, error) {
	l, err := listenAdmin(address, whole)
	if err != nil || l == nil {
		return "", err
	}
	g.Add("admin", serve(l, admin(services, log, more...), log))
	return "http://" + l.Addr().String(), nil
}

// listenAdmin takes the address of the admin listener; nil where there is none. Without an address the whole shop takes the
// default one, or a free port where that is taken.
func listenAdmin(address string, whole bool) (net.Listener, error) {
	switch {
	case address == "off", address == "" && !whole:
		return nil, nil
	case address != "":
		return listen("admin", address)
	}
	l, err := net.Listen("tcp", defaultAdmin)
	if errors.Is(err, syscall.EADDRINUSE) {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	return l, err
}

// admin answers with metrics, and whether this process lives and all its services are ready.
func admin(services map[string]*subgraph.Service, log *slog.Logger, more ...prometheus.Collector) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	all := make(collection, 0, len(services))
	for _, s := range services {
		all = append(all, s)
	}
	registry.MustRegister(all)
	registry.MustRegister(more...)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4,
	}))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		for name, s := range services {
			if why := s.Unready(r.Context()); why != "" {
				http.Error(w, name+": "+why, http.StatusServiceUnavailable)
				return
			}
		}
		w.WriteHeader(http.StatusOK)
	})
	return mux
}

// collection measures several services, whose metrics have the same names.
type collection []*subgraph.Service

// Describe implements prometheus.Collector.
func (c collection) Describe(descriptions chan<- *prometheus.Desc) {
	if len(c) > 0 {
		c[0].Describe(descriptions)
	}
}

// Collect implements prometheus.Collector.
func (c collection) Collect(metrics chan<- prometheus.Metric) {
	for _, s := range c {
		s.Collect(metrics)
	}
}
