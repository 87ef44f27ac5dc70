package sqlinbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// job is one claim at work.
type job struct {
	*claim
	ctx     context.Context
	cancel  context.CancelCauseFunc
	scope   *scope
	started time.Time

	// Under the runner's mu.
	held     time.Time // the lease lasts from here at least
	settling bool      // what came of it is being written
}

// start begins a job. Should this process still run the event under an earlier claim, that one is lost.
func (r *runner) start(c *claim, held time.Time) {
	j := &job{claim: c, held: held, started: time.Now()}
	ctx, cancel := context.WithCancelCause(r.handlers)
	j.cancel = cancel
	j.ctx, j.scope = r.db.withScope(ctx)
	r.mu.Lock()
	for other := range r.running {
		if other.seq == j.seq {
			other.cancel(ErrLeaseLost)
		}
	}
	r.running[j] = true
	r.mu.Unlock()
	go r.work(j)
}

// work runs one job to its end.
func (r *runner) work(j *job) {
	defer r.finished(j)
	switch {
	case j.unreadable != nil:
		r.conclude(j, receiver.Permanent(j.unreadable), 0)
		return
	case j.lapses > maxLapses:
		r.conclude(j, receiver.Permanent(errCrashes), 0)
		return
	}
	var err error
	start, returned := time.Now(), false
	defer func() {
		if !returned {
			err = r.panicked(j, recover())
		}
		r.conclude(j, err, time.Since(start))
	}()
	err = r.next.HandleEvent(j.ctx, j.ev)
	returned = true
}

// finished gives the worker back, and rouses Run where that may be of use: to hand the lane on, or for others that
// wait.
func (r *runner) finished(j *job) {
	j.cancel(nil)
	r.mu.Lock()
	delete(r.running, j)
	hungry := r.hungry
	r.mu.Unlock()
	if hungry {
		r.rouse()
	}
	r.rouseLane(j.lane)
	signal(r.ended)
}

// panicked reports a panic with value v, nil for a Goexit, which goes on unwinding whatever is done here.
func (r *runner) panicked(j *job, v any) error {
	if v == nil {
		return errors.New("sqlinbox: the handler called runtime.Goexit")
	}
	err := fmt.Errorf("sqlinbox: the handler panicked: %s", panicText(v))
	r.log(j.ctx, slog.LevelError, "sqlinbox: handler panicked", j.ev,
		slog.Int64("inbox_id", j.seq), slog.Any("err", err), slog.String("stack", string(debug.Stack())))
	return err
}
