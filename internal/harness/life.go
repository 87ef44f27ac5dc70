//go:build unix

package harness

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	startup  = 30 * time.Second // for a worker to open the store, also while the database is away
	deadline = 3 * time.Second  // for a point to be reached; a worker that does not get there is killed as it is
	farewell = 20 * time.Second // for an orderly end
	afterall = 300 * time.Millisecond
)

// live is the whole life of one worker.
func (r *run) live(ctx context.Context, slot, life int, f fate) error {
	p, err := r.start(slot, life, f, false)
	if err != nil {
		return err
	}
	defer p.kill()
	if !p.await(ctx, p.ready, startup) && !closed(p.exited) {
		return fmt.Errorf("harness: worker %s did not start within %v", p.name, startup)
	}
	occasion := r.end(ctx, p, f)
	if f.end == retired {
		r.count(occasion, false)
		return p.retire()
	}
	p.kill()
	killed, err := p.wasKilled()
	if err != nil {
		return err
	}
	r.count(occasion, killed)
	return nil
}

// end brings a worker's fate about and says what it came to. The worker is dead afterwards, or at its last breath.
func (r *run) end(ctx context.Context, p *process, f fate) (occasion string) {
	switch f.end {
	case retired:
		idle(ctx, f.after)
	case stopped:
		idle(ctx, f.after)
		p.signal(syscall.SIGSTOP)
		idle(ctx, r.Lease+afterall)
		p.signal(syscall.SIGCONT)
		idle(ctx, afterall)
	case held:
		if !p.await(ctx, p.reached, deadline) {
			return fate{}.String()
		}
		idle(ctx, r.Lease+afterall)
		if f.pity {
			io.WriteString(p.words, wordGo+"\n")
			idle(ctx, afterall)
		}
	case atPoint:
		if f.point == PointArrival {
			r.doom(p)
		}
		if !p.await(ctx, p.exited, deadline) {
			return fate{}.String()
		}
	default:
		idle(ctx, f.after)
	}
	return f.String()
}

// onArrival kills the worker that sent a request, if that is its fate.
func (r *run) onArrival(worker string) {
	r.mu.Lock()
	p := r.doomed[worker]
	delete(r.doomed, worker)
	r.mu.Unlock()
	if p != nil {
		p.kill()
	}
}

func (r *run) doom(p *process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doomed[p.name] = p
}

// retire asks for a graceful shutdown.
func (p *process) retire() error {
	p.signal(syscall.SIGTERM)
	return p.finish(farewell)
}

func (r *run) journal(slot int) string {
	return filepath.Join(r.Dir, fmt.Sprintf("slot%d.journal", slot))
}

func (r *run) start(slot, life int, f fate, quiet bool) (*process, error) {
	log, err := os.OpenFile(filepath.Join(r.Dir, fmt.Sprintf("slot%d.log", slot)), os.O_CREATE|os.O_APPEND|os.O_WRONLY,
		0o600)
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	defer log.Close()
	a := assignment{
		Name: fmt.Sprintf("w%d-%d", slot, life), Backend: r.Backend.Name, Address: r.Via, Journal: r.journal(slot),
		Lease: r.Lease, Quiet: quiet, Hit: f.hit, Hold: f.end == held,
	}
	if f.point != PointArrival {
		a.Point = f.point
	}
	fmt.Fprintf(log, "-- %s: %v\n", a.Name, f)
	return r.pack.spawn(a, log)
}
