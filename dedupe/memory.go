package dedupe

import (
	"context"
	"hash/maphash"
	"math"
	"sync"
	"time"
)

// Memory is a Store for one process, bounded in keys and forgetting all when the process ends. It starts no goroutine: what
// has run out is reclaimed by later calls. A running claim is never evicted; when the memory is full, the done key whose ttl
// would end next makes room, before its time, and its event would run again. With nothing but running claims it
// answers [ErrFull].
//
// A [Guard] holds a key of a Memory until its function has ended, without a lease: no process can die and leave it behind.
//
// Keys are kept as hashes, about 100 bytes each whatever their length, without pointers for the garbage collector to follow. The
// memory grows with use and keeps the size of its peak. Make one with [NewMemory]. Safe for concurrent use.
type Memory struct {
	max   index
	start time.Time // everything is counted from here, on the monotonic clock
	seeds [2]maphash.Seed

	mu     sync.Mutex
	byKey  map[hash]index
	slots  slab
	done   doneHeap
	scanAt time.Duration // no running claim ends before
}

// hash is 127 bits under seeds that nobody outside this process knows: too long for two texts to share one by chance, and nobody
// can look for such a pair.
type hash [2]uint64

// ofGuard is the token of a key that a Guard holds. No text has it.
var ofGuard hash

func (m *Memory) hashOf(key []byte) hash {
	return hash{maphash.Bytes(m.seeds[0], key), maphash.Bytes(m.seeds[1], key) | 1}
}

func (m *Memory) hashOfText(s string) hash {
	var short [maxStoreKey]byte // []byte(s) would allocate
	return m.hashOf(append(short[:0], s...))
}

// NewMemory returns a Memory of at most maxKeys keys; of 1,000,000 if maxKeys is not positive.
func NewMemory(maxKeys int) *Memory {
	if maxKeys <= 0 {
		maxKeys = 1_000_000
	}
	m := &Memory{
		max:    index(min(maxKeys, math.MaxInt32-slabChunk)),
		start:  time.Now(),
		seeds:  [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		byKey:  make(map[hash]index),
		slots:  newSlab(),
		scanAt: math.MaxInt64,
	}
	m.done.slots = &m.slots
	return m
}

// Claim implements [Store].
func (m *Memory) Claim(ctx context.Context, key, token string, lease time.Duration) (State, time.Duration, error) {
	if ctx.Err() != nil {
		return Claimed, 0, context.Cause(ctx)
	}
	_, state, left, err := m.claim(m.hashOfText(key), m.hashOfText(token), lease)
	return state, left, err
}

// claim also returns the slot of a claimed key.
func (m *Memory) claim(k, t hash, lease time.Duration) (i index, s State, left time.Duration, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Since(m.start)
	i = m.find(k, now)
	if i == none {
		if i = m.room(now); i == none {
			return none, Claimed, 0, ErrFull
		}
		m.byKey[k] = i
	} else if s := m.slots.at(i); s.isDone {
		return none, Done, 0, nil
	} else if s.token != t || t == ofGuard {
		return none, Running, s.ends - now, nil
	}
	ends := m.put(i, false, k, t, now, lease)
	m.scanAt = min(m.scanAt, ends)
	return i, Claimed, 0, nil
}

// Commit implements [Store].
func (m *Memory) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	k, t := m.hashOfText(key), m.hashOfText(token)
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Since(m.start)
	i := m.find(k, now)
	if i == none {
		if i = m.room(now); i == none {
			return ErrFull
		}
		m.byKey[k] = i
	} else if m.slots.at(i).token != t {
		return ErrLeaseLost
	}
	m.put(i, true, k, t, now, ttl)
	return nil
}

// Release implements [Store].
func (m *Memory) Release(ctx context.Context, key, token string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	k, t := m.hashOfText(key), m.hashOfText(token)
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.find(k, time.Since(m.start)); i != none {
		if s := m.slots.at(i); !s.isDone && s.token == t {
			m.drop(i)
		}
	}
	return nil
}

// find returns the slot of k, none if there is none or its time is over.
func (m *Memory) find(k hash, now time.Duration) index {
	i := m.byKey[k]
	if i != none && m.slots.at(i).ends <= now {
		m.drop(i)
		return none
	}
	return i
}

func (m *Memory) put(i index, done bool, k, t hash, now, lasts time.Duration) (ends time.Duration) {
	ends = math.MaxInt64
	if lasts < ends-now {
		ends = now + lasts
	}
	m.take(i)
	s := m.slots.at(i)
	s.key, s.token, s.ends, s.isDone = k, t, ends, done
	if done {
		m.done.push(i)
	} else {
		m.slots.link(i, runningHead)
	}
	return ends
}

func (m *Memory) drop(i index) {
	delete(m.byKey, m.slots.at(i).key)
	m.take(i)
	m.slots.at(i).isDone = false
	m.slots.link(i, freeHead)
}

// take takes slot i off its ring or the heap.
func (m *Memory) take(i index) {
	if m.slots.at(i).isDone {
		m.done.remove(i)
	} else {
		m.slots.unlink(i)
	}
}

// room returns a free slot; none if all hold running claims. It uses again before it grows, and grows before it evicts.
func (m *Memory) room(now time.Duration) index {
	for _, i := range [2]index{m.done.first(), m.slots.first(runningHead)} {
		if i != none && m.slots.at(i).ends <= now {
			m.drop(i)
		}
	}
	if i := m.slots.first(freeHead); i != none {
		return i
	}
	switch next := m.done.first(); {
	case m.slots.len-firstSlot < m.max:
		m.slots.grow()
	case next != none:
		m.drop(next)
	case m.scanAt <= now:
		m.scan(now)
	}
	return m.slots.first(freeHead)
}

// scan drops every claim whose lease has run out, which with leases of unlike length need not be the longest untouched.
// It is for a memory full of running claims, and only when one may have ended since the last scan.
func (m *Memory) scan(now time.Duration) {
	m.scanAt = math.MaxInt64
	for i := m.slots.first(runningHead); i != none && i != runningHead; {
		s := m.slots.at(i)
		next := s.next
		if s.ends <= now {
			m.drop(i)
		} else {
			m.scanAt = min(m.scanAt, s.ends)
		}
		i = next
	}
}
