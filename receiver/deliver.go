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

// turn is what came of one event.
type turn struct {
	ran    bool
	answer answer
	err    error // the handler's
	took   time.Duration
}

// end gives net/http the panic it asked handlers for to drop a connection, once the claim is released.
func (t *turn) end() answer {
	if t.err == http.ErrAbortHandler {
		panic(t.err)
	}
	return t.answer
}

// deliver runs the event once: claim, handler, commit or release. The handler's goroutine is the request's, so that
// nothing is left running when the answer is out; its context survives a sender that hangs up, since the sender will
// retry what it did not see answered, and half a run helps nobody.
func (h *handler) deliver(r *http.Request, d *Dialect, ev *Event) answer {
	ctx, end := handling(r, ev, ev.ReceivedAt.Add(d.Deadline))
	defer end()
	var t turn
	defer h.handled(ctx, ev, &t)
	if ev.Key == "" {
		h.run(ctx, ev, &t)
		return t.end()
	}
	err := h.cfg.Dedupe.DoFor(ctx, ev.Key, d.Remember, func(ctx context.Context) error {
		h.run(ctx, ev, &t)
		return t.err
	})
	switch {
	case t.ran:
		// The handler has succeeded even if the commit has not: asking for a retry would make sure that the event
		// runs twice, where now it does so only if the sender repeats it.
		if t.err == nil && err != nil {
			h.storeFailed(ctx, ev, err)
		}
		return t.end()
	case errors.Is(err, dedupe.ErrDuplicate):
		if h.cfg.Hooks.Duplicate != nil {
			h.observe(ctx, "Duplicate", func() { h.cfg.Hooks.Duplicate(ctx, ev) })
		}
		return answer{status: http.StatusOK}
	case errors.Is(err, dedupe.ErrRunning), ctx.Err() != nil:
		return busyAnswer
	default:
		defer h.storeFailed(ctx, ev, err) // those who watch come last
		if d.FailOpen {
			h.run(ctx, ev, &t)
			return t.end()
		}
		return busyAnswer
	}
}

// run calls the handler and turns a panic into an error, so that the claim is released the ordinary way.
func (h *handler) run(ctx context.Context, ev *Event, t *turn) {
	t.ran = true
	start := time.Now()
	returned := false
	defer func() {
		t.took = time.Since(start)
		if !returned {
			t.answer, t.err = answer{status: http.StatusInternalServerError}, h.panicked(ctx, ev, recover())
		}
	}()
	t.err = h.next.HandleEvent(ctx, ev)
	returned = true
	t.answer = judge(ctx, t.err)
	if t.err != nil {
		h.log(ctx, slog.LevelWarn, "receiver: event failed", ev, slog.Int("status", t.answer.status), slog.Any("err", t.err))
	}
}

// handled tells the hook when the event is committed or released, so that no hook can come between.
func (h *handler) handled(ctx context.Context, ev *Event, t *turn) {
	if t.ran && h.cfg.Hooks.Handled != nil {
		o := Outcome{Status: t.answer.status, Err: t.err, Took: t.took}
		h.observe(ctx, "Handled", func() { h.cfg.Hooks.Handled(ctx, ev, o) })
	}
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
	h.log(ctx, slog.LevelError, "receiver: handler panicked", ev,
		slog.Any("err", err), slog.String("stack", string(debug.Stack())))
	return err
}

// panicText is v as text, short: a panic value may be anything, a body too.
func panicText(v any) (text string) {
	defer func() {
		if recover() != nil { // a nil pointer whose Error looks into it
			text = fmt.Sprintf("%T", v)
		}
	}()
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

func (h *handler) storeFailed(ctx context.Context, ev *Event, err error) {
	if h.cfg.Hooks.StoreFailed != nil {
		h.observe(ctx, "StoreFailed", func() { h.cfg.Hooks.StoreFailed(ctx, ev, err) })
	}
	h.log(ctx, slog.LevelWarn, "receiver: dedupe", ev, slog.Any("err", err))
}
