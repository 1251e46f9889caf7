// Package crash ends the process at named points, so that tests can show what a crash there leaves behind.
package crash

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Variable names the point at which the process kills itself, as NAME or NAME:N for the Nth time that it is passed. It
// counts in test mode only.
const Variable = "SOUK_CRASH_AT"

type target struct {
	name string
	left atomic.Int64
}

var armed *target // Written before main, never after.

func init() {
	name, count, _ := strings.Cut(os.Getenv(Variable), ":")
	if name == "" || os.Getenv("SOUK_TEST_MODE") != "1" || os.Getenv("SOUK_ENV") == "production" {
		return
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		n = 1
	}
	armed = &target{name: name}
	armed.left.Store(n)
}

// Point kills the process with SIGKILL when it is the chosen point; else it does nothing.
func Point(name string) {
	if armed == nil || armed.name != name || armed.left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL) // It cannot fail: the process is ours.
	select {}
}
