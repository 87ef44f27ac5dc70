package wire

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

func (s *Scanner) scalar(c byte) error {
	switch {
	case c == '"':
		return s.str()
	case c == '-' || digit(c):
		return s.number()
	case c == 't':
		return s.literal("true")
	case c == 'f':
		return s.literal("false")
	case c == 'n':
		return s.literal("null")
	}
	return s.unexpected("a value")
}

// str reads a string from its opening quote on. Bytes that are not UTF-8 pass, as they do in encoding/json.
func (s *Scanner) str() error {
	data, i := s.data, s.pos+1
	for {
		for uint(i)+8 <= uint(len(data)) {
			hits := specials(binary.LittleEndian.Uint64(data[i:]))
			if hits != 0 {
				i += bits.TrailingZeros64(hits) / 8
				break
			}
			i += 8
		}
		for i < len(data) && data[i] >= ' ' && data[i] != '"' && data[i] != '\\' {
			i++
		}
		s.pos = i
		switch {
		case i == len(data):
			return s.Fault("string without an end")
		case data[i] == '"':
			s.pos++
			return nil
		case data[i] != '\\':
			return s.Fault("control character in a string")
		}
		if err := s.escape(); err != nil {
			return err
		}
		i = s.pos + 1
	}
}

// specials sets the top bit of the quotes, backslashes and control characters of a word. Each subtraction may set it
// wrongly above such a byte only: the lowest is right.
func specials(word uint64) uint64 {
	const ones = 0x0101010101010101
	const tops = ones << 7
	quote, backslash := word^(ones*'"'), word^(ones*'\\')
	return ((word - ones*' ') | (quote - ones) | (backslash - ones)) &^ word & tops
}

// escape reads an escape up to its last byte.
func (s *Scanner) escape() error {
	s.pos++
	if s.pos == len(s.data) {
		return s.Fault("string without an end")
	}
	switch s.data[s.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return nil
	case 'u':
		for range 4 {
			if s.pos++; s.pos == len(s.data) || !hex(s.data[s.pos]) {
				return s.Fault("incomplete \\u escape")
			}
		}
		return nil
	}
	return s.Fault("unknown escape")
}

func (s *Scanner) number() error {
	if s.data[s.pos] == '-' {
		s.pos++
	}
	switch start := s.pos; {
	case s.digits() == 0:
		return s.Fault("number without digits")
	case s.data[start] == '0' && s.pos > start+1:
		return s.Fault("number with a leading zero")
	}
	if s.at('.') {
		if s.pos++; s.digits() == 0 {
			return s.Fault("number without digits after its point")
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if s.digits() == 0 {
			return s.Fault("number without digits in its exponent")
		}
	}
	return nil
}

func (s *Scanner) digits() (n int) {
	for ; s.pos < len(s.data) && digit(s.data[s.pos]); s.pos++ {
		n++
	}
	return n
}

func (s *Scanner) at(c byte) bool { return s.pos < len(s.data) && s.data[s.pos] == c }

func (s *Scanner) literal(word string) error {
	if end := s.pos + len(word); end > len(s.data) || string(s.data[s.pos:end]) != word {
		return s.unexpected("a value")
	}
	s.pos += len(word)
	return nil
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func hex(c byte) bool { return digit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func (s *Scanner) unexpected(want string) error {
	if s.pos >= len(s.data) {
		return s.Fault("body ends where " + want + " should stand")
	}
	return s.Fault(want + " should stand here")
}

// Fault is an error about the byte at which the Scanner stands.
func (s *Scanner) Fault(what string) error {
	return fmt.Errorf("%s at byte %d", what, s.pos)
}
