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

// key names a delivery: its number, which is that of its event unless it is a replay, and that of its subscription.
type key struct{ number, subscription int64 }

// ids turns a key into the public id of the delivery and back. An id is the key encrypted as one AES block, under a
// secret that all processes share. So it needs no index, and tells nothing of how many there are or when it was made.
type ids struct{ block cipher.Block }

func newIDs(secret []byte) (*ids, error) {
	b, err := aes.NewCipher(secret)
	return &ids{b}, err
}

func (c *ids) encode(k key) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(k.number))
	binary.BigEndian.PutUint64(b[8:], uint64(k.subscription))
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

// sibling is the id of another delivery of the same subscription, "" if there is none.
func (c *ids) sibling(number *int64, of key) string {
	if number == nil {
		return ""
	}
	return c.encode(key{*number, of.subscription})
}

// decode is the inverse of encode, of one spelling only: upper case. What was not made here gives a key that nothing
// has, or none.
func (c *ids) decode(id string) (k key, ok bool) {
	if len(id) != idLen || id[0] > '7' {
		return key{}, false
	}
	var hi, lo uint64
	for i := range idLen {
		v := crockfordValue[id[i]]
		if v < 0 {
			return key{}, false
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(v)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], hi)
	binary.BigEndian.PutUint64(b[8:], lo)
	c.block.Decrypt(b[:], b[:])
	k = key{int64(binary.BigEndian.Uint64(b[:8])), int64(binary.BigEndian.Uint64(b[8:]))}
	spread, serial := k.subscription>>56, k.subscription&(1<<56-1)
	return k, k.number > 0 && k.number < maxNumber && k.subscription > 0 && spread < maxSpread && serial < maxSerial
}

// Numbers stay below these for ever; what does not was never made, so that an invented id is told from a real one.
const (
	maxNumber = 1 << 48 // of events and replays
	maxSpread = 64      // the upper bits of the number of a subscription, see put_subscription
	maxSerial = 1 << 40 // and the lower ones
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
