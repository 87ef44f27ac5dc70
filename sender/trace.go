package sender

import "context"

// maxTraceparent is more than the 55 bytes of today's version.
const maxTraceparent = 128

// traceparent is what the host says of the trace that a publication belongs to.
func (s *Sender) traceparent(ctx context.Context) (trace string) {
	hook := s.cfg.Hooks.Traceparent
	if hook == nil {
		return ""
	}
	s.guarded(ctx, "Traceparent", func() { trace = hook(ctx) })
	if !printable(trace, maxTraceparent) {
		return ""
	}
	return trace
}

// started is the context of an attempt: that of the host's span, if it makes one.
func (s *Sender) started(ctx context.Context, c *claim) context.Context {
	spanned := ctx
	if hook := s.cfg.Hooks.AttemptStart; hook != nil {
		s.guarded(ctx, "AttemptStart", func() {
			if with := hook(ctx, shown(c.Delivery), c.Event.Trace); with != nil {
				spanned = with
			}
		})
	}
	return spanned
}
