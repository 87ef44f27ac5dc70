package servertest

import (
	"fmt"
	"io"
	"os/exec"
)

// Guardian is a process that cleans up behind this one, however it ends.
type Guardian struct {
	cmd      *exec.Cmd
	lifeline io.Closer // its standard input
}

// Guard starts a guardian. cmd must wait for the end of its standard input, which comes by Release, or because this
// process is gone.
func Guard(cmd *exec.Cmd) (*Guardian, error) {
	cmd.Dir = "/"
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("guardian: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("guardian: %w", err)
	}
	return &Guardian{cmd: cmd, lifeline: lifeline}, nil
}

// Release lets the guardian do its work, and waits for it.
func (g *Guardian) Release() {
	g.lifeline.Close()
	g.cmd.Wait()
}
