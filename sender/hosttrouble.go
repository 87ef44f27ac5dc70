package sender

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/egress"
)

const (
	passingWait    = time.Second            // before the next try where a descriptor or a port may be free soon
	hostQuiet      = time.Hour              // a fault that was not seen for so long is told again
	shortestHoldUp = 100 * time.Millisecond // of claims after a fault of this host
	longestHoldUp  = 5 * time.Second
)

// hostTrouble is what is known of faults of this host. Each would meet every delivery, so claims wait while they
// last, for longer and longer, lest a backlog is turned over in vain. The zero hostTrouble is none.
type hostTrouble struct {
	troubled atomic.Bool // holdUp is not 0

	mu     sync.Mutex
	seen   map[egress.HostFault]time.Time
	holdUp time.Duration
	until  time.Time
}

// failed counts a fault. It reports whether it is worth a line in the log.
func (h *hostTrouble) failed(fault egress.HostFault, now time.Time) (news bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen == nil {
		h.seen = map[egress.HostFault]time.Time{}
	}
	last, known := h.seen[fault]
	h.seen[fault] = now
	if !now.Before(h.until) {
		h.holdUp = min(max(shortestHoldUp, 2*h.holdUp), longestHoldUp)
		h.until = now.Add(h.holdUp)
		h.troubled.Store(true)
	}
	return !known || now.Sub(last) >= hostQuiet
}

// worked notes that a request went out.
func (h *hostTrouble) worked() {
	if !h.troubled.Load() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.holdUp = 0
	h.troubled.Store(false)
}

// wait is how long claims are to wait.
func (h *hostTrouble) wait(now time.Time) time.Duration {
	if !h.troubled.Load() {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.until.Sub(now)
}

// hostFaulty is faulty for what is wrong with this host. The log says it once for all deliveries.
func (s *Sender) hostFaulty(ctx context.Context, c *claim, fault egress.HostFault, err error) conclusion {
	if s.host.failed(fault, time.Now()) {
		args := []any{"fault", string(fault)}
		if s.cfg.Transport == nil {
			args = append(args, "error", egress.Describe(err))
		}
		s.cfg.Logger.ErrorContext(ctx, "this host cannot send; deliveries wait and consume no attempt", args...)
	}
	least := ownFaultWait
	switch fault {
	case egress.NoDescriptors, egress.NoMemory, egress.NoPorts:
		least = passingWait
	}
	return c.ownFault(least, string(fault))
}
