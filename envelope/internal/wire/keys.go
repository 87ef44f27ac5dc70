package wire

import (
	"bytes"
	"strings"
	"unicode"
)

// Keys are the keys of one object, and find those that encoding/json takes for one field: "id", "ID", "\u0069d". The
// zero Keys are empty.
type Keys struct {
	few    [16][]byte
	n      int
	folded map[string]struct{} // all of them, once few is not enough
}

// Add takes a decoded key, which it keeps. It reports false if that key or another spelling of it is there already.
func (k *Keys) Add(key []byte) bool {
	if k.folded == nil {
		for i := range k.few[:k.n] {
			if bytes.EqualFold(k.few[i], key) {
				return false
			}
		}
		if k.n < len(k.few) {
			k.few[k.n] = key
			k.n++
			return true
		}
		k.folded = make(map[string]struct{}, 2*len(k.few))
		for _, key := range k.few {
			k.folded[fold(key)] = struct{}{}
		}
	}
	spelling := fold(key)
	_, taken := k.folded[spelling]
	k.folded[spelling] = struct{}{}
	return !taken
}

// fold maps every spelling that bytes.EqualFold takes for one to the same string.
func fold(key []byte) string {
	return strings.Map(func(r rune) rune {
		smallest := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			smallest = min(smallest, next)
		}
		return smallest
	}, string(key))
}
