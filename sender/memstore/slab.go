package memstore

const chunkLen = 1024

// slab keeps values in chunks that never move, and names them by reference: 4 bytes where a pointer has 8, and none for
// the garbage collector to follow. Reference 0 names nothing. A freed reference is used again.
type slab[T any] struct {
	chunks []*[chunkLen]T
	used   uint32 // references ever given out
	free   []uint32
}

// at returns the value that ref names.
func (s *slab[T]) at(ref uint32) *T { return &s.chunks[ref/chunkLen][ref%chunkLen] }

// has reports whether ref was ever given out.
func (s *slab[T]) has(ref uint32) bool { return ref != 0 && ref <= s.used }

// add makes room for a value, which is zero.
func (s *slab[T]) add() uint32 {
	if n := len(s.free); n > 0 {
		ref := s.free[n-1]
		s.free = s.free[:n-1]
		return ref
	}
	s.used++
	if int(s.used/chunkLen) == len(s.chunks) {
		s.chunks = append(s.chunks, new([chunkLen]T))
	}
	return s.used
}

// remove forgets the value that ref names.
func (s *slab[T]) remove(ref uint32) {
	var zero T
	*s.at(ref) = zero
	s.free = append(s.free, ref)
}
