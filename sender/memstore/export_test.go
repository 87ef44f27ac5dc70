package memstore

// NewColliding returns a store in which the ids of events share few hashes, which no choice of ids could bring about.
func NewColliding() *Store {
	s := New()
	s.hashMask = 3
	return s
}
