package dedupe

import (
	"container/heap"
	"context"
	"math"
	"sync"
	"time"
)

// Memory is a Store for one process, bounded in keys and forgetting all when the process ends. It starts no goroutine:
// later calls reclaim what has run out. A running claim is never evicted. When the memory is full, the done key whose
// ttl would end next makes room, before its time, and its event would run again. With nothing but running claims it
// answers [ErrFull].
//
// A key takes about 120 bytes, and its text and its token's. Make one with [NewMemory]. Safe for concurrent use.
type Memory struct {
	max   int
	start time.Time // everything is counted from here, on the monotonic clock

	mu            sync.Mutex
	byKey         map[string]*entry
	running, done byEnd
}

// entry is one key that is not free.
type entry struct {
	key, token string
	ends       time.Duration // since Memory.start: the lease or the ttl
	isDone     bool
	place      int // in running or done
}

// NewMemory returns a Memory of at most maxKeys keys; of 1,000,000 if maxKeys is not positive.
func NewMemory(maxKeys int) *Memory {
	if maxKeys <= 0 {
		maxKeys = 1_000_000
	}
	return &Memory{max: maxKeys, start: time.Now(), byKey: make(map[string]*entry)}
}

// Claim implements [Store].
func (m *Memory) Claim(ctx context.Context, key, token string, lease time.Duration) (State, time.Duration, error) {
	if ctx.Err() != nil {
		return Claimed, 0, context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Since(m.start)
	switch e := m.find(key, now); {
	case e == nil:
		if err := m.makeRoom(); err != nil {
			return Claimed, 0, err
		}
	case e.isDone:
		return Done, 0, nil
	case e.token != token:
		return Running, e.ends - now, nil
	}
	m.put(key, token, false, later(now, lease))
	return Claimed, 0, nil
}

// Commit implements [Store].
func (m *Memory) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Since(m.start)
	if e := m.find(key, now); e == nil {
		if err := m.makeRoom(); err != nil {
			return err
		}
	} else if e.token != token {
		return ErrLeaseLost
	}
	m.put(key, token, true, later(now, ttl))
	return nil
}

// Release implements [Store].
func (m *Memory) Release(ctx context.Context, key, token string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.find(key, time.Since(m.start)); e != nil && !e.isDone && e.token == token {
		m.drop(e)
	}
	return nil
}

// put writes a key anew.
func (m *Memory) put(key, token string, done bool, ends time.Duration) {
	e := m.byKey[key]
	if e == nil {
		e = &entry{key: key, token: token}
		m.byKey[key] = e
	} else {
		heap.Remove(m.heapOf(e), e.place)
	}
	e.isDone, e.ends = done, ends
	heap.Push(m.heapOf(e), e)
}

func (m *Memory) drop(e *entry) {
	heap.Remove(m.heapOf(e), e.place)
	delete(m.byKey, e.key)
}

func (m *Memory) heapOf(e *entry) *byEnd {
	if e.isDone {
		return &m.done
	}
	return &m.running
}

// find returns the entry of key, nil if it is free. On the way it forgets two claims and two done keys whose time is
// over: more of them than come in, and few enough that nobody waits for a million.
func (m *Memory) find(key string, now time.Duration) *entry {
	for _, h := range [...]*byEnd{&m.running, &m.running, &m.done, &m.done} {
		if len(*h) > 0 && (*h)[0].ends <= now {
			m.drop((*h)[0])
		}
	}
	e := m.byKey[key]
	if e != nil && e.ends <= now {
		m.drop(e)
		return nil
	}
	return e
}

// makeRoom makes room for one more key.
func (m *Memory) makeRoom() error {
	if len(m.byKey) < m.max {
		return nil
	}
	if len(m.done) == 0 {
		return ErrFull
	}
	m.drop(m.done[0])
	return nil
}

// later is now + d, or as late as can be told.
func later(now, d time.Duration) time.Duration { return now + min(d, math.MaxInt64-now) }

// byEnd is a heap of entries, the one that ends next on top.
type byEnd []*entry

func (h byEnd) Len() int           { return len(h) }
func (h byEnd) Less(i, j int) bool { return h[i].ends < h[j].ends }

func (h byEnd) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements [heap.Interface].
func (h *byEnd) Push(x any) {
	e := x.(*entry)
	e.place = len(*h)
	*h = append(*h, e)
}

// Pop implements [heap.Interface].
func (h *byEnd) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
