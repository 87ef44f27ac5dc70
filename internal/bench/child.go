package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// child is a process of this binary with a job of its own: a far end, an endpoint, a worker. It ends when its standard
// input does, be it because its parent is gone.
type child struct {
	said  string // the line with which it reports that it is ready
	stdin io.Closer
	cmd   *exec.Cmd
}

func spawn(ctx context.Context, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{stdin: stdin, cmd: cmd}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("%s did not start: %w", strings.Join(args, " "), err)
	}
	c.said = strings.TrimSpace(line)
	return c, nil
}

func (c *child) stop() {
	c.stdin.Close()
	c.cmd.Wait()
}

// orphaned calls end once the parent is gone or wants this process to end.
func orphaned(end func()) {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		end()
	}()
}
