package launch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/soukhq/souk/internal/launch/child"
)

// cluster is a PostgreSQL data folder with the programs and the account that
// serve it.
type cluster struct {
	bin       string // folder of the programs
	home      string // folder of data, password and socket
	who       child.Account
	log       string // path of the server's log
	throwaway bool
}

func (c cluster) data() string { return filepath.Join(c.home, "data") }

// start makes the cluster if it is new, starts its server and waits until it
// accepts connections. It returns the superuser's URL.
func (c cluster) start(ctx context.Context) (*child.Process, string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	secret, err := c.initialise(ctx)
	if err != nil {
		return nil, "", err
	}
	for try := 1; ; try++ {
		port, err := freePort()
		if err != nil {
			return nil, "", err
		}
		p, err := c.serve(port)
		if err != nil {
			return nil, "", err
		}
		address := (&url.URL{
			Scheme: "postgres", User: url.UserPassword(superuser, secret),
			Host: "127.0.0.1:" + strconv.Itoa(port), Path: "/postgres", RawQuery: "sslmode=disable",
		}).String()
		err = p.Await(ctx, func(ctx context.Context) error { return ping(ctx, address) })
		if err == nil {
			return p, address, nil
		}
		taken := strings.Contains(err.Error(), "Address already in use")
		err = errors.Join(err, p.Stop(5*time.Second, syscall.SIGQUIT))
		if !taken || try == 3 {
			return nil, "", err
		}
	}
}

// initialise runs initdb once and returns the superuser's password. It works
// in a folder beside the data, so that a killed initdb leaves nothing half-made.
func (c cluster) initialise(ctx context.Context) (string, error) {
	file := filepath.Join(c.home, "password")
	if _, err := os.Stat(filepath.Join(c.data(), "PG_VERSION")); err == nil {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read the password of the data in %s: %w", c.home, err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	secret := password()
	if err := errors.Join(writeFile(file, secret+"\n"), c.who.Give(file)); err != nil {
		return "", fmt.Errorf("keep superuser password: %w", err)
	}
	draft := c.data() + ".new"
	if err := os.RemoveAll(draft); err != nil {
		return "", fmt.Errorf("remove unfinished data: %w", err)
	}
	args := []string{
		"-D", draft, "-U", superuser, "--pwfile=" + file, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
	}
	if c.throwaway {
		args = append(args, "--no-sync")
	}
	cmd := c.who.Command(c.home, filepath.Join(c.bin, "initdb"), args...)
	p, err := child.Start(cmd, c.log, c.who, syscall.SIGKILL)
	if err != nil {
		return "", err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return "", errors.Join(fmt.Errorf("initialise PostgreSQL: %w", ctx.Err()), p.Stop(5*time.Second))
	}
	if p.Err() != nil {
		return "", fmt.Errorf("initialise PostgreSQL in %s as %s: %w", c.home, c.who, p.LastWords("ended"))
	}
	if err := os.Rename(draft, c.data()); err != nil {
		return "", fmt.Errorf("finish PostgreSQL's data: %w", err)
	}
	return secret, nil
}

// serve starts the server itself, not through pg_ctl, so that it is our child.
func (c cluster) serve(port int) (*child.Process, error) {
	args := []string{"-D", c.data(), "-p", strconv.Itoa(port)}
	for _, setting := range c.settings() {
		args = append(args, "-c", setting)
	}
	cmd := c.who.Command(c.home, filepath.Join(c.bin, "postgres"), args...)
	last := syscall.SIGINT
	if c.throwaway {
		last = syscall.SIGQUIT
	}
	return child.Start(cmd, c.log, c.who, last)
}

// settings are those that differ from PostgreSQL's own defaults or from what a
// distribution compiled in.
func (c cluster) settings() []string {
	settings := []string{
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=" + c.sockets(),
		"logging_collector=off", "log_destination=stderr", "log_timezone=UTC", "timezone=UTC",
		"cluster_name=" + clusterName(c.data()), "max_connections=200",
	}
	if c.throwaway {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	return settings
}

// sockets is the folder for the Unix socket, a convenience for psql. The kernel
// allows 107 bytes for the socket's whole path and PostgreSQL takes the setting
// for a list; where the home does not fit there is no socket.
func (c cluster) sockets() string {
	if len(filepath.Join(c.home, ".s.PGSQL.65535")) >= 108 || strings.ContainsAny(c.home, `,"`) {
		return ""
	}
	return c.home
}

// clusterName is the name that the processes of a cluster carry in their titles.
func clusterName(data string) string {
	sum := sha256.Sum256([]byte(data))
	return "souk-" + hex.EncodeToString(sum[:6])
}

// serving returns the ids of the processes that serve a data folder: the
// postmaster by its arguments, its children by their titles.
func serving(data string) []int {
	var pids []int
	for pid, command := range child.Commands() {
		if strings.Contains(command, "/postgres -D "+data+" ") || strings.HasPrefix(command, "postgres: "+clusterName(data)+": ") {
			pids = append(pids, pid)
		}
	}
	return pids
}
