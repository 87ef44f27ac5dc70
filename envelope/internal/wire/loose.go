package wire

import "errors"

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
