package wire

import (
	"cmp"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// ErrMalformed is wrapped by every error about a body that cannot be read as an event of its source.
var ErrMalformed = errors.New("malformed body")

var errMisfit = errors.New("another JSON type")

// misfit says that the value at a place of the body does not read. It never quotes the value: bodies stay out of logs.
type misfit struct {
	path  string
	found string
	want  string
	cause error // of a type that reads itself
}

func (m *misfit) Error() string {
	return cmp.Or(m.path, "body") + ": " + m.found + " does not read as " + m.want
}

func (m *misfit) Unwrap() []error { return []error{ErrMalformed, m.cause} }

// path is where a value stands: the names of members and, where they are empty, indices of elements.
type path []step

type step struct {
	name  string
	index int
}

func (p path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.name == "":
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
			continue
		case i > 0:
			b.WriteByte('.')
		}
		b.WriteString(s.name)
	}
	return b.String()
}

// misfit returns the error about a value at p.
func (p path) misfit(at *plan, raw []byte, cause error) *misfit {
	var inner *misfit
	var mismatch *json.UnmarshalTypeError
	switch {
	case at.as == byOwn && errors.As(cause, &inner):
		return inner
	case errors.As(cause, &inner):
		return &misfit{p.join(inner.path), inner.found, inner.want, cause}
	case errors.As(cause, &mismatch):
		found, _, _ := strings.Cut(mismatch.Value, " ") // "number 42": the literal stays out of logs
		return &misfit{p.join(mismatch.Field), "a JSON " + found, "its field", cause}
	}
	return &misfit{p.join(""), found(raw[0]), at.want(), cause}
}

func (p path) join(rest string) string {
	switch at := p.String(); {
	case at == "" || rest == "" || rest[0] == '[':
		return at + rest
	default:
		return at + "." + rest
	}
}

// blank tells whether a value says nothing, as languages write it that do not tell an empty list from an empty map.
func blank(raw []byte) bool {
	switch raw[0] {
	case 'n':
		return true
	case '"':
		return len(raw) == len(`""`)
	case '[', '{':
		s := NewScanner(raw[1:])
		return s.Peek() == raw[0]+2
	}
	return false
}

func found(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "text"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}
