package main

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/soukhq/souk/router"
	"github.com/soukhq/souk/router/fetch"
	"github.com/soukhq/souk/router/supergraph"
)

// builder makes a graph, and how its subgraphs are reached, by GraphID.
type builder func(context.Context) (*supergraph.Model, []fetch.Transport, error)

// liveRouter is a router whose graph follows its source. A new graph takes over without a request being lost; a bad one is
// refused and the last good one stays.
type liveRouter struct {
	// load returns the source of the graph as text, and what makes the graph of it.
	load  func(context.Context) (text string, build builder, err error)
	every time.Duration
	log   *slog.Logger

	router           *router.Router
	current, refused string // texts
}

// routes answers the graph, and whether the router lives and is ready: it is as soon as it has a graph. Where clients may
// ask for the schema, it is there as text, and browsers get an editor, with examples or without.
func routes(l *liveRouter, introspects bool, examples fs.FS) (*http.ServeMux, error) {
	mux := http.NewServeMux()
	if introspects {
		if err := addPage(mux, "Souk", examples); err != nil {
			return nil, err
		}
	}
	mux.Handle("/graphql", l)
	mux.Handle("GET /schema.graphql", l.router.Schema())
	ok := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
	mux.HandleFunc("GET /livez", ok)
	mux.HandleFunc("GET /readyz", ok)
	return mux, nil
}

func (l *liveRouter) ServeHTTP(w http.ResponseWriter, r *http.Request) { l.router.ServeHTTP(w, r) }

// begin makes the router of the first graph.
func (l *liveRouter) begin(ctx context.Context, o router.Options) error {
	text, build, err := l.load(ctx)
	if err != nil {
		return err
	}
	model, transports, err := build(ctx)
	if err != nil {
		return err
	}
	l.router, err = router.New(model, transports, o)
	l.current = text
	return err
}

// Run follows the source until the context ends.
func (l *liveRouter) Run(ctx context.Context) error {
	tick := time.NewTicker(l.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		switch swapped, err := l.refresh(ctx); {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			l.log.Error("new graph refused, the old one stays", "error", err)
		case swapped:
			l.log.Info("new graph serves")
		}
	}
}

// refresh looks at the source once. A text that was refused is not tried, nor told, again.
func (l *liveRouter) refresh(ctx context.Context) (swapped bool, err error) {
	text, build, err := l.load(ctx)
	if err != nil || text == l.current || text == l.refused {
		return false, err
	}
	model, transports, err := build(ctx)
	if err == nil {
		err = l.router.Swap(model, transports)
	}
	if err != nil {
		l.refused = text
		return false, err
	}
	l.current, l.refused = text, ""
	return true, nil
}
