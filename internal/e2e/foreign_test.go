package e2e

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// startNode starts the example subgraph in Node and returns the address of its graph. Without Node it skips the test, but
// not in CI.
func startNode(t *testing.T) string {
	t.Helper()
	const dir = "../../examples/node-subgraph"
	missing := t.Skipf
	if os.Getenv("CI") != "" {
		missing = t.Fatalf
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing("node is not on this machine: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "graphql")); err != nil {
		install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		install.Dir = dir
		if out, err := install.CombinedOutput(); err != nil {
			missing("npm ci: %v\n%s", err, out)
		}
	}
	_, port, _ := strings.Cut(freeAddress(t), ":")
	var errs bytes.Buffer
	cmd := exec.Command("node", "server.mjs")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), "PORT="+port), &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // It may have ended.
		if err := cmd.Wait(); err != nil {
			t.Errorf("the subgraph in Node ended with %v\n%s", err, errs.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the subgraph in Node says nothing: %v\n%s", err, errs.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	_, address, _ := strings.Cut(strings.TrimSpace(line), "answers at ")
	return address
}

// TestSubgraphInNode joins a subgraph in another language by its address alone, and asks across it.
func TestSubgraphInNode(t *testing.T) {
	t.Parallel()
	address := startNode(t)
	s := &shop{t: t, state: stateDir(t), processes: map[string]*process{}}
	p := start(t, nil, "--state-dir", s.state, "--listen", "127.0.0.1:0", "--subgraph", "care="+address)
	s.graph = p.waitFor(`graph +(http://\S+/graphql)`)
	file := filepath.Join(t.TempDir(), "tea.csv")
	if err := os.WriteFile(file, []byte(teaCatalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	s.load(file)
	a := s.must("", `{ careGuides { kind } products(first: 5, sortKey: TITLE) { nodes { title care { instructions } } } }`, nil)
	care := map[string]bool{}
	for _, product := range get[[]any](t, a.Data, "products", "nodes") {
		m := product.(map[string]any)
		care[m["title"].(string)] = m["care"] != nil
	}
	if len(care) != 3 || !care["Gunpowder green tea"] || !care["Tea glasses"] || care["Mint teapot"] {
		t.Errorf("which products have a guide: %v, want the two of tea", care)
	}
	if f := a.Extensions.Souk.Fetches; f["product"] != 1 || f["care"] != 2 {
		t.Errorf("fetches %v, want 1 of product and 2 of care", f)
	}
}
