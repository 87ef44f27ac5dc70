//go:build !unix

package servertest

import "os/exec"

// Command is a command.
func Command(name string, args ...string) *exec.Cmd { return exec.Command(name, args...) }
