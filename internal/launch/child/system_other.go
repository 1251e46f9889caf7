//go:build unix && !linux

package child

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// attributes make a child run as who, out of reach of the terminal's Ctrl-C.
// Only Linux can end it together with this process; elsewhere the next start does.
func attributes(who Account, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: who.credential()}
}

// Birth names one life of a process id by its start time. It is empty when no
// such process lives.
func Birth(pid int) string {
	out, err := exec.Command("ps", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// Commands returns the command line of each process.
func Commands() map[int]string {
	out, _ := exec.Command("ps", "-axo", "pid=,command=").Output()
	all := map[int]string{}
	for line := range strings.Lines(string(out)) {
		id, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pid, err := strconv.Atoi(id); err == nil {
			all[pid] = command + " "
		}
	}
	return all
}
