//go:build unix

package redistest

import (
	"os/exec"
	"syscall"
)

// command runs apart from our terminal, whose interrupt is for us alone.
func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}
