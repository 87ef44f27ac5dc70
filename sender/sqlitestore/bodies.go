package sqlitestore

import (
	"sync"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	maxBodies     = 32 << 20 // bytes
	eventOverhead = 512      // bytes that an event takes beside its body, about
)

// bodies keeps events that were stored or read lately, so that what is published and attempted by one process need not be read
// from the file. An event never changes. Its number is given to another one when it has been purged, by any process, which is
// a day later at the earliest: so it is known by its number and the moment of its publication, which is when its deliveries
// were made, but for replays: these are read. What goes when there is no more room is left to chance: to forget the oldest would be to forget what a backlog
// gives next.
type bodies struct {
	mu    sync.Mutex
	known map[int64]*driver.StoredEvent // by number
	size  int
}

func (b *bodies) get(number, published int64) *driver.StoredEvent {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.known[number]; e != nil && e.PublishedAt.UnixNano() == published {
		return e
	}
	return nil
}

func (b *bodies) put(number int64, e *driver.StoredEvent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if weight(e) > maxBodies/16 {
		return
	}
	if old := b.known[number]; old != nil {
		b.size -= weight(old)
	}
	b.known[number] = e
	b.size += weight(e)
	for victim, e := range b.known {
		if b.size <= maxBodies {
			return
		}
		delete(b.known, victim)
		b.size -= weight(e)
	}
}

func weight(e *driver.StoredEvent) int { return len(e.Event.Body) + eventOverhead }
