package envelope

import (
	"encoding/json"
	"fmt"
	"iter"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// ErrMalformed is wrapped by every error about a body that cannot be read as an event of its source.
var ErrMalformed = wire.ErrMalformed

// Members are the top-level members of a JSON object, found without decoding their values. Their bytes are those of
// the scanned body. The zero Members are those of an empty object.
type Members struct {
	few  [16]member
	n    int
	more []member // the seventeenth and on
}

type member struct{ key, value []byte }

// Scan reads body as one JSON object, strictly: the grammar of encoding/json, no byte order mark, nothing but white
// space after the object. Nesting is at most 64. No top-level key may stand twice, in whatever spelling that
// encoding/json takes for one field: "id", "ID", "\u0069d". Two readers could then see two events in one signed body.
//
// The error wraps [ErrMalformed], names the byte offset and quotes nothing of body. Nothing is allocated for an object
// of up to 16 members whose keys have no escape.
func Scan(body []byte) (Members, error) {
	var m Members
	var keys wire.Keys
	s := wire.NewScanner(body)
	err := s.Object(func(key []byte) error {
		if !keys.Add(key) {
			return s.Fault("second spelling of a top-level key")
		}
		value, err := s.Value()
		m.add(key, value)
		return err
	})
	if err == nil {
		err = s.End()
	}
	if err != nil {
		return Members{}, fmt.Errorf("envelope: %w: %w", ErrMalformed, err)
	}
	return m, nil
}

// Raw returns the bytes of the value of key, exactly as they stand in the body; nil if there is none.
func (m *Members) Raw(key string) json.RawMessage {
	for i := range m.few[:m.n] {
		if string(m.few[i].key) == key {
			return m.few[i].value
		}
	}
	for i := range m.more {
		if string(m.more[i].key) == key {
			return m.more[i].value
		}
	}
	return nil
}

// Text returns the value of key if it is a string.
func (m *Members) Text(key string) (string, bool) { return wire.Text(m.Raw(key)) }

// All yields the members in the order of the body, keys decoded.
func (m *Members) All() iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for _, list := range [2][]member{m.few[:m.n], m.more} {
			for _, e := range list {
				if !yield(string(e.key), e.value) {
					return
				}
			}
		}
	}
}

func (m *Members) add(key, value []byte) {
	if m.n < len(m.few) {
		m.few[m.n] = member{key, value}
		m.n++
		return
	}
	m.more = append(m.more, member{key, value})
}
