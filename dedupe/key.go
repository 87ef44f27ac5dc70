package dedupe

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const (
	maxPrefix = 75
	maxKey    = 255
)

var errEmptyKey = errors.New("dedupe: empty key: without an identity every event would be a duplicate of the first")

// storeKey keeps what an operator would look for readable: prefix ":" key. "#" and its SHA-256 replace a key that is
// long or not printable. A prefix holds neither mark, so the first of them tells where it ends and what follows. No two
// pairs of prefix and key share a store key.
func storeKey(prefix, key string) string {
	if len(key) <= maxKey && printable(key) {
		return prefix + ":" + key
	}
	sum := sha256.Sum256([]byte(key))
	return prefix + "#" + hex.EncodeToString(sum[:])
}

func checkPrefix(prefix string) error {
	if len(prefix) > maxPrefix {
		return fmt.Errorf("dedupe: Guard.Prefix: %d bytes, at most %d", len(prefix), maxPrefix)
	}
	if i := strings.IndexAny(prefix, ":#"); i >= 0 {
		return fmt.Errorf("dedupe: Guard.Prefix: %q may not hold %q, which ends it in the store", prefix, prefix[i])
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
