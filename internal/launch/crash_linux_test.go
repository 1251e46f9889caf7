package launch_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/soukhq/souk/internal/launch"
)

// child is a process that another process started, kept by a descriptor, so
// that its end can be awaited.
type child struct{ pid, fd int }

// childrenOf returns the processes that a process started.
func childrenOf(t *testing.T, parent int) []child {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var all []child
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // It has ended.
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if fields[1] != strconv.Itoa(parent) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		all = append(all, child{pid, fd})
	}
	return all
}

// waitForEnd waits until the process has ended.
func (c child) waitForEnd(t *testing.T) {
	t.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}, 20_000)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n == 0 {
			t.Errorf("process %d lives on (%v)", c.pid, err)
		}
		return
	}
}

func TestEndOfTheShop(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]syscall.Signal{"kill -9": syscall.SIGKILL, "Ctrl-C": syscall.SIGINT} {
		t.Run(name+" leaves no server and loses no data", func(t *testing.T) {
			t.Parallel()
			dir := stateDir(t)
			cmd, url := runShop(t, dir)
			do(t, url, `create table kept as select 'still here' as word`)
			servers := childrenOf(t, cmd.Process.Pid)
			if len(servers) == 0 {
				t.Fatal("the shop started no server")
			}
			for _, c := range servers {
				if group, err := unix.Getpgid(c.pid); err != nil || group == cmd.Process.Pid {
					t.Errorf("process %d is in the group that gets Ctrl-C (%v), before the services are done with it", c.pid, err)
				}
			}
			// A terminal sends Ctrl-C to the whole process group.
			if err := syscall.Kill(-cmd.Process.Pid, s); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); (err == nil) != (s == syscall.SIGINT) {
				t.Errorf("the shop ended with %v", err)
			}
			again := start(t, launch.Options{StateDir: dir}) // At once: the server may still be ending.
			if got := read(t, again.URL, `select word from kept`); got != "still here" {
				t.Errorf("word = %q, want still here", got)
			}
			for _, c := range servers {
				c.waitForEnd(t)
			}
		})
	}

	t.Run("the folder of a killed throw-away server is swept by the next one", func(t *testing.T) {
		t.Parallel()
		cmd, url := runShop(t, "throwaway")
		home := filepath.Dir(read(t, url, `show data_directory`))
		servers := childrenOf(t, cmd.Process.Pid)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		for _, c := range servers {
			c.waitForEnd(t)
		}
		start(t, launch.Options{Throwaway: true})
		if left, err := filepath.Glob(home + "*"); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})

	t.Run("Run reports a server that was killed", func(t *testing.T) {
		t.Parallel()
		s := start(t, launch.Options{Throwaway: true})
		data := read(t, s.URL, `show data_directory`)
		text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		pid, err := strconv.Atoi(first)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { ended <- s.Run(t.Context()) }()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "signal: killed") {
			t.Errorf("Run() = %v, want that postgres was killed", err)
		}
	})
}

func TestRootOnlyCheckout(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root's servers run as another user")
	}
	checkout := t.TempDir() // Only its owner may enter it.
	dir := filepath.Join(checkout, "state")
	s := start(t, launch.Options{StateDir: dir})
	home := homeOf(t, s)
	if strings.HasPrefix(home, checkout) {
		t.Fatalf("data are in %s, which only root reaches", home)
	}
	do(t, s.URL, `create table kept as select 'still here' as word`)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}

	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	s = start(t, launch.Options{StateDir: moved})
	homeOf(t, s)
	if got := read(t, s.URL, `select word from kept`); got != "still here" {
		t.Errorf("in the moved checkout word = %q, want still here", got)
	}

	// While that one runs:
	copied := filepath.Join(t.TempDir(), "copied")
	if err := os.CopyFS(copied, os.DirFS(moved)); err != nil {
		t.Fatal(err)
	}
	for name, state := range map[string]string{"copied": copied, "new at the old place": dir} {
		other := start(t, launch.Options{StateDir: state})
		if homeOf(t, other) == home {
			t.Errorf("the checkout %s shares the data of the moved one", name)
		}
	}
	if got := read(t, s.URL, `select word from kept`); got != "still here" {
		t.Errorf("after other checkouts started word = %q, want still here", got)
	}
}

// homeOf returns the folder of a server's data, which goes with the test.
func homeOf(t *testing.T, s *launch.Server) string {
	t.Helper()
	home := filepath.Dir(read(t, s.URL, `show data_directory`))
	t.Cleanup(func() {
		if err := errors.Join(s.Stop(), os.RemoveAll(home)); err != nil {
			t.Error(err)
		}
	})
	return home
}
