// Command storefront is a shop window: pages that a server writes with what one GraphQL graph tells, and nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

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
		fmt.Fprintln(os.Stderr, "storefront:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	listen, graph string
	images        []string // origins of pictures beside that of the graph
	secure        bool     // cookies travel over HTTPS only
}

func parse(args []string) (settings, error) {
	var s settings
	f := flag.NewFlagSet("storefront", flag.ContinueOnError)
	f.StringVar(&s.listen, "listen", "127.0.0.1:3000", "`address` where the shop window answers")
	f.StringVar(&s.graph, "graph", "http://127.0.0.1:4000/graphql", "`URL` of the graph")
	f.BoolVar(&s.secure, "secure-cookies", false, "let browsers send cookies over HTTPS only")
	images := f.String("images", "http://127.0.0.1:4005", "`URLs` of servers, parted by commas, whose pictures are shown beside those of the graph")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	for _, address := range append(strings.Split(*images, ","), s.graph) {
		if address == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return s, fmt.Errorf("not an address of a web server: %q", address)
		}
		s.images = append(s.images, u.Scheme+"://"+u.Host)
	}
	return s, nil
}

// run serves until the context ends.
func run(ctx context.Context, args []string) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	h, err := newSite(s, log)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", s.listen)
	if err != nil {
		return err
	}
	log.Info("storefront answers", "address", "http://"+l.Addr().String(), "graph", s.graph)
	return serve(ctx, l, h)
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
