package launch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is the system user that a server runs as. The zero value is the user
// of this process; another one is needed only for root, as whom PostgreSQL
// refuses to run.
type account struct {
	name     string
	uid, gid int
}

// serverAccount chooses the account for servers: our own, or as root the user
// postgres, else nobody.
func serverAccount() (account, error) {
	if os.Getuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return accountOf(u)
		}
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody")
}

func accountOf(u *user.User) (account, error) {
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, fmt.Errorf("user id of %s: %w", u.Username, err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, fmt.Errorf("group id of %s: %w", u.Username, err)
	}
	return account{name: u.Username, uid: uid, gid: gid}, nil
}

// ownerOf returns the account that owns an existing data folder.
func ownerOf(dir string) (account, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return account{}, fmt.Errorf("find owner: %w", err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	uid := int(stat.Uid)
	switch {
	case uid == os.Getuid() && uid != 0:
		return account{}, nil
	case os.Getuid() != 0:
		return account{}, fmt.Errorf("the data in %s belong to another user (id %d): start as that user, or move the folder away", dir, uid)
	case uid == 0:
		return account{}, fmt.Errorf("the data in %s belong to root, as whom PostgreSQL refuses to run: give them to another user", dir)
	}
	return account{name: fmt.Sprintf("user %d", uid), uid: uid, gid: int(stat.Gid)}, nil
}

func (a account) credential() *syscall.Credential {
	if a.uid == 0 {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// give hands a file or folder that we made to the account.
func (a account) give(path string) error {
	if a.uid == 0 {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// command prepares a program that runs as the account and works in dir. It
// gets none of our environment but PATH.
func (a account) command(dir, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential()}
	return cmd
}

// can reports whether the account reaches a folder and may write there. It
// asks the kernel by trying.
func (a account) can(dir string) bool {
	return a.command("/", "/bin/sh", "-c", `cd "$0" && test -w .`, dir).Run() == nil
}

// settle makes dir a folder that only the account uses, and reports whether
// that worked. A folder of somebody else, prepared in a shared place, is refused.
func (a account) settle(dir string) bool {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return false
	}
	err := os.Mkdir(dir, 0o700)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return false
	}
	made := err == nil
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&0o022 != 0 {
		return false
	}
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	mine := owner == os.Getuid() || a.uid != 0 && owner == a.uid
	if mine && a.give(dir) == nil && a.can(dir) {
		return true
	}
	if made {
		_ = os.Remove(dir) // It is empty; a leftover would only confuse.
	}
	return false
}

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
func (o Options) newHome(a account) (string, error) {
	places := o.homes()
	for _, dir := range places {
		if a.settle(dir) {
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

// String names the account for a message.
func (a account) String() string {
	if a.uid == 0 {
		return "this user"
	}
	return a.name
}
