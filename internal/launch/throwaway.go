package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/soukhq/souk/internal/launch/child"
)

// throwawayPrefix begins the names of temporary folders.
const throwawayPrefix = "souk-throwaway-"

// temporary is a folder for one throw-away server. Its file "user" is locked as
// long as the process lives that uses it.
type temporary struct {
	dir  string
	lock *os.File
}

// throwaway starts a cluster for tests in a temporary folder.
func (o Options) throwaway(ctx context.Context) (*Server, error) {
	bin, who, err := o.programs(ctx, "")
	if err != nil {
		return nil, err
	}
	home, err := newTemporary(who)
	if err != nil {
		return nil, err
	}
	c := cluster{bin: bin, home: home.dir, who: who, log: home.log(), throwaway: true}
	p, url, err := c.start(ctx)
	if err != nil {
		return nil, errors.Join(err, home.remove())
	}
	o.Log.Debug("throw-away postgres started", "programs", bin, "pid", p.PID)
	return newServer(url, "a throw-away PostgreSQL", p, func() error {
		return errors.Join(p.Stop(10*time.Second, syscall.SIGQUIT), home.remove())
	}), nil
}

// newTemporary makes a folder that the account can use, and removes those that
// killed processes left behind.
func newTemporary(who child.Account) (*temporary, error) {
	var errs []error
	for _, parent := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		sweep(parent)
		t, err := makeTemporary(parent, who)
		if err == nil {
			return t, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("no temporary folder that %s can use: %w", who, errors.Join(errs...))
}

func makeTemporary(parent string, who child.Account) (*temporary, error) {
	dir, err := os.MkdirTemp(parent, throwawayPrefix)
	if err != nil {
		return nil, err
	}
	t := &temporary{dir: dir}
	// The file gets the name that sweep looks for when it is locked.
	draft := filepath.Join(dir, "user.new")
	if t.lock, err = os.OpenFile(draft, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err == nil {
		err = tryLock(t.lock)
	}
	if err == nil {
		err = os.Rename(draft, filepath.Join(dir, "user"))
	}
	if err == nil {
		err = who.Give(dir)
	}
	if err == nil && !who.Reaches(dir) {
		err = fmt.Errorf("%s cannot reach %s", who, dir)
	}
	if err != nil {
		return nil, errors.Join(err, t.remove())
	}
	return t, nil
}

// log is the path of the server's log. It must not lie in the folder, where
// the account could put a link in its place.
func (t *temporary) log() string { return t.dir + ".log" }

// remove deletes the folder and the logs.
func (t *temporary) remove() error {
	err := errors.Join(os.RemoveAll(t.dir), os.RemoveAll(t.log()), os.RemoveAll(t.log()+".1"))
	if t.lock != nil {
		err = errors.Join(err, t.lock.Close())
	}
	return err
}

// sweep removes the temporary folders whose process is gone, and ends a server
// that is left in one. What cannot be removed is tried again next time.
func sweep(parent string) {
	found, _ := filepath.Glob(filepath.Join(parent, throwawayPrefix+"*", "user"))
	for _, file := range found {
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		if err != nil {
			continue // It belongs to another user.
		}
		t := &temporary{dir: filepath.Dir(file), lock: f}
		if tryLock(f) != nil {
			f.Close()
			continue
		}
		data := filepath.Join(t.dir, "data")
		if left := serving(data); len(left) > 0 {
			child.End(5*time.Second, func() bool { return len(serving(data)) == 0 }, left...)
		}
		_ = t.remove()
	}
}
