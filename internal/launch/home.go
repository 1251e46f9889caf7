package launch

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/soukhq/souk/internal/launch/child"
)

// A home is the folder of a private PostgreSQL. It lies in the state folder if
// the server's account can reach that, else, as for a clone below a root-only
// folder, in a shared place under a random name. The state folder remembers its
// home, and the home its state folder.
const (
	homeFile  = "postgres.home" // in the state folder: path of the home
	ownerFile = "checkout"      // in the home: path of the state folder
)

// oldHome returns the home that already holds this installation's data, or "".
func (o Options) oldHome() string {
	for _, dir := range o.knownHomes() {
		if _, err := os.Stat(filepath.Join(dir, "data", "PG_VERSION")); err == nil {
			return dir
		}
	}
	return ""
}

// knownHomes lists the remembered home, if it is ours, and the usual one.
func (o Options) knownHomes() []string {
	usual := filepath.Join(o.StateDir, "postgres")
	text, err := os.ReadFile(filepath.Join(o.StateDir, homeFile))
	if err != nil {
		return []string{usual}
	}
	// A copied checkout must not share the home of the one it was copied from;
	// a moved one keeps it.
	home := strings.TrimSpace(string(text))
	owner, err := os.ReadFile(filepath.Join(home, ownerFile))
	if err != nil {
		return []string{usual}
	}
	state := strings.TrimSpace(string(owner))
	if _, err := os.Stat(state); state == o.StateDir || errors.Is(err, os.ErrNotExist) {
		return []string{home, usual}
	}
	return []string{usual}
}

// newHome chooses a place for new data that the account can use.
func (o Options) newHome(a child.Account) (string, error) {
	places := o.knownHomes()
	if os.Getuid() == 0 {
		id := strings.ToLower(rand.Text()[:12])
		places = append(places, filepath.Join("/var/lib/souk", id), filepath.Join("/var/tmp", "souk-"+id))
	}
	for _, dir := range places {
		if a.Settle(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no folder for PostgreSQL's data that %s can use; tried %s", a, strings.Join(places, ", "))
}

// remember writes down, on both sides, which home belongs to which state folder.
func (o Options) remember(home string) error {
	err := writeFile(filepath.Join(home, ownerFile), o.StateDir+"\n")
	if err == nil {
		err = writeFile(filepath.Join(o.StateDir, homeFile), home+"\n")
	}
	if err != nil {
		return fmt.Errorf("remember data folder: %w", err)
	}
	return nil
}
