package child

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Account is the system user that a server runs as. The zero value is the user
// of this process; another one is needed only for root, as whom PostgreSQL
// refuses to run.
type Account struct {
	name     string
	uid, gid int
}

// ServerAccount chooses the account for servers: our own, or as root the user
// postgres, else nobody.
func ServerAccount() (Account, error) {
	if os.Getuid() != 0 {
		return Account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return accountOf(u)
		}
	}
	return Account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody")
}

func accountOf(u *user.User) (Account, error) {
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return Account{}, fmt.Errorf("user id of %s: %w", u.Username, err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return Account{}, fmt.Errorf("group id of %s: %w", u.Username, err)
	}
	return Account{name: u.Username, uid: uid, gid: gid}, nil
}

// OwnerOf returns the account that owns an existing data folder.
func OwnerOf(dir string) (Account, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return Account{}, fmt.Errorf("find owner: %w", err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	uid := int(stat.Uid)
	switch {
	case uid == os.Getuid() && uid != 0:
		return Account{}, nil
	case os.Getuid() != 0:
		return Account{}, fmt.Errorf("the data in %s belong to another user (id %d): start as that user, or move the folder away", dir, uid)
	case uid == 0:
		return Account{}, fmt.Errorf("the data in %s belong to root, as whom PostgreSQL refuses to run: give them to another user", dir)
	}
	return Account{name: fmt.Sprintf("user %d", uid), uid: uid, gid: int(stat.Gid)}, nil
}

func (a Account) credential() *syscall.Credential {
	if a.uid == 0 {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// Give hands a file or folder that we made to the account.
func (a Account) Give(path string) error {
	if a.uid == 0 {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// Command prepares a program that runs as the account and works in dir. It
// gets none of our environment but PATH.
func (a Account) Command(dir, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential()}
	return cmd
}

// Reaches reports whether the account reaches a folder and may write there. It
// asks the kernel by trying.
func (a Account) Reaches(dir string) bool {
	return a.Command("/", "/bin/sh", "-c", `cd "$0" && test -w .`, dir).Run() == nil
}

// Settle makes dir a folder that only the account uses, and reports whether
// that worked. A folder of somebody else, prepared in a shared place, is refused.
func (a Account) Settle(dir string) bool {
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
	if mine && a.Give(dir) == nil && a.Reaches(dir) {
		return true
	}
	if made {
		_ = os.Remove(dir) // It is empty; a leftover would only confuse.
	}
	return false
}

// String names the account for a message.
func (a Account) String() string {
	if a.uid == 0 {
		return "this user"
	}
	return a.name
}
