package launch

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver that database/sql knows as postgres

	"github.com/soukhq/souk/internal/launch/child"
)

// superuser is the role that initdb makes in a private cluster.
const superuser = "souk"

// Postgres returns a PostgreSQL cluster that is ready: the one Options.URL
// names, else a private one. It looks for PostgreSQL's programs in Options.Bin,
// /usr/lib/postgresql, PATH, Debian's package and an npm package, in this order.
//
// Another process that runs the same StateDir is a *RunningError, unless
// Options.Join is set.
func Postgres(ctx context.Context, o Options) (*Server, error) {
	return o.open(ctx, "postgres", func(o Options) (*Server, error) {
		if o.URL != "" {
			return givenPostgres(ctx, o.URL)
		}
		if o.Throwaway {
			return o.throwaway(ctx)
		}
		return o.private(ctx)
	})
}

// givenPostgres checks that the user's own cluster answers.
func givenPostgres(ctx context.Context, text string) (*Server, error) {
	u, err := clusterURL(text)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if err := ping(ctx, u.String()); err != nil {
		return nil, fmt.Errorf("connect to the given PostgreSQL %s: %w", u.Redacted(), err)
	}
	return newServer(u.String(), "the given PostgreSQL "+u.Host, nil, nil), nil
}

// clusterURL reads the address of a cluster and makes its sslmode explicit:
// the driver would otherwise insist on TLS, also on this machine.
func clusterURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		// The text may hold a password, so the message does not repeat it.
		return nil, errors.New("DATABASE_URL is not of the form postgres://user:password@host:5432/database")
	}
	q := u.Query()
	if !q.Has("sslmode") {
		mode := "require"
		host := u.Hostname()
		ip := net.ParseIP(host)
		if host == "" || host == "localhost" || ip != nil && ip.IsLoopback() {
			mode = "disable"
		}
		q.Set("sslmode", mode)
		u.RawQuery = q.Encode()
	}
	return u, nil
}

// ping opens one connection and closes it.
func ping(ctx context.Context, url string) error {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

// private starts this installation's durable cluster.
func (o Options) private(ctx context.Context) (*Server, error) {
	home, major := o.oldHome(), ""
	if home != "" {
		text, err := os.ReadFile(filepath.Join(home, "data", "PG_VERSION"))
		if err != nil {
			return nil, fmt.Errorf("read version of data: %w", err)
		}
		major = strings.TrimSpace(string(text))
	}
	bin, who, err := o.programs(ctx, major)
	if err != nil {
		return nil, err
	}
	if home == "" {
		home, err = o.newHome(who)
	} else {
		who, err = child.OwnerOf(filepath.Join(home, "data"))
	}
	if err != nil {
		return nil, err
	}
	if !who.Reaches(home) {
		return nil, fmt.Errorf("%s cannot reach its data in %s: open the way for it, or move the folder away", who, home)
	}
	if err := o.remember(home); err != nil {
		return nil, err
	}
	c := cluster{bin: bin, home: home, who: who, log: filepath.Join(o.StateDir, "logs", "postgres.log")}
	if err := o.recover(c.data()); err != nil {
		return nil, err
	}
	p, url, err := c.start(ctx)
	if err != nil {
		return nil, err
	}
	o.Log.Info("postgres started", "programs", bin, "data", c.data(), "pid", p.PID)
	// Fast shutdown first; immediate shutdown when that hangs.
	return newServer(url, "a private PostgreSQL in "+home, p, func() error {
		return p.Stop(15*time.Second, syscall.SIGINT, syscall.SIGQUIT)
	}), nil
}

// recover ends what a killed process left behind in the data folder. The
// installation's lock is held, so whatever works there is an orphan of ours.
func (o Options) recover(data string) error {
	file := filepath.Join(data, "postmaster.pid")
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read postmaster.pid: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return nil // PostgreSQL was killed while it wrote the file; it copes with that.
	}
	if left := serving(data); len(left) > 0 {
		o.Log.Warn("postgres of a killed process found", "pid", pid, "data", data)
		if slices.Contains(left, pid) {
			left = []int{pid} // The postmaster ends its children.
		}
		if !child.End(10*time.Second, func() bool { return len(serving(data)) == 0 }, left...) {
			return fmt.Errorf("the PostgreSQL that a killed process left behind (process %d) does not end", pid)
		}
		return nil
	}
	// A stranger may have got the dead server's process id; PostgreSQL would
	// take it for a running server and refuse to start.
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove stale postmaster.pid: %w", err)
	}
	return nil
}

// password returns random characters that need no quoting anywhere.
func password() string { return rand.Text() }
