//go:build !unix

package pgtest

import (
	"os/exec"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

func giveAway(string) error { return nil }

func command(name string, args ...string) *exec.Cmd { return servertest.Command(name, args...) }
