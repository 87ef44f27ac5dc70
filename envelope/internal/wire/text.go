package wire

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Text returns the decoded string of a valid value; ok is false for a value of another type.
func Text(value []byte) (s string, ok bool) {
	if len(value) < 2 || value[0] != '"' {
		return "", false
	}
	return string(unquote(value)), true
}

// unquote decodes a valid quoted string, without copying where it stands for itself.
func unquote(quoted []byte) []byte {
	text := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text) {
		return text
	}
	var decoded string
	_ = json.Unmarshal(quoted, &decoded) // it is valid
	return []byte(decoded)
}

// PrintableText is [Text] for a string that is [Printable]. Most of what is not costs no memory: a byte of it takes six
// at most, as "\u0041".
func PrintableText(value []byte, limit int) (s string, ok bool) {
	if len(value) < 2 || value[0] != '"' || len(value) > 6*limit+len(`""`) {
		return "", false
	}
	text := unquote(value)
	return string(text), Printable(text, limit)
}

// Printable tells whether s can stand in a header field as it is: 1 to limit printable ASCII bytes. A space at either
// end is refused, since HTTP would trim it.
func Printable[T string | []byte](s T, limit int) bool {
	if len(s) == 0 || len(s) > limit || s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
