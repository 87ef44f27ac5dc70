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
	here    part   // what the change at hand shows
	odd     bool   // a key on the way stands twice or in another case, so that readers may differ on what the body says
}

// part is what one change shows. Its field may stand after its value, so that it counts only once it is read.
type part struct {
	field              []byte
	messages, statuses int
	message, status    item // the first
}

// item is what names a message or a status, as raw values.
type item struct {
	id, status, timestamp, recipientType []byte
	participants                         [len(participants)][]byte
}

func (w *surveyor) walk() error {
	return w.array(&w.entries, func() error {
		return w.object([]string{"changes"}, func(string) error {
			return w.array(&w.changes, w.change)
		})
	})
}

func (w *surveyor) change() error {
	w.here = part{}
	err := w.object([]string{"field", "value"}, func(key string) (err error) {
		switch {
		case key == "field":
			w.here.field, err = w.Value()
		case counts(text(w.here.field)):
			err = w.object([]string{"messages", "statuses"}, w.items)
		default:
			err = w.Skip()
		}
		return err
	})
	field := text(w.here.field)
	if w.changes == 1 {
		w.field = field
	}
	if counts(field) {
		w.take()
	}
	return err
}

// take counts what the change at hand shows.
func (w *surveyor) take() {
	if w.messages == 0 {
		w.message = w.here.message
	}
	if w.statuses == 0 {
		w.status = w.here.status
	}
	w.messages += w.here.messages
	w.statuses += w.here.statuses
}

var (
	messageNames = []string{"id", "timestamp"}
	statusNames  = append([]string{"id", "status", "timestamp", "recipient_type"}, participants[:]...)
)

func (w *surveyor) items(key string) error {
	count, first, names := &w.here.messages, &w.here.message, messageNames
	if key == "statuses" {
		count, first, names = &w.here.statuses, &w.here.status, statusNames
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
	for n, name := range participants {
		if key == name {
			return &i.participants[n]
		}
	}
	return new([]byte)
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

// text returns what decoding makes of a value that should be text.
func text(value []byte) string {
	if len(value) == 0 {
		return ""
	}
	switch value[0] {
	case '"':
		s, _ := wire.Text(value)
		return s
	case '{', '[', 'n':
		return ""
	}
	return string(value)
}
