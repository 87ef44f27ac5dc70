//go:build unix

package pgtest

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

// unprivileged is whom a server runs as where we are root, which Postgres refuses: nil where we are not.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(errUID, errGID); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("a server does not run as root, and there is neither a user postgres nor nobody")
}

func giveAway(dir string) error {
	who, err := unprivileged()
	if err != nil || who == nil {
		return err
	}
	return os.Chown(dir, int(who.Uid), int(who.Gid))
}

// command runs apart from our terminal, whose interrupt is for us alone. Should nobody unprivileged be found, giveAway
// has said so before.
func command(name string, args ...string) *exec.Cmd {
	cmd := servertest.Command(name, args...)
	cmd.SysProcAttr.Credential, _ = unprivileged()
	return cmd
}
