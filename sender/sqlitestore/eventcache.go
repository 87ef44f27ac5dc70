package sqlitestore

import (
	"sync"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	maxCached     = 32 << 20 // bytes
	eventOverhead = 512      // bytes that an event takes beside its body, about
)

// eventCache keeps events that were stored or read lately. The number of one that was purged is given to another: so an
// event is known by its number and the moment of its publication, which is when its deliveries were made. Replays are
// made later, and read it.
type eventCache struct {
	mu    sync.Mutex
	known map[int64]*driver.StoredEvent // by number
	size  int
}

func (c *eventCache) get(number, published int64) *driver.StoredEvent {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.known[number]; e != nil && e.PublishedAt.UnixNano() == published {
		return e
	}
	return nil
}

func (c *eventCache) put(number int64, e *driver.StoredEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if weight(e) > maxCached/16 {
		return
	}
	if old := c.known[number]; old != nil {
		c.size -= weight(old)
	}
	c.known[number] = e
	c.size += weight(e)
	for victim, e := range c.known { // any: the oldest are what a backlog gives next
		if c.size <= maxCached {
			return
		}
		delete(c.known, victim)
		c.size -= weight(e)
	}
}

// forget drops what is known of an org.
func (c *eventCache) forget(org string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for number, e := range c.known {
		if e.Org == org {
			delete(c.known, number)
			c.size -= weight(e)
		}
	}
}

func weight(e *driver.StoredEvent) int { return len(e.Event.Body) + eventOverhead }
