package receiver

import (
	"context"
	"log/slog"
	"runtime/debug"
)

// observe calls a hook. Those who watch change nothing: a panic of theirs is logged and passed over, and an event that
// was handled stays handled.
func (h *handler) observe(ctx context.Context, hook string, call func()) {
	defer func() {
		if v := recover(); v != nil {
			h.record(ctx, slog.LevelError, "receiver: a hook panicked",
				slog.String("hook", hook), slog.String("panic", panicText(v)), slog.String("stack", string(debug.Stack())))
		}
	}()
	call()
}

func (h *handler) log(ctx context.Context, level slog.Level, msg string, ev *Event, attrs ...slog.Attr) {
	if !h.logs(ctx, level) {
		return
	}
	attrs = append(attrs, slog.String("dialect", ev.Dialect), slog.String("type", ev.Type), slog.String("id", ev.ID),
		slog.String("key", ev.Key), slog.String("delivery_id", ev.DeliveryID), slog.Int("attempt", ev.Attempt))
	h.record(ctx, level, msg, attrs...)
}

// record writes one record. The logger only watches too; should it panic, nobody is left to tell.
func (h *handler) record(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
	defer func() { _ = recover() }()
	h.cfg.Logger.LogAttrs(ctx, level, msg, attrs...)
}

func (h *handler) logs(ctx context.Context, level slog.Level) (on bool) {
	defer func() { _ = recover() }()
	return h.cfg.Logger.Enabled(ctx, level)
}
