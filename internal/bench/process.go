package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// tick is the unit in which Linux tells programs the time that processes have used.
const tick = 10 * time.Millisecond

// usage is what a process has used so far.
type usage struct {
	cpu time.Duration // of all its threads, in user and kernel mode
	rss int64         // bytes
}

// usageOf reads what Linux tells about a process.
func usageOf(pid int) (usage, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, fmt.Errorf("read what the gateway uses: %w", err)
	}
	// The name in brackets may hold spaces; proc(5) counts utime as field 14, stime as 15 and rss as 24.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 22 {
		return usage{}, fmt.Errorf("read what the gateway uses: /proc/%d/stat has %d fields", pid, len(fields))
	}
	var values [3]int64
	for i, at := range [3]int{11, 12, 21} {
		if values[i], err = strconv.ParseInt(string(fields[at]), 10, 64); err != nil {
			return usage{}, fmt.Errorf("read what the gateway uses: %w", err)
		}
	}
	return usage{cpu: time.Duration(values[0]+values[1]) * tick, rss: values[2] * int64(os.Getpagesize())}, nil
}

// process is a program that was started and answers at an address.
type process struct {
	address string
	command *exec.Cmd
	ended   chan struct{}
}

// start runs a command line, whose words are separated by spaces, with a free address in the place of {listen}.
// What the program says goes to standard error.
func start(line string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p := &process{address: address, ended: make(chan struct{})}
	words := strings.Fields(strings.ReplaceAll(line, "{listen}", p.address))
	p.command = exec.Command(words[0], words[1:]...)
	p.command.Stdout, p.command.Stderr = os.Stderr, os.Stderr
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.command.Wait() // However it ended, it has ended.
		close(p.ended)
	}()
	return p, nil
}

func (p *process) pid() int { return p.command.Process.Pid }

// alive tells whether the program has not ended yet.
func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// stop ends the program and waits until it has ended.
func (p *process) stop() {
	_ = p.command.Process.Signal(os.Interrupt) // It may have ended already.
	select {
	case <-p.ended:
	case <-time.After(5 * time.Second):
		_ = p.command.Process.Kill()
		<-p.ended
	}
}
