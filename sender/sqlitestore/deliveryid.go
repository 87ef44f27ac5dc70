package sqlitestore

import (
	"context"
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

// idCipher turns numbers of deliveries into ids. An id is the number and 64 zero bits, encrypted under a key that lives in
// the database. So it tells nothing of how many there are, and one that was not made here is known by the other bits.
type idCipher struct{ cipher.Block }

// load reads the key, once, and finds out whether the tables are those that the statements are written for.
func (s *Store) load(ctx context.Context) error {
	if s.ids.Load() != nil {
		return nil
	}
	var key []byte
	err := s.untilFree(ctx, func() (err error) { key, err = s.readKey(ctx); return err })
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return fmt.Errorf("kirimhooks_meta has a broken key: %w", err)
	}
	s.ids.Store(&idCipher{block})
	return nil
}

// encodeID and decodeID work once the store is loaded.
func (s *Store) encodeID(number int64) string {
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[:8], uint64(number))
	s.ids.Load().Encrypt(b[:], b[:])
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
	s.ids.Load().Decrypt(b[:], b[:])
	number = int64(binary.BigEndian.Uint64(b[:8]))
	return number, number > 0 && binary.BigEndian.Uint64(b[8:]) == 0
}

// decodeIDs leaves out the ids of no delivery.
func (s *Store) decodeIDs(ids []string) (list []int64) {
	for _, id := range ids {
		if number, ok := s.decodeID(id); ok {
			list = append(list, number)
		}
	}
	return list
}
