//go:build !unix

package pgtest

import "os/exec"

func giveAway(string) error { return nil }

func command(name string, args ...string) *exec.Cmd { return exec.Command(name, args...) }
