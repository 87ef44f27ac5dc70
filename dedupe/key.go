package dedupe

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

const (
	maxPrefix   = 75
	maxKey      = 255
	maxStoreKey = maxPrefix + 1 + maxKey
)

var errEmptyKey = errors.New("dedupe: empty key: without an identity every event would be a duplicate of the first")

// appendStoreKey keeps what an operator would look for readable: prefix ":" key. A key that is long or not printable is replaced by
// "#" and its SHA-256. Since a prefix holds neither mark, the first of them tells where it ends and what follows: no two
// pairs of prefix and key share a store key.
func appendStoreKey(dst []byte, prefix, key string) []byte {
	dst = append(dst, prefix...)
	if len(key) <= maxKey && printable(key) {
		return append(append(dst, ':'), key...)
	}
	sum := sha256.Sum256([]byte(key))
	return hex.AppendEncode(append(dst, '#'), sum[:])
}

func checkPrefix(prefix string) error {
	if len(prefix) > maxPrefix {
		return fmt.Errorf("dedupe: Guard.Prefix: %d bytes, at most %d", len(prefix), maxPrefix)
	}
	for i := range len(prefix) {
		if c := prefix[i]; c == ':' || c == '#' {
			return fmt.Errorf("dedupe: Guard.Prefix: %q may not hold %q, which ends it in the store", prefix, c)
		}
	}
	if !printable(prefix) {
		return fmt.Errorf("dedupe: Guard.Prefix: %q is not printable ASCII", prefix)
	}
	return nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
