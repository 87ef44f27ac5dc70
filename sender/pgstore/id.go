package pgstore

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"

	"github.com/kirimhooks/kirimhooks/internal/id"
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
	return id.Encode(b)
}

// sibling is the id of another delivery of the same subscription, "" if there is none.
func (c *ids) sibling(number *int64, of key) string {
	if number == nil {
		return ""
	}
	return c.encode(key{*number, of.subscription})
}

// decode is the inverse of encode, of one spelling only. What was not made here gives a key that nothing has, or none.
func (c *ids) decode(text string) (k key, ok bool) {
	b, ok := id.Decode(text)
	if !ok {
		return key{}, false
	}
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
