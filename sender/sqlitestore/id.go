package sqlitestore

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"strings"
)

const (
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	idLen     = 26 // 130 bits for the 128 of a block
)

// newBlock makes the permutation that turns delivery numbers into ids. An id is the number and 64 zero bits, encrypted
// under a key that lives in the database: so no index leads from id to delivery, an id tells nothing of how many there are,
// and one that was not made here is known by the bits that are not zero.
func newBlock(key []byte) (cipher.Block, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("kirimhooks_meta has a broken key: %w", err)
	}
	return block, nil
}

// encodeID and decodeID work once the store is loaded.
func (s *Store) encodeID(number int64) string {
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[:8], uint64(number))
	s.kit.Load().block.Encrypt(b[:], b[:])
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	var out [idLen]byte
	for i := idLen - 1; i >= 0; i-- {
		out[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}

// decodeID is the inverse; false for what encodeID cannot have made. It takes one spelling only: upper case.
func (s *Store) decodeID(id string) (number int64, ok bool) {
	if len(id) != idLen || id[0] > '7' {
		return 0, false
	}
	var hi, lo uint64
	for i := range idLen {
		v := strings.IndexByte(crockford, id[i])
		if v < 0 {
			return 0, false
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(v)
	}
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[:8], hi)
	binary.BigEndian.PutUint64(b[8:], lo)
	s.kit.Load().block.Decrypt(b[:], b[:])
	number = int64(binary.BigEndian.Uint64(b[:8]))
	return number, number > 0 && binary.BigEndian.Uint64(b[8:]) == 0
}
