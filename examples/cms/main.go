// Command cms serves pages, menus, blogs and policies out of a folder of Markdown files, as a subgraph of a federated graph.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/soukhq/souk/examples/cms/graph"
	"github.com/soukhq/souk/examples/cms/library"
)

//go:generate go run ./generate

const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	idleTimeout   = 60 * time.Second
	grace         = 10 * time.Second // for running requests at the end
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cms:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	listen, content, shop, public string
	poll                          time.Duration
}

func parse(args []string) (settings, error) {
	var s settings
	f := flag.NewFlagSet("cms", flag.ContinueOnError)
	f.StringVar(&s.listen, "listen", "127.0.0.1:4005", "`address` where the CMS answers")
	f.StringVar(&s.content, "content", "examples/cms/content", "`folder` of the texts")
	f.StringVar(&s.shop, "shop", "http://localhost:3000", "`URL` below which shoppers find pages, for links in menus")
	f.StringVar(&s.public, "public", "", "`URL` below which pictures of articles are found; by default http:// and the address")
	f.DurationVar(&s.poll, "poll", time.Second, "how often the texts are looked at")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	switch {
	case f.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case s.poll <= 0:
		return s, errors.New("--poll must be more than nothing")
	}
	return s, nil
}

// run serves until the context ends.
func run(ctx context.Context, args []string) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", s.listen)
	if err != nil {
		return err
	}
	if s.public == "" {
		s.public = "http://" + l.Addr().String()
	}
	folder := os.DirFS(s.content)
	texts, err := library.Open(folder, library.Site{
		Shop: strings.TrimSuffix(s.shop, "/"), Images: strings.TrimSuffix(s.public, "/") + "/images",
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	log.Info("cms answers", "graph", "http://"+l.Addr().String()+"/graphql", "content", s.content)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go texts.Follow(ctx, s.poll, log)
	return serve(ctx, l, routes(texts, folder))
}

// routes answers the graph, the pictures, and whether the CMS lives and is ready.
func routes(texts *library.Library, folder fs.FS) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/graphql", graph.NewHandler(texts))
	mux.HandleFunc("GET /images/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeFileFS(w, r, folder, "images/"+r.PathValue("file"))
	})
	ok := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
	mux.HandleFunc("GET /livez", ok)
	mux.HandleFunc("GET /readyz", ok) // Without texts nobody listens.
	return mux
}

// serve answers until the context ends, then lets running requests finish.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer stop()
	return server.Shutdown(last)
}
