package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/soukhq/souk/internal/launch/child"
)

// RunningError says that another process runs this installation already.
type RunningError struct {
	StateDir string
	PID      int // 0 when it is not known
}

// Error names the process to look for.
func (e *RunningError) Error() string {
	who := "by another process"
	if e.PID != 0 {
		who = fmt.Sprintf("as process %d", e.PID)
	}
	return fmt.Sprintf("the shop of %s runs already %s; stop it first", filepath.Dir(e.StateDir), who)
}

// record is what a start leaves in the state folder for processes that join
// and for the next start.
type record struct {
	StateDir string `json:"state_dir"` // where it was written: a copied checkout has a copied record
	URL      string `json:"url"`
	Given    bool   `json:"given"`            // the URL was the user's
	Holder   int    `json:"holder"`           // process that holds the lock
	Server   int    `json:"server,omitempty"` // process of a private server
	Birth    string `json:"birth,omitempty"`  // tells that process from a later one with the same id
}

// open starts one kind of server under the installation's lock, or joins the
// one that runs.
func (o Options) open(ctx context.Context, kind string, start func(Options) (*Server, error)) (*Server, error) {
	o, err := o.ready()
	if err != nil {
		return nil, err
	}
	if o.Throwaway || o.Join && o.URL != "" {
		return start(o)
	}
	lock, err := o.acquire(kind)
	for running := new(RunningError); o.Join && errors.As(err, &running); lock, err = o.acquire(kind) {
		if server, err := o.join(ctx, kind); !errors.Is(err, errEnded) {
			return server, err
		}
	}
	if err != nil {
		return nil, err
	}
	last, known := o.recall(kind)
	if known {
		o.endOrphan(kind, last)
	}
	if o.Join && o.URL == "" && known && last.Given {
		o.URL = last.URL
	}
	server, err := start(o)
	if err != nil {
		lock.Close()
		return nil, err
	}
	now := record{StateDir: o.StateDir, URL: server.URL, Given: o.URL != "", Holder: os.Getpid()}
	if server.process != nil {
		now.Server, now.Birth = server.process.PID, child.Birth(server.process.PID)
	}
	end := server.end
	server.end = func() error {
		defer lock.Close()
		if end == nil {
			return nil
		}
		return end()
	}
	if err := o.write(kind, now); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return server, nil
}

// acquire takes the lock of one kind of server until the file is closed.
func (o Options) acquire(kind string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(o.StateDir, kind+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("the state folder %s belongs to another user: start as that user, or remove the folder (%w)", o.StateDir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	err = tryLock(f)
	if errors.Is(err, errLocked) {
		text, _ := io.ReadAll(f)
		f.Close()
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		return nil, &RunningError{StateDir: o.StateDir, PID: pid}
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("take lock: %w", err)
	}
	return f, nil
}

// errEnded says that the shop to join ended in the meantime.
var errEnded = errors.New("the running shop has ended")

// join waits until the process that holds the lock has written down its
// server, and returns that.
func (o Options) join(ctx context.Context, kind string) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		lock, err := o.acquire(kind)
		if err == nil {
			lock.Close()
			return nil, errEnded
		}
		var running *RunningError
		if !errors.As(err, &running) {
			return nil, err
		}
		if at, known := o.recall(kind); known && at.Holder == running.PID {
			return newServer(at.URL, fmt.Sprintf("the shop that runs as process %d", at.Holder), nil, nil), nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("join the shop that starts as process %d: %w", running.PID, ctx.Err())
		}
	}
}

// endOrphan stops the server that a killed process of this installation left
// behind, and no other.
func (o Options) endOrphan(kind string, last record) {
	if last.StateDir != o.StateDir || last.Server == 0 || last.Birth == "" || child.Birth(last.Server) != last.Birth {
		return
	}
	o.Log.Warn("server of a killed process found", "server", kind, "pid", last.Server)
	child.End(10*time.Second, func() bool { return child.Birth(last.Server) != last.Birth }, last.Server)
}

// errLocked says that another process, or another opening of the file, has the lock.
var errLocked = errors.New("locked by another process")

// tryLock takes the lock of a file until the file is closed. The kernel
// releases it when this process ends, however it ends.
func tryLock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

func (o Options) recall(kind string) (record, bool) {
	var r record
	text, err := os.ReadFile(filepath.Join(o.StateDir, kind+".json"))
	if err != nil {
		return r, false
	}
	return r, json.Unmarshal(text, &r) == nil
}

func (o Options) write(kind string, r record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write down server: %w", err)
	}
	if err := writeFile(filepath.Join(o.StateDir, kind+".json"), string(text)+"\n"); err != nil {
		return fmt.Errorf("write down server: %w", err)
	}
	return nil
}

// writeFile replaces a private file in one step.
func writeFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
