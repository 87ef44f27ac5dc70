package memstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
)

const (
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	idLen     = 26 // 130 bits for the 128 of a block
)

// ids makes delivery ids: sequence number, reference and 32 zero bits, encrypted as one AES block under a key that lives
// as long as the store. So no map leads from id to delivery, an id tells nothing of how many there are, and one that
// was not made here is known by the bits that are not zero. Guarded by Store.mu.
type ids struct {
	block cipher.Block
	last  uint64
	buf   [aes.BlockSize]byte // a local one would be allocated at each call
}

func newIDs() ids {
	key := make([]byte, 16)
	rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("memstore: " + err.Error()) // 16 bytes are a valid key
	}
	return ids{block: block}
}

func (x *ids) next() uint64 {
	x.last++
	return x.last
}

func (x *ids) encode(seq uint64, ref uint32) string {
	binary.BigEndian.PutUint64(x.buf[:8], seq)
	binary.BigEndian.PutUint32(x.buf[8:12], ref)
	clear(x.buf[12:])
	x.block.Encrypt(x.buf[:], x.buf[:])
	hi, lo := binary.BigEndian.Uint64(x.buf[:8]), binary.BigEndian.Uint64(x.buf[8:])
	var out [idLen]byte
	for i := idLen - 1; i >= 0; i-- {
		out[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}

// decode is the inverse; false for what encode cannot have made. It takes one spelling only: upper case.
func (x *ids) decode(id string) (seq uint64, ref uint32, ok bool) {
	if len(id) != idLen || id[0] > '7' {
		return 0, 0, false
	}
	var hi, lo uint64
	for i := range idLen {
		v := crockfordValue[id[i]]
		if v < 0 {
			return 0, 0, false
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(v)
	}
	binary.BigEndian.PutUint64(x.buf[:8], hi)
	binary.BigEndian.PutUint64(x.buf[8:], lo)
	x.block.Decrypt(x.buf[:], x.buf[:])
	if binary.BigEndian.Uint32(x.buf[12:]) != 0 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint64(x.buf[:8]), binary.BigEndian.Uint32(x.buf[8:12]), true
}

var crockfordValue = func() (values [256]int8) {
	for i := range values {
		values[i] = -1
	}
	for i, c := range []byte(crockford) {
		values[c] = int8(i)
	}
	return values
}()

// id is the public id of a delivery.
func (s *Store) id(ref uint32) string { return s.ids.encode(s.deliveries.at(ref).seq, ref) }

// find returns the delivery of an org that has this id.
func (s *Store) find(org, id string) (ref uint32, ok bool) {
	seq, ref, ok := s.ids.decode(id)
	if !ok || !s.deliveries.has(ref) {
		return 0, false
	}
	d := s.deliveries.at(ref)
	return ref, d.seq == seq && s.subscription(d).org.name == org
}
