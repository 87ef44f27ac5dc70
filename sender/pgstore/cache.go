package pgstore

import "sync"

// cache holds what this process has seen lately, by number: a young generation that fills up, and the one before. What
// was asked for again is young again.
type cache[V any] struct {
	most   int // weight of one generation
	weigh  func(V) int
	mu     sync.Mutex
	weight int
	young  map[int64]V
	old    map[int64]V
}

func (c *cache[V]) get(number int64) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok = c.young[number]; ok {
		return v, true
	}
	if v, ok = c.old[number]; ok {
		c.add(number, v)
	}
	return v, ok
}

func (c *cache[V]) put(number int64, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(number, v)
}

func (c *cache[V]) add(number int64, v V) {
	if c.young == nil || c.weight >= c.most {
		c.young, c.old, c.weight = map[int64]V{}, c.young, 0
	}
	c.young[number] = v
	c.weight += c.weigh(v)
}
