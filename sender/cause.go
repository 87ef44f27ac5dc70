package sender

import (
	"context"

	"github.com/kirimhooks/kirimhooks/internal/egress"
)

// cause is why a request got no answer, fit to be printed: without the URL, and without what the peer has sent. It
// wraps the error of the transport.
type cause struct{ err error }

func (c *cause) Error() string { return egress.Describe(c.err) }
func (c *cause) Unwrap() error { return c.err }

// failed tells operators why a request got no answer. Tenants see the class of it alone.
func (s *Sender) failed(ctx context.Context, c *claim, a *Attempt, err error) {
	hook := s.cfg.Hooks.Failed
	if err == nil || hook == nil {
		return
	}
	if s.cfg.Transport == nil {
		err = &cause{err}
	}
	s.guarded(ctx, "Failed", func() { hook(ctx, shown(c.Delivery), *a, err) })
}
