package signature

import (
	"crypto/sha256"
	"encoding/binary"
)

const hexLength = 2 * sha256.Size

// spell returns eight digits of lower-case hex in the order of memory, by arithmetic: encoding/hex looks each one up in
// a table, at an address that depends on the MAC to be kept secret, and takes twice as long.
func spell(quarter uint32) uint64 {
	const each, nibbles = 0x0101010101010101, 0x000f000f000f000f
	w := uint64(quarter)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	w = w>>4&nibbles | w&nibbles<<8    // a nibble in each byte, the upper one first
	letter := (w + 6*each) >> 4 & each // 1 in each byte above 9
	return w + '0'*each + letter*('a'-'0'-10)
}

// fits reports in constant time whether digits, hexLength bytes, spell sum in either case.
func fits(sum *[sha256.Size]byte, digits string) bool {
	var differ uint64
	for i := 0; i < sha256.Size; i += 8 {
		half := binary.LittleEndian.Uint64(sum[i:])
		given := digits[2*i : 2*i+16]
		differ |= spell(uint32(half)) ^ lower(given[:8])
		differ |= spell(uint32(half>>32)) ^ lower(given[8:])
	}
	return differ == 0
}

// lower is eight digits as spell writes them, of whatever case.
func lower(digits string) uint64 {
	const shift = 0x4040404040404040 // set in letters, unset in digits; half of it tells the cases apart
	w := uint64(digits[0]) | uint64(digits[1])<<8 | uint64(digits[2])<<16 | uint64(digits[3])<<24 |
		uint64(digits[4])<<32 | uint64(digits[5])<<40 | uint64(digits[6])<<48 | uint64(digits[7])<<56 // one load
	return w | w&shift>>1
}

func appendHex(dst []byte, sum *[sha256.Size]byte) []byte {
	n := len(dst)
	dst = append(dst, make([]byte, hexLength)...)
	text := (*[hexLength]byte)(dst[n:])
	for i := 0; i < sha256.Size; i += 8 {
		half := binary.LittleEndian.Uint64(sum[i:])
		binary.LittleEndian.PutUint64(text[2*i:], spell(uint32(half)))
		binary.LittleEndian.PutUint64(text[2*i+8:], spell(uint32(half>>32)))
	}
	return dst
}
