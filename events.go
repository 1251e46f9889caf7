package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"text/tabwriter"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/database"
	"github.com/soukhq/souk/internal/outbox"
	"github.com/soukhq/souk/schema"
)

// shownParked is how many parked events of a service are listed.
const shownParked = 100

// tendEvents shows how far the services have told and followed events, or writes down what running services are to do
// about it. They see it within a second.
func tendEvents(ctx context.Context, c *config.Events, log *slog.Logger) (err error) {
	names := schema.Subgraphs
	if c.Service != "" && c.Action != "status" { // The lag is towards the others.
		names = []string{c.Service}
	}
	dbs, stop, err := openDatabases(ctx, c, names, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if c.Action == "status" {
		return showEvents(ctx, os.Stdout, dbs, c.Service)
	}
	for _, name := range names {
		db := dbs[name]
		if db == nil {
			continue
		}
		if err := tend(ctx, os.Stdout, c.Action, name, db); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// tend does what an action wants with the events of one service.
func tend(ctx context.Context, w io.Writer, action, name string, db *outbox.DB) error {
	switch action {
	case "retry":
		n, err := db.Retry(ctx)
		if err == nil {
			fmt.Fprintf(w, "%s: %d parked events are tried again, in their order\n", name, n)
		}
		return err
	case "rebuild":
		n, err := db.Rebuild(ctx)
		if err == nil {
			fmt.Fprintf(w, "%s: what it keeps of %d services is built again\n", name, n)
		}
		return err
	default:
		head, err := db.Head(ctx)
		if err != nil {
			return err
		}
		if _, err = db.NewEpoch(ctx, head.Epoch, math.MaxInt64); err != nil {
			return err
		}
		if head, err = db.Head(ctx); err == nil {
			fmt.Fprintf(w, "%s: epoch %s began behind position %d\n", name, head.Epoch, head.Started)
		}
		return err
	}
}

// openDatabases opens those databases of services that can be found and were migrated.
func openDatabases(ctx context.Context, c *config.Events, names []string, log *slog.Logger) (dbs map[string]*outbox.DB, stop func() error, err error) {
	access, stopServer, err := findDatabases(ctx, c.State, names, log)
	if err != nil {
		return nil, nil, err
	}
	dbs = map[string]*outbox.DB{}
	end := func() error {
		var err error
		for _, db := range dbs {
			err = errors.Join(err, db.Close())
		}
		return errors.Join(err, stopServer())
	}
	for _, name := range names {
		a, found := access[name]
		if !found {
			continue
		}
		db, err := database.Open(ctx, a.ServiceURL, 2, openWait)
		if err != nil {
			return nil, nil, errors.Join(err, end())
		}
		dbs[name] = outbox.Open(db)
		if err := outbox.CheckTables(ctx, db); err != nil {
			return nil, nil, errors.Join(fmt.Errorf("%s: %w", name, err), end())
		}
	}
	return dbs, end, nil
}

// showEvents writes how far the services are, or only the one that is named.
func showEvents(ctx context.Context, out io.Writer, dbs map[string]*outbox.DB, only string) error {
	all := map[string]outbox.Status{}
	for name, db := range dbs {
		s, err := db.Status(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all[name] = s
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SERVICE\tEPOCH\tBEGAN BEHIND\tHEAD\tSENT\tUNNUMBERED")
	for _, name := range schema.Subgraphs {
		if s, there := all[name]; there && (only == "" || only == name) {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\n", name, s.Epoch, s.Started, s.Position, s.Sent, s.Unnumbered)
		}
	}
	fmt.Fprintln(w, "\nSERVICE\tFOLLOWS\tAT\tLAG\tPARKED")
	for _, name := range schema.Subgraphs {
		if only != "" && only != name {
			continue
		}
		for _, f := range all[name].Sources {
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\n", name, f.Source, f.Position, lag(f, all), f.Parked)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, name := range schema.Subgraphs {
		if db := dbs[name]; db != nil && (only == "" || only == name) {
			if err := showParked(ctx, out, name, db); err != nil {
				return err
			}
		}
	}
	return nil
}

// lag is how many events of a source are still to be applied.
func lag(f outbox.Followed, all map[string]outbox.Status) string {
	source, known := all[f.Source]
	switch {
	case !known:
		return "unknown"
	case f.Rebuild:
		return "building"
	case source.Epoch != f.Epoch:
		return "another epoch"
	default:
		return fmt.Sprint(max(source.Position-f.Position, 0))
	}
}

func showParked(ctx context.Context, out io.Writer, name string, db *outbox.DB) error {
	parked, err := db.Parked(ctx, shownParked)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(parked) > 0 {
		fmt.Fprintf(out, "\nparked in %s (`souk events retry %s` tries them again):\n", name, name)
	}
	for _, p := range parked {
		fmt.Fprintf(out, "  %s  %s of %s at %d, %s\n    %s\n", p.ID, p.Type, p.Source, p.Position, p.Subject, p.Reason)
	}
	return nil
}
