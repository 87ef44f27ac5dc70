//go:build unix

package harness

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// pack is the process group of all workers of a run. It ends with its parent, however that ends and whatever the
// workers do, since one that is stopped would otherwise stand still for ever.
type pack struct {
	guardian *exec.Cmd
	lifeline io.Closer // the guardian's standard input
	members  sync.WaitGroup
}

func newPack() (*pack, error) {
	guardian := exec.Command("sh", "-c", "read -r _; kill -KILL 0")
	guardian.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	lifeline, err := guardian.StdinPipe()
	if err == nil {
		err = guardian.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("harness: guardian: %w", err)
	}
	return &pack{guardian: guardian, lifeline: lifeline}, nil
}

// close kills every worker that is left.
func (p *pack) close() {
	p.lifeline.Close()
	p.guardian.Wait()
	p.members.Wait()
}

// process is a worker as its parent has it.
type process struct {
	name      string
	cmd       *exec.Cmd
	words     io.WriteCloser
	ready     chan struct{}
	published chan struct{}
	reached   chan struct{}
	exited    chan struct{}
	err       error // of Wait, once exited
}

// spawn starts this program again as a worker, which writes what it has to complain about to log.
func (p *pack) spawn(a assignment, log io.Writer) (*process, error) {
	w, says, err := p.start(a, log)
	if err != nil {
		return nil, fmt.Errorf("harness: worker %s: %w", a.Name, err)
	}
	p.members.Go(func() { w.attend(says) })
	return w, nil
}

func (p *pack) start(a assignment, log io.Writer) (w *process, says io.Reader, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	text, err := json.Marshal(a)
	if err != nil {
		return nil, nil, err
	}
	w = &process{
		name: a.Name, cmd: exec.Command(self),
		ready: make(chan struct{}), published: make(chan struct{}), reached: make(chan struct{}), exited: make(chan struct{}),
	}
	w.cmd.Env = append(os.Environ(), assignmentVar+"="+string(text))
	w.cmd.Stderr = log
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: p.guardian.Process.Pid}
	if w.words, err = w.cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	if says, err = w.cmd.StdoutPipe(); err != nil {
		return nil, nil, err
	}
	return w, says, w.cmd.Start()
}

// attend hears what the worker says until it is gone.
func (p *process) attend(says io.Reader) {
	said := map[string]func(){
		saysReady:     sync.OnceFunc(func() { close(p.ready) }),
		saysPublished: sync.OnceFunc(func() { close(p.published) }),
		saysReached:   sync.OnceFunc(func() { close(p.reached) }),
	}
	lines := bufio.NewScanner(says)
	for lines.Scan() {
		if heard := said[lines.Text()]; heard != nil {
			heard()
		}
	}
	p.err = p.cmd.Wait()
	close(p.exited)
}

func (p *process) signal(s syscall.Signal) { p.cmd.Process.Signal(s) }

// kill ends the worker in the middle of whatever it does.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.exited
}

// await waits for one of the worker's announcements, at most d and while the worker lives, and reports whether it came.
func (p *process) await(ctx context.Context, announced chan struct{}, d time.Duration) bool {
	select {
	case <-announced:
	case <-p.exited:
	case <-ctx.Done():
	case <-time.After(d):
	}
	return closed(announced)
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// finish waits for an orderly end.
func (p *process) finish(d time.Duration) error {
	select {
	case <-p.exited:
	case <-time.After(d):
		p.kill()
		return fmt.Errorf("harness: worker %s was told to end and had not after %v", p.name, d)
	}
	if p.err != nil {
		return fmt.Errorf("harness: worker %s was told to end: %w", p.name, p.err)
	}
	return nil
}

// wasKilled reports whether SIGKILL ended it, and an error if anything else but success did.
func (p *process) wasKilled() (bool, error) {
	var exit *exec.ExitError
	if !errors.As(p.err, &exit) {
		return false, p.err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
		return true, nil
	}
	return false, fmt.Errorf("harness: worker %s ended by itself: %w", p.name, p.err)
}
