package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// hmacKey is one HMAC-SHA256 key and its keyed states, so that neither the key schedule nor an allocation is paid
// twice.
type hmacKey struct {
	key    []byte
	states sync.Pool // of *hmacState
}

// hmacState owns the buffers too: whatever passes through hash.Hash escapes to the heap.
type hmacState struct {
	hash hash.Hash
	head []byte
	sum  [sha256.Size]byte
}

// mac writes to sum the MAC of the payload of s.
func (k *hmacKey) mac(sum *[sha256.Size]byte, s *Scheme, id, t string, body []byte) {
	st, _ := k.states.Get().(*hmacState)
	if st == nil {
		st = &hmacState{hash: hmac.New(sha256.New, k.key)}
	}
	st.hash.Reset()
	st.head = s.appendHead(st.head[:0], id, t)
	st.hash.Write(st.head)
	st.hash.Write(body)
	st.hash.Sum(st.sum[:0])
	*sum = st.sum
	k.states.Put(st)
}
