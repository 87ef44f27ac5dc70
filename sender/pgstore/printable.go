package pgstore

import (
	"strings"
	"unicode/utf8"
)

// storable reports whether the database can compare texts with what it has. What it cannot hold, it does not have.
func storable(texts ...string) bool {
	for _, t := range texts {
		if !utf8.ValidString(t) || strings.IndexByte(t, 0) >= 0 {
			return false
		}
	}
	return true
}

// printable makes a text storable that nobody should lose an outcome for.
func printable(s string) string {
	if storable(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
