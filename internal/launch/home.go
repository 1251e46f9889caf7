package launch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/soukhq/souk/internal/launch/child"
)

// homes lists where the private PostgreSQL of this installation may live, the
// remembered place first. Only root needs more than the state folder, because
// the server's account may not reach a clone below a root-only folder.
func (o Options) homes() []string {
	sum := sha256.Sum256([]byte(o.StateDir))
	id := hex.EncodeToString(sum[:6])
	places := []string{filepath.Join(o.StateDir, "postgres")}
	if os.Getuid() == 0 {
		places = append(places, filepath.Join("/var/lib/souk", id), filepath.Join("/var/tmp", "souk-"+id))
	}
	text, err := os.ReadFile(filepath.Join(o.StateDir, homeFile))
	if err != nil {
		return places
	}
	// A copied checkout must not share the data of the one it was copied from;
	// a moved one keeps them.
	home, state, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if _, err := os.Stat(state); state == o.StateDir || errors.Is(err, os.ErrNotExist) {
		places = append([]string{home}, places...)
	}
	return places
}

// homeFile remembers in the state folder where the data are, and for which
// state folder that was decided.
const homeFile = "postgres.home"

// oldHome returns the place that already holds this installation's data, or "".
func (o Options) oldHome() string {
	for _, dir := range o.homes() {
		if _, err := os.Stat(filepath.Join(dir, "data", "PG_VERSION")); err == nil {
			return dir
		}
	}
	return ""
}

// newHome chooses a place for new data that the account can use.
func (o Options) newHome(a child.Account) (string, error) {
	places := o.homes()
	for _, dir := range places {
		if a.Settle(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no folder for PostgreSQL's data that %s can use; tried %s", a, strings.Join(places, ", "))
}

// remember writes down where the data are.
func (o Options) remember(home string) error {
	if err := writeFile(filepath.Join(o.StateDir, homeFile), home+"\n"+o.StateDir+"\n"); err != nil {
		return fmt.Errorf("remember data folder: %w", err)
	}
	return nil
}
