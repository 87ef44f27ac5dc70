package memstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"

	"github.com/kirimhooks/kirimhooks/internal/id"
)

func newCipher() cipher.Block {
	key := make([]byte, 16)
	rand.Read(key)                 // never fails
	block, _ := aes.NewCipher(key) // nor does this, with 16 bytes
	return block
}

// idOf encrypts the number of a delivery. Nobody can guess an id, and it tells nothing of how many there are.
func (s *Store) idOf(number uint64) string {
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[8:], number)
	s.cipher.Encrypt(b[:], b[:])
	return id.Encode(b)
}

// numberOf is the inverse, also of an id whose delivery was purged; 0 for one that was not made here.
func (s *Store) numberOf(text string) uint64 {
	b, ok := id.Decode(text)
	if !ok {
		return 0
	}
	s.cipher.Decrypt(b[:], b[:])
	if binary.BigEndian.Uint64(b[:8]) != 0 {
		return 0
	}
	return binary.BigEndian.Uint64(b[8:])
}
