package meta

import (
	"bytes"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// surveyor walks the entry array once and keeps what names the event.
type surveyor struct {
	wire.Scanner
	entries, changes, messages, statuses int

	field   string // of the first change
	message item   // the first
	status  item   // the first
	odd     bool   // a key on the way stands twice or in another case, so that readers may differ on what the body says
}

// item is what names a message or a status, as raw values.
type item struct{ id, status, timestamp, recipientType, participant []byte }

func (w *surveyor) walk() error {
	return w.array(&w.entries, func() error {
		return w.object([]string{"changes"}, func(string) error {
			return w.array(&w.changes, w.change)
		})
	})
}

func (w *surveyor) change() error {
	return w.object([]string{"field", "value"}, func(key string) error {
		if key == "value" {
			return w.object([]string{"messages", "statuses"}, w.items)
		}
		value, err := w.Value()
		if field, ok := wire.Text(value); ok && w.changes == 1 {
			w.field = field
		}
		return err
	})
}

func (w *surveyor) items(key string) error {
	count, first, names := &w.messages, &w.message, []string{"id", "timestamp"}
	if key == "statuses" {
		count, first = &w.statuses, &w.status
		names = []string{"id", "status", "timestamp", "recipient_type", "recipient_participant_id"}
	}
	return w.array(count, func() error {
		if *count > 1 {
			return w.Skip()
		}
		return w.object(names, func(key string) (err error) {
			*first.at(key), err = w.Value()
			return err
		})
	})
}

func (i *item) at(key string) *[]byte {
	switch key {
	case "id":
		return &i.id
	case "status":
		return &i.status
	case "timestamp":
		return &i.timestamp
	case "recipient_type":
		return &i.recipientType
	}
	return &i.participant
}

// array counts the elements of an array; a value of another type has none.
func (w *surveyor) array(count *int, element func() error) error {
	if w.Peek() != '[' {
		return w.Skip()
	}
	return w.Array(func() error {
		*count++
		return element()
	})
}

// object calls known at the values of the keys in names; a value of another type has none.
func (w *surveyor) object(names []string, known func(key string) error) error {
	if w.Peek() != '{' {
		return w.Skip()
	}
	var seen [8]bool
	return w.Object(func(key []byte) error {
		for i, name := range names {
			if !bytes.EqualFold(key, []byte(name)) {
				continue
			}
			if seen[i] || string(key) != name {
				w.odd = true
				break
			}
			seen[i] = true
			return known(name)
		}
		return w.Skip()
	})
}

func (w *surveyor) createdAt() time.Time {
	first := w.message
	if w.messages == 0 {
		first = w.status
	}
	return Timestamp(loose(first.timestamp)).Time()
}

// loose returns the text of a string or a number, "" for anything else.
func loose(value []byte) string {
	var text wire.Loose
	if len(value) == 0 || text.UnmarshalJSON(value) != nil {
		return ""
	}
	return string(text)
}
