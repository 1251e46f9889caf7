package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// throwawayPrefix begins the names of temporary folders; process id and time
// of birth of the process that uses the folder are in its file "user".
const throwawayPrefix = "souk-throwaway-"

// throwaway starts a cluster for tests in a temporary folder.
func (o Options) throwaway(ctx context.Context) (*Server, error) {
	bin, who, err := o.programs(ctx, "")
	if err != nil {
		return nil, err
	}
	home, err := temporaryHome(who)
	if err != nil {
		return nil, err
	}
	// The log is ours alone and must not lie in the account's folder, where the
	// account could put a link in its place.
	log := home + ".log"
	c := cluster{bin: bin, home: home, who: who, log: log, throwaway: true}
	p, url, err := c.start(ctx)
	if err != nil {
		return nil, errors.Join(err, discard(home))
	}
	o.Log.Debug("throw-away postgres started", "programs", bin, "pid", p.pid)
	return newServer(url, "a throw-away PostgreSQL", p, func() error {
		return errors.Join(p.stop(10*time.Second, syscall.SIGQUIT), discard(home))
	}), nil
}

// temporaryHome makes a folder that the account can use, and removes those
// that killed processes left behind.
func temporaryHome(who account) (string, error) {
	for _, parent := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		sweep(parent)
		dir, err := os.MkdirTemp(parent, throwawayPrefix)
		if err != nil {
			continue
		}
		user := fmt.Sprintf("%d %s\n", os.Getpid(), birth(os.Getpid()))
		if writeFile(filepath.Join(dir, "user"), user) == nil && who.give(dir) == nil && who.can(dir) {
			return dir, nil
		}
		_ = os.RemoveAll(dir)
	}
	return "", fmt.Errorf("no temporary folder that %s can use", who)
}

// sweep removes the temporary folders of processes that are gone and of which
// no server is left.
func sweep(parent string) {
	found, _ := filepath.Glob(filepath.Join(parent, throwawayPrefix+"*", "user"))
	for _, file := range found {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // It belongs to another user.
		}
		first, born, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
		pid, err := strconv.Atoi(first)
		home := filepath.Dir(file)
		if err != nil || birth(pid) == born || len(serving(filepath.Join(home, "data"))) > 0 {
			continue
		}
		_ = discard(home) // Whatever cannot be removed is tried again next time.
	}
}

// discard removes a temporary folder and its log.
func discard(home string) error {
	return errors.Join(os.RemoveAll(home), os.RemoveAll(home+".log"), os.RemoveAll(home+".log.1"))
}
