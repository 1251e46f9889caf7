package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed testdata/pprof.go
var pprofSource []byte

// profileRouter builds the program in the current folder anew with pprof in it, loads it with the main query and writes
// its CPU profile and the profile of what it allocates meanwhile.
func (p *plan) profileRouter(command string) error {
	if err := os.MkdirAll(p.profile, 0o755); err != nil {
		return err
	}
	binary := filepath.Join(p.profile, "souk")
	if err := p.buildProfiled(binary); err != nil {
		return err
	}
	_, arguments, _ := strings.Cut(command, " ")
	address, err := freeAddress()
	if err != nil {
		return err
	}
	if err := os.Setenv("GATEWAY_PPROF", address); err != nil {
		return err
	}
	r, err := p.startGateway(binary + " " + arguments)
	if err != nil {
		return err
	}
	defer r.stop()
	opt := p.options(r)
	opt.requests, opt.time = 1_000_000, 8*time.Second
	var before, after memory
	if err := before.read(address); err != nil {
		return err
	}
	profiles := make(chan error, 2)
	for _, name := range []string{"profile", "allocs"} {
		go func() { profiles <- save(address, name, filepath.Join(p.profile, name+".pprof")) }()
	}
	w := p.fixtures.workloads[0]
	loaded, err := load(w, opt)
	if err != nil {
		return err
	}
	for range 2 {
		if err := <-profiles; err != nil {
			return err
		}
	}
	if err := after.read(address); err != nil {
		return err
	}
	fmt.Printf("\nProfiled, query %s: %d allocations, %.1f KB and %.4f garbage collections for each request.\nRead the profiles with: go tool pprof -top %s %s\n",
		w.name, (after.Mallocs-before.Mallocs)/loaded.requests, float64(after.TotalAlloc-before.TotalAlloc)/float64(loaded.requests)/1e3,
		float64(after.NumGC-before.NumGC)/float64(loaded.requests), binary, filepath.Join(p.profile, "profile.pprof"))
	return loaded.firstFailure
}

// buildProfiled builds the module in the current folder with one more file.
func (p *plan) buildProfiled(binary string) error {
	source := filepath.Join(p.dir, "pprof.go")
	if err := os.WriteFile(source, pprofSource, 0o600); err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "pprof_overlay.go"): source}})
	if err != nil {
		return err
	}
	file := filepath.Join(p.dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		return err
	}
	build := exec.Command("go", "build", "-overlay", file, "-o", binary, ".")
	build.Stderr = os.Stderr
	return build.Run()
}

// memory is what Go's memory statistics count since the start.
type memory struct{ Mallocs, TotalAlloc, NumGC int64 }

func (m *memory) read(address string) error {
	response, err := http.Get("http://" + address + "/debug/vars")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(&struct{ Memstats *memory }{m})
}

// save writes one profile of six seconds to a file.
func save(address, name, file string) error {
	response, err := http.Get("http://" + address + "/debug/pprof/" + name + "?seconds=6")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("profile %s: %s", name, content)
	}
	return os.WriteFile(file, content, 0o644)
}

// freeAddress returns an address on this machine at which nothing answers.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
