package pgstore

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

const (
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	idLen     = 26 // 130 bits for the 128 of a block
)

// ids turns a delivery's key into its public id and back: slot and subscription, encrypted as one AES block under a key
// that all processes share. So an id needs no index, and tells nothing of how many there are or when it was made.
type ids struct{ block cipher.Block }

func newIDs(key []byte) (*ids, error) {
	b, err := aes.NewCipher(key)
	return &ids{b}, err
}

func (c *ids) encode(slot, sub int64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(slot))
	binary.BigEndian.PutUint64(b[8:], uint64(sub))
	c.block.Encrypt(b[:], b[:])
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	var out [idLen]byte
	for i := idLen - 1; i >= 0; i-- {
		out[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}

// decode is the inverse, of one spelling only: upper case. What was not made here gives a key that nothing has, or none.
func (c *ids) decode(id string) (slot, sub int64, ok bool) {
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
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], hi)
	binary.BigEndian.PutUint64(b[8:], lo)
	c.block.Decrypt(b[:], b[:])
	slot, sub = int64(binary.BigEndian.Uint64(b[:8])), int64(binary.BigEndian.Uint64(b[8:]))
	return slot, sub, slot > 0 && slot < maxSlot && sub > 0 && sub>>56 < shards && sub&(1<<56-1) < maxSerial
}

// Numbers stay below these for ever; what does not was never made, so that an invented id is told from a real one.
const (
	maxSlot   = 1 << 48
	maxSerial = 1 << 40
)

var crockfordValue = func() (values [256]int8) {
	for i := range values {
		values[i] = -1
	}
	for i, c := range []byte(crockford) {
		values[c] = int8(i)
	}
	return values
}()
