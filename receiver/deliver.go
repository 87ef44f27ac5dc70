package receiver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// deliver runs the event once: claim, handler, commit or release. The handler's goroutine is the request's, so that nothing
// is left running when the answer is out; its context survives a sender that hangs up, since the sender will retry
// what it did not see answered, and half a run helps nobody.
func (h *handler) deliver(r *http.Request, d *Dialect, ev *Event) answer {
	ctx := newTerm(r, ev, ev.ReceivedAt.Add(d.Deadline))
	defer ctx.end()
	if ev.Key == "" {
		a, err := h.run(ctx, ev)
		return abortOr(a, err)
	}
	var (
		ran    bool
		a      answer
		runErr error
	)
	err := h.cfg.Dedupe.Do(ctx, ev.Key, func(ctx context.Context) error {
		ran = true
		a, runErr = h.run(ctx, ev)
		return runErr
	})
	switch {
	case ran:
		// The handler has succeeded even if the commit has not: asking for a retry would make sure that the event
		// runs twice, where now it does so only if the sender repeats it.
		if runErr == nil && err != nil {
			h.storeFailed(ctx, ev, err)
		}
		return abortOr(a, runErr)
	case errors.Is(err, dedupe.ErrDuplicate):
		if h.cfg.Hooks.Duplicate != nil {
			h.cfg.Hooks.Duplicate(ctx, ev)
		}
		return answer{status: http.StatusOK}
	case errors.Is(err, dedupe.ErrRunning), ctx.Err() != nil:
		return busyAnswer
	default:
		h.storeFailed(ctx, ev, err)
		if d.FailOpen {
			a, err := h.run(ctx, ev)
			return abortOr(a, err)
		}
		return busyAnswer
	}
}

// run calls the handler and turns a panic into an error, so that the claim is released the ordinary way.
func (h *handler) run(ctx context.Context, ev *Event) (a answer, err error) {
	var start time.Time
	if h.cfg.Hooks.Handled != nil {
		start = time.Now()
	}
	returned := false
	defer func() {
		if !returned {
			a, err = answer{status: http.StatusInternalServerError}, h.panicked(ctx, ev, recover())
		}
		if h.cfg.Hooks.Handled != nil {
			h.cfg.Hooks.Handled(ctx, ev, Outcome{Status: a.status, Err: err, Took: time.Since(start)})
		}
	}()
	err = h.next.HandleEvent(ctx, ev)
	returned = true
	a = judge(ctx, err)
	if err != nil {
		h.log(ctx, slog.LevelWarn, "receiver: event failed", ev, slog.Int("status", a.status), slog.Any("err", err))
	}
	return a, err
}

var errGoexit = errors.New("receiver: the handler called runtime.Goexit")

// panicked reports a panic with value v, nil for a Goexit, which goes on unwinding whatever is done here.
func (h *handler) panicked(ctx context.Context, ev *Event, v any) error {
	switch {
	case v == nil:
		return errGoexit
	case v == http.ErrAbortHandler:
		return http.ErrAbortHandler
	}
	err := fmt.Errorf("receiver: the handler panicked: %s", panicText(v))
	h.log(ctx, slog.LevelError, "receiver: handler panicked", ev, slog.Any("err", err), slog.String("stack", string(debug.Stack())))
	return err
}

// panicText is v as text, short: a panic value may be anything, a body too.
func panicText(v any) string {
	switch v := v.(type) {
	case error:
		return clip(v.Error())
	case string:
		return clip(v)
	default:
		return fmt.Sprintf("%T", v)
	}
}

func clip(s string) string { return s[:min(len(s), 200)] }

// abortOr gives net/http the panic it asked handlers for to drop a connection, once the claim is released.
func abortOr(a answer, err error) answer {
	if err == http.ErrAbortHandler {
		panic(err)
	}
	return a
}

func (h *handler) storeFailed(ctx context.Context, ev *Event, err error) {
	if h.cfg.Hooks.StoreFailed != nil {
		h.cfg.Hooks.StoreFailed(ctx, ev, err)
	}
	h.log(ctx, slog.LevelWarn, "receiver: dedupe", ev, slog.Any("err", err))
}
