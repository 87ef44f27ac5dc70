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

// result is what came of one event.
type result struct {
	ran    bool
	answer answer
	err    error // the handler's
	took   time.Duration
}

// reply gives net/http the panic it asked handlers for to drop a connection, once the claim is released.
func (res *result) reply() answer {
	if res.err == http.ErrAbortHandler {
		panic(res.err)
	}
	return res.answer
}

// deliver runs the event once: claim, handler, commit or release. The handler's goroutine is the request's, so that
// nothing is left running when the answer is out. Its context survives a sender that hangs up: the sender will retry
// what it did not see answered, and half a run helps nobody.
func (h *handler) deliver(r *http.Request, d *Dialect, ev *Event) answer {
	ctx, end := handling(r, ev, ev.ReceivedAt.Add(d.Deadline))
	defer end()
	var res result
	defer h.handled(ctx, ev, &res)
	if ev.Key == "" {
		h.run(ctx, ev, &res)
		return res.reply()
	}
	err := h.cfg.Dedupe.DoFor(ctx, ev.Key, d.Remember, func(ctx context.Context) error {
		h.run(ctx, ev, &res)
		return res.err
	})
	switch {
	case res.ran:
		// The handler has succeeded even if the commit has not. To ask for a retry would make sure that the event runs
		// twice. Now it does so only if the sender repeats it.
		if res.err == nil && err != nil {
			h.storeFailed(ctx, ev, err)
		}
		return res.reply()
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
			h.run(ctx, ev, &res)
			return res.reply()
		}
		return busyAnswer
	}
}

// run calls the handler and turns a panic into an error, so that the claim is released the ordinary way.
func (h *handler) run(ctx context.Context, ev *Event, res *result) {
	res.ran = true
	start := time.Now()
	returned := false
	defer func() {
		res.took = time.Since(start)
		if !returned {
			res.answer, res.err = answer{status: http.StatusInternalServerError}, h.panicked(ctx, ev, recover())
		}
	}()
	res.err = h.next.HandleEvent(ctx, ev)
	returned = true
	res.answer = answerTo(ctx, res.err)
	if res.err != nil {
		h.log(ctx, slog.LevelWarn, "receiver: event failed", ev,
			slog.Int("status", res.answer.status), slog.Any("err", res.err))
	}
}

// handled tells the hook when the event is committed or released, so that no hook can come between.
func (h *handler) handled(ctx context.Context, ev *Event, res *result) {
	if res.ran && h.cfg.Hooks.Handled != nil {
		o := Outcome{Status: res.answer.status, Err: res.err, Took: res.took}
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
