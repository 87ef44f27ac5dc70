package sqlinbox

import (
	"context"
	"sync"
	"time"
)

const sqlWaiting = `select count(*) from (select 1 from {t} where stage in (0, 1, 2) limit @limit) unfinished`

// gauge knows about how many events are unfinished.
type gauge struct {
	mu       sync.Mutex
	counting bool
	next     time.Time // when to count again
	full     bool
}

// full counts now and then, and the callers meanwhile go by the last count. A count that takes long is made less often.
func (b *Inbox) full(ctx context.Context) bool {
	if b.cfg.MaxWaiting < 0 {
		return false
	}
	g := &b.gauge
	g.mu.Lock()
	start := time.Now()
	if g.counting || start.Before(g.next) {
		defer g.mu.Unlock()
		return g.full
	}
	g.counting = true
	g.mu.Unlock()
	var n int
	_, err := b.db.row(ctx, nil, sqlWaiting, values{"limit": b.cfg.MaxWaiting}, &n)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counting = false
	if err == nil { // else the insert will say
		g.full = n >= b.cfg.MaxWaiting
		g.next = start.Add(max(time.Second, 20*time.Since(start)))
	}
	return g.full
}
