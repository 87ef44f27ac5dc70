package dedupe

import "time"

// slot is one key of a Memory. Every slot is in exactly one of two rings, each of which begins and ends at a head of its own, or
// on the heap of done ones. Nothing in it is a pointer, so that the garbage collector need not look at a million of them.
type slot struct {
	key, token hash
	ends       time.Duration // since Memory.start
	prev, next index
	place      int32 // on the heap
	isDone     bool
}

type index int32

const (
	none        index = iota
	freeHead          // slots to use again
	runningHead       // the longest untouched first
	firstSlot
)

const slabChunk = 256

// slab holds slots in chunks, so that growing copies nothing. An index stays good for ever.
type slab struct {
	chunks []*[slabChunk]slot
	len    index
}

func newSlab() slab {
	s := slab{chunks: []*[slabChunk]slot{new([slabChunk]slot)}, len: firstSlot}
	for head := freeHead; head < firstSlot; head++ {
		*s.at(head) = slot{prev: head, next: head}
	}
	return s
}

func (s *slab) at(i index) *slot { return &s.chunks[i/slabChunk][i%slabChunk] }

// first returns the first slot of a ring, none if it is empty.
func (s *slab) first(head index) index {
	if i := s.at(head).next; i != head {
		return i
	}
	return none
}

func (s *slab) unlink(i index) {
	e := s.at(i)
	s.at(e.prev).next, s.at(e.next).prev = e.next, e.prev
}

func (s *slab) link(i, head index) {
	h := s.at(head)
	e := s.at(i)
	e.prev, e.next = h.prev, head
	s.at(h.prev).next, h.prev = i, i
}

// grow makes one more slot, in the free ring.
func (s *slab) grow() {
	i := s.len
	s.len++
	if int(i/slabChunk) == len(s.chunks) {
		s.chunks = append(s.chunks, new([slabChunk]slot))
	}
	s.link(i, freeHead)
}
