package wire

import (
	"bytes"
	"strconv"
	"unicode/utf16"
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
	i := bytes.IndexByte(text, '\\')
	if i < 0 && utf8.Valid(text) {
		return text
	}
	decoded := make([]byte, 0, len(text))
	for ; i >= 0; i = bytes.IndexByte(text, '\\') {
		var r rune
		decoded = appendValid(decoded, text[:i])
		r, text = unescape(text[i:])
		decoded = utf8.AppendRune(decoded, r)
	}
	return appendValid(decoded, text)
}

// appendValid replaces each byte that is no part of UTF-8 by U+FFFD.
func appendValid(dst, text []byte) []byte {
	if utf8.Valid(text) {
		return append(dst, text...)
	}
	for _, r := range string(text) {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// unescape decodes the valid escape at the beginning of text, and returns what follows it. Half a surrogate pair is
// U+FFFD.
func unescape(text []byte) (r rune, rest []byte) {
	switch c := text[1]; c {
	case 'b':
		return '\b', text[2:]
	case 'f':
		return '\f', text[2:]
	case 'n':
		return '\n', text[2:]
	case 'r':
		return '\r', text[2:]
	case 't':
		return '\t', text[2:]
	case 'u':
	default:
		return rune(c), text[2:]
	}
	r, rest = unit(text), text[len(`\u0000`):]
	if !utf16.IsSurrogate(r) {
		return r, rest
	}
	if bytes.HasPrefix(rest, []byte(`\u`)) {
		if pair := utf16.DecodeRune(r, unit(rest)); pair != utf8.RuneError {
			return pair, rest[len(`\u0000`):]
		}
	}
	return utf8.RuneError, rest
}

// unit returns the UTF-16 unit of a valid \u escape.
func unit(escape []byte) rune {
	n, _ := strconv.ParseUint(string(escape[2:6]), 16, 16)
	return rune(n)
}

// PrintableText is [Text] for a string that is [Printable]. Most of what is not costs no memory.
func PrintableText(value []byte, limit int) (s string, ok bool) {
	if len(value) < 2 || value[0] != '"' || len(value) > len(`\u0000`)*limit+2 {
		return "", false
	}
	text := unquote(value)
	return string(text), Printable(text, limit)
}

// Printable tells whether s can stand in a header field as it is: 1 to limit printable ASCII bytes, without a space at
// either end, which HTTP would trim.
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
