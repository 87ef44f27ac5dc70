package sqlitestore

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"

	"github.com/kirimhooks/kirimhooks/internal/id"
)

// idCipher turns numbers of deliveries into ids. An id is the number and 64 zero bits, encrypted under a key that
// lives in the database. So it tells nothing of how many there are, and one that was not made here is known by the
// other bits.
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
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint64(block[:], uint64(number))
	s.ids.Load().Encrypt(block[:], block[:])
	return id.Encode(block)
}

// decodeID is the inverse; false for what encodeID cannot have made.
func (s *Store) decodeID(text string) (number int64, ok bool) {
	block, ok := id.Decode(text)
	if !ok {
		return 0, false
	}
	s.ids.Load().Decrypt(block[:], block[:])
	number = int64(binary.BigEndian.Uint64(block[:8]))
	return number, number > 0 && binary.BigEndian.Uint64(block[8:]) == 0
}

// decodeIDs leaves out the ids of no delivery.
func (s *Store) decodeIDs(ids []string) (list []int64) {
	for _, text := range ids {
		if number, ok := s.decodeID(text); ok {
			list = append(list, number)
		}
	}
	return list
}
