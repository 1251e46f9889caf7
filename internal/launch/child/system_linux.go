package child

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// attributes make a child run as who, out of reach of the terminal's Ctrl-C
// (its parent stops it in order), and die with this process.
func attributes(who Account, last syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: last, Credential: who.credential()}
}

// Birth names one life of a process id: boot and start time. It is empty when
// no such process lives.
func Birth(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The command in parentheses may hold anything; the fields follow the last one.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + fields[19]
}

// Commands returns the command line of each process. Everybody may read them,
// unlike a process's working folder, which root may not see in a container.
func Commands() map[int]string {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	all := make(map[int]string, len(files))
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		if text, err := os.ReadFile(file); err == nil && len(text) > 0 {
			all[pid] = strings.ReplaceAll(string(text), "\x00", " ")
		}
	}
	return all
}
