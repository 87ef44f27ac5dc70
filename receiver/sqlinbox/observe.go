package sqlinbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// observe calls a hook. Those who watch change nothing: a panic of theirs is logged and passed over.
func (b *Inbox) observe(ctx context.Context, hook string, given bool, call func()) {
	if !given {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			b.cfg.Logger.ErrorContext(ctx, "sqlinbox: a hook panicked",
				"hook", hook, "panic", panicText(v), "stack", string(debug.Stack()))
		}
	}()
	call()
}

// report tells of one run.
func (r *runner) report(j *job, o Outcome) {
	ctx := context.WithoutCancel(j.ctx)
	level, msg := slog.LevelDebug, "sqlinbox: event handled"
	attrs := []slog.Attr{slog.Int64("inbox_id", o.ID), slog.String("lane", o.Lane), slog.Duration("took", o.Took)}
	switch {
	case o.State == Dead:
		level, msg = slog.LevelError, "sqlinbox: event is dead"
	case errors.Is(o.Err, ErrLeaseLost):
		level, msg = slog.LevelWarn, "sqlinbox: event lost to another process, or may be"
	case o.Err != nil:
		level, msg = slog.LevelWarn, "sqlinbox: event failed"
		attrs = append(attrs, slog.Duration("wait", o.Wait))
	}
	if o.Err != nil {
		attrs = append(attrs, slog.Int("run", j.failures+1), slog.Any("err", o.Err))
	}
	r.log(ctx, level, msg, j.ev, attrs...)
	r.observe(ctx, "Ran", r.cfg.Hooks.Ran != nil && j.ev != nil, func() { r.cfg.Hooks.Ran(ctx, j.ev, o) })
}

// log names the event, unless it could not be read.
func (b *Inbox) log(ctx context.Context, level slog.Level, msg string, ev *receiver.Event, attrs ...slog.Attr) {
	if !b.cfg.Logger.Enabled(ctx, level) {
		return
	}
	if ev != nil {
		attrs = append(attrs, slog.String("dialect", ev.Dialect), slog.String("type", ev.Type),
			slog.String("id", ev.ID), slog.String("key", ev.Key))
	}
	b.cfg.Logger.LogAttrs(ctx, level, msg, attrs...)
}

// trouble tells of a call of the database that failed.
func (b *Inbox) trouble(ctx context.Context, op string, err error) {
	b.cfg.Logger.WarnContext(ctx, "sqlinbox: the database failed", "op", op, "err", err)
	b.observe(ctx, "StoreFailed", b.cfg.Hooks.StoreFailed != nil, func() { b.cfg.Hooks.StoreFailed(ctx, op, err) })
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
		text = v.Error()
	case string:
		text = v
	default:
		return fmt.Sprintf("%T", v)
	}
	return text[:min(len(text), 200)]
}

// bare is err without the name of this package, for a sentence that begins with it.
func bare(err error) error { return &bareError{err} }

type bareError struct{ err error }

func (e *bareError) Error() string { return strings.TrimPrefix(e.err.Error(), "sqlinbox: ") }
func (e *bareError) Unwrap() error { return e.err }
