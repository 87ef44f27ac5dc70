package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Unmarshal is json.Unmarshal with errors that name the field and the types but quote nothing of data.
func Unmarshal(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		// Value is "string", "object" or "number 42": the literal stays out of logs.
		found, _, _ := strings.Cut(mismatch.Value, " ")
		return fmt.Errorf("field %q is of JSON type %s, which does not fit Go type %s", mismatch.Field, found, mismatch.Type)
	}
	return err
}

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
