package wire

import (
	"errors"
	"strconv"
)

// Unmarshal is [Decode].
func Unmarshal(data []byte, v any) error { return Decode(data, v) }

// Loose is text that a vendor writes as a string here and as a number there. null reads as "".
type Loose string

// UnmarshalJSON takes a string, a number or null.
func (l *Loose) UnmarshalJSON(b []byte) error {
	switch c := b[0]; {
	case c == '"':
		s, _ := Text(b)
		*l = Loose(s)
	case c == '-' || digit(c):
		*l = Loose(b)
	case c == 'n':
		*l = ""
	default:
		return errors.New("neither a string nor a number")
	}
	return nil
}

// Int returns the integer that l spells, 0 if it spells none.
func (l Loose) Int() int {
	n, err := strconv.Atoi(string(l))
	if err != nil {
		return 0
	}
	return n
}
