//go:build unix

package servertest

import (
	"os/exec"
	"syscall"
)

// Command is a command that runs apart from our terminal, whose interrupt is for us alone.
func Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}
