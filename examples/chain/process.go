package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// process is a service in a process of its own. When it dies it is started again.
type process struct {
	task task

	mu     sync.Mutex
	url    string // "" while it does not serve
	killed bool   // it was we who ended it
	child  *exec.Cmd
	exited chan struct{}
	said   []string // the last lines of its log
}

// keep starts the service, again and again, until ctx ends. It is an error if the service ends by itself after it has
// begun to serve, or cannot begin.
func (p *process) keep(ctx context.Context) error {
	const most = 50 // its database may be away
	for failures := 0; ; failures++ {
		served, err := p.live(ctx)
		switch killed := p.wasKilled(); {
		case ctx.Err() != nil:
			return err
		case killed:
			failures = 0
		case served || failures == most:
			return fmt.Errorf("%s service ended by itself: %w\n%s", p.task.Service, err, p.log())
		default:
			wait(ctx, 200*time.Millisecond)
		}
	}
}

// live is one life of the service. When ctx ends, it is told to end well.
func (p *process) live(ctx context.Context) (served bool, err error) {
	self, err := os.Executable()
	if err != nil {
		return false, err
	}
	text, err := json.Marshal(p.task)
	if err != nil {
		return false, err
	}
	child := exec.CommandContext(ctx, self)
	child.Env = append(os.Environ(), taskVariable+"="+string(text)) // not an argument: it holds secrets
	lifeline, err := child.StdinPipe()
	if err != nil {
		return false, err
	}
	child.Cancel = lifeline.Close
	child.WaitDelay = 30 * time.Second
	log, err := child.StderrPipe()
	if err != nil {
		return false, err
	}
	if err := child.Start(); err != nil {
		return false, err
	}
	exited := make(chan struct{})
	p.born(child, exited)
	served = p.listen(log)
	err = child.Wait()
	if ctx.Err() != nil && child.ProcessState.Success() {
		err = nil // it ended as it was told
	}
	p.mu.Lock()
	p.url, p.child = "", nil
	p.mu.Unlock()
	close(exited)
	return served, err
}

func (p *process) born(child *exec.Cmd, exited chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.child, p.exited, p.killed, p.said = child, exited, false, nil
}

// listen reads the log of a life to its end, and finds the address in it.
func (p *process) listen(log io.Reader) (served bool) {
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		url, found := strings.CutPrefix(lines.Text(), "listening on ")
		p.mu.Lock()
		if found && !p.killed {
			p.url, served = url, true
		}
		p.said = append(p.said[max(0, len(p.said)-20):], lines.Text())
		p.mu.Unlock()
	}
	return served
}

// kill ends the service in the middle of whatever it does, and reports whether there was one to end.
func (p *process) kill() bool {
	p.mu.Lock()
	child, exited := p.child, p.exited
	if child == nil {
		p.mu.Unlock()
		return false
	}
	p.url, p.killed = "", true // nothing is sent to an address that may soon be another's
	p.mu.Unlock()
	err := child.Process.Kill()
	<-exited
	return err == nil
}

func (p *process) wasKilled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.said, "\n")
}

var errAway = errors.New("the service is away")

// address is where it serves now.
func (p *process) address() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.url == "" {
		return "", errAway
	}
	return p.url, nil
}

// wait waits, at most until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
