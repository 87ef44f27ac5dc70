package dedupe

import (
	"container/heap"
	"context"
	"hash/maphash"
	"math"
	"slices"
	"sync"
	"time"
)

// Memory is a Store for one process, bounded in keys and forgetting all when the process ends. It starts no goroutine:
// later calls reclaim what has run out. A running claim is never evicted. When the memory is full, the done key whose
// ttl would end next makes room, before its time, and its event would run again. With nothing but running claims it
// answers [ErrFull].
//
// Keys are kept as hashes, of 100 to 200 bytes each whatever their length. Make one with [NewMemory]. Safe for
// concurrent use.
type Memory struct {
	max   int
	start time.Time // everything is counted from here, on the monotonic clock
	seeds [2]maphash.Seed

	mu    sync.Mutex
	byKey map[hash]entry
	done  byEnd
	ended time.Duration // no claim has run out before
}

// hash is 128 bits under seeds that nobody outside this process knows. That is too long for two texts to share one by
// chance, and nobody can look for such a pair. It is tempting to keep the texts. But then the garbage collector follows
// pointers for each of a million keys: see BenchmarkMemoryCollection.
type hash [2]uint64

// entry is what is known of a key that is not free.
type entry struct {
	token  uint64        // a hash too: a guess of it is right once in 2^64
	ends   time.Duration // since Memory.start: the lease or the ttl
	isDone bool
}

// NewMemory returns a Memory of at most maxKeys keys; of 1,000,000 if maxKeys is not positive.
func NewMemory(maxKeys int) *Memory {
	if maxKeys <= 0 {
		maxKeys = 1_000_000
	}
	return &Memory{
		max:   maxKeys,
		start: time.Now(),
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		byKey: make(map[hash]entry),
	}
}

func (m *Memory) hashOf(s string) hash {
	return hash{maphash.String(m.seeds[0], s), maphash.String(m.seeds[1], s)}
}

// Claim implements [Store].
func (m *Memory) Claim(ctx context.Context, key, token string, lease time.Duration) (State, time.Duration, error) {
	if ctx.Err() != nil {
		return Claimed, 0, context.Cause(ctx)
	}
	k, t := m.hashOf(key), m.hashOf(token)[0]
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Since(m.start)
	switch e, taken := m.find(k, now); {
	case taken && e.isDone:
		return Done, 0, nil
	case taken && e.token != t:
		return Running, e.ends - now, nil
	case !taken && !m.makeRoom(now):
		return Claimed, 0, ErrFull
	}
	e := entry{token: t, ends: later(now, lease)}
	m.byKey[k] = e
	m.ended = min(m.ended, e.ends)
	return Claimed, 0, nil
}

// Commit implements [Store].
func (m *Memory) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	k, t := m.hashOf(key), m.hashOf(token)[0]
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Since(m.start)
	before, taken := m.find(k, now)
	switch {
	case taken && before.token != t:
		return ErrLeaseLost
	case !taken && !m.makeRoom(now):
		return ErrFull
	}
	e := entry{token: t, ends: later(now, ttl), isDone: true}
	m.byKey[k] = e
	if before.isDone { // a commit that is repeated: rare enough to look for
		i := slices.IndexFunc(m.done, func(d due) bool { return d.key == k })
		m.done[i].ends = e.ends
		heap.Fix(&m.done, i)
	} else {
		heap.Push(&m.done, due{e.ends, k})
	}
	return nil
}

// Release implements [Store].
func (m *Memory) Release(ctx context.Context, key, token string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	k, t := m.hashOf(key), m.hashOf(token)[0]
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, taken := m.find(k, time.Since(m.start)); taken && !e.isDone && e.token == t {
		delete(m.byKey, k)
	}
	return nil
}

// find returns the entry of a key that is not free. On the way it forgets two done keys whose time is over: more than
// come in, and few enough that nobody waits for a million.
func (m *Memory) find(k hash, now time.Duration) (e entry, taken bool) {
	for range 2 {
		if len(m.done) > 0 && m.done[0].ends <= now {
			m.forgetNext()
		}
	}
	e, taken = m.byKey[k]
	if taken && e.ends <= now {
		delete(m.byKey, k)
		return entry{}, false
	}
	return e, taken
}

// forgetNext forgets the done key that ends next, unless find has done so before.
func (m *Memory) forgetNext() {
	next := m.done[0]
	heap.Pop(&m.done)
	if e := m.byKey[next.key]; e.isDone && e.ends == next.ends {
		delete(m.byKey, next.key)
	}
}

// makeRoom makes room for one more key, and reports false if all of them run. It looks for claims that have run out
// only where nothing else is left: few ever do.
func (m *Memory) makeRoom(now time.Duration) bool {
	for len(m.byKey) >= m.max && len(m.done) > 0 {
		m.forgetNext()
	}
	if len(m.byKey) < m.max {
		return true
	}
	if now < m.ended {
		return false
	}
	m.ended = math.MaxInt64 // of those that the loop leaves
	for k, e := range m.byKey {
		if e.ends <= now {
			delete(m.byKey, k)
		} else {
			m.ended = min(m.ended, e.ends)
		}
	}
	return len(m.byKey) < m.max
}

// later is now + d, or as late as can be told.
func later(now, d time.Duration) time.Duration { return now + min(d, math.MaxInt64-now) }

// byEnd is a heap of done keys, the one that ends next on top.
type byEnd []due

type due struct {
	ends time.Duration
	key  hash
}

func (h byEnd) Len() int           { return len(h) }
func (h byEnd) Less(i, j int) bool { return h[i].ends < h[j].ends }
func (h byEnd) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *byEnd) Push(x any) { *h = append(*h, x.(due)) }

// Pop implements [heap.Interface]. Nobody asks for what it removes.
func (h *byEnd) Pop() any {
	*h = (*h)[:len(*h)-1]
	return nil
}
