package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
	"sync/atomic"
)

// hmacKey is one HMAC-SHA256 key and its keyed states, so that neither the key schedule nor an allocation is paid
// twice.
type hmacKey struct {
	key    []byte
	warm   atomic.Pointer[hmacState] // one for good: a pool is emptied while a secret of many waits for its turn
	states sync.Pool                 // of *hmacState, for those who come at once
}

func (k *hmacKey) take() *hmacState {
	if st := k.warm.Swap(nil); st != nil {
		return st
	}
	if st, _ := k.states.Get().(*hmacState); st != nil {
		return st
	}
	return &hmacState{hash: hmac.New(sha256.New, k.key)}
}

func (k *hmacKey) put(st *hmacState) {
	if !k.warm.CompareAndSwap(nil, st) {
		k.states.Put(st)
	}
}

// hmacState owns the buffers too: whatever passes through hash.Hash escapes to the heap.
type hmacState struct {
	hash hash.Hash
	head []byte
	sum  [sha256.Size]byte
}

// mac writes to sum the MAC of the payload of s.
func (k *hmacKey) mac(sum *[sha256.Size]byte, s *Scheme, id, t string, body []byte) {
	st := k.take()
	st.hash.Reset()
	st.head = s.appendHead(st.head[:0], id, t)
	st.hash.Write(st.head)
	st.hash.Write(body)
	st.hash.Sum(st.sum[:0])
	*sum = st.sum
	k.put(st)
}
