// Package id makes and spells opaque ids: upper-case Crockford base32, 26 characters behind a prefix.
package id

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
)

const (
	alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	length   = 26 // 130 bits, two more than a block of 16 bytes has
)

// New returns prefix and 26 random characters, 130 bits of crypto/rand. Such an id carries no time and does not sort.
func New(prefix string) string {
	id := make([]byte, len(prefix)+length)
	random := id[copy(id, prefix):]
	rand.Read(random) // never fails
	for i, b := range random {
		random[i] = alphabet[b&31]
	}
	return string(id)
}

// Encode spells a block of 16 bytes.
func Encode(block [16]byte) string {
	hi, lo := binary.BigEndian.Uint64(block[:8]), binary.BigEndian.Uint64(block[8:])
	var id [length]byte
	for i := length - 1; i >= 0; i-- {
		id[i] = alphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(id[:])
}

// Decode is the inverse of Encode. It takes that one spelling only, and reports false for any other.
func Decode(id string) (block [16]byte, ok bool) {
	if len(id) != length || id[0] > '7' {
		return block, false
	}
	var hi, lo uint64
	for i := range length {
		v := strings.IndexByte(alphabet, id[i])
		if v < 0 {
			return block, false
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(v)
	}
	binary.BigEndian.PutUint64(block[:8], hi)
	binary.BigEndian.PutUint64(block[8:], lo)
	return block, true
}
