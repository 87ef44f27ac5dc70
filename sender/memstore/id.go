package memstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
)

// crockford writes 16 bytes as 26 characters.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// ids makes the ids of deliveries: the number, encrypted under a key that lives as long as the store. So an id can be
// guessed by nobody and tells nothing of how many there are, and one that was purged still says where a page ended.
type ids struct{ block cipher.Block }

func newIDs() ids {
	key := make([]byte, 16)
	rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("memstore: " + err.Error()) // 16 bytes are a valid key
	}
	return ids{block}
}

// of is the id of the delivery that has this number.
func (x ids) of(number uint64) string {
	b := make([]byte, aes.BlockSize)
	binary.BigEndian.PutUint64(b[8:], number)
	x.block.Encrypt(b, b)
	return crockford.EncodeToString(b)
}

// number is the inverse; false for what was not made here.
func (x ids) number(id string) (number uint64, ok bool) {
	b, err := crockford.DecodeString(id)
	if err != nil || len(b) != aes.BlockSize {
		return 0, false
	}
	x.block.Decrypt(b, b)
	return binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint64(b[:8]) == 0
}
