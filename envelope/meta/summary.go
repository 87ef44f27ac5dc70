package meta

import (
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Summary is what a body shows at a glance: enough to name its event, and much cheaper than [Parse].
type Summary struct {
	Identity  string    // see [Identity]
	Messages  int       // over all entries and changes whose field is "messages"
	Statuses  int       // over the same
	Field     string    // of the first change
	CreatedAt time.Time // of the first message, else of the first status; zero if that says none
}

// Type returns "message.received" where there are messages, "message.status" where there are statuses alone, else "".
// So a body that mixes fields is named by its messages, then by its statuses; without either Field names it.
func (s Summary) Type() string {
	switch {
	case s.Messages > 0:
		return MessageReceived.Type()
	case s.Statuses > 0:
		return MessageStatus.Type()
	}
	return ""
}

// Summarize reads a whole body. It counts as [Parse] does, and fails without an "entry" array or where [envelope.Scan]
// does; the error wraps [envelope.ErrMalformed].
func Summarize(body []byte) (Summary, error) {
	entry, err := scanEntry(body)
	if err != nil {
		return Summary{}, err
	}
	w := surveyor{Scanner: wire.NewScanner(entry)}
	if err := w.walk(); err != nil {
		return Summary{}, fmt.Errorf("meta: %w: %w", envelope.ErrMalformed, err)
	}
	s := Summary{
		Identity:  w.identity(entry),
		Messages:  w.messages,
		Statuses:  w.statuses,
		Field:     w.field,
		CreatedAt: w.createdAt(),
	}
	if w.odd {
		s.recount(body)
	}
	return s, nil
}

// recount takes the counts from the decoded body, which is what a handler will see where a key stands twice.
func (s *Summary) recount(body []byte) {
	n, err := Parse(body)
	if err != nil {
		return
	}
	*s = Summary{Identity: s.Identity, Field: n.firstField()}
	for _, st := range n.Statuses() {
		if s.Statuses++; s.Statuses == 1 {
			s.CreatedAt = st.Timestamp.Time()
		}
	}
	for _, m := range n.Messages() {
		if s.Messages++; s.Messages == 1 {
			s.CreatedAt = m.Timestamp.Time()
		}
	}
}

func (n *Notification) firstField() string {
	for _, entry := range n.Entry {
		for _, change := range entry.Changes {
			return change.Field
		}
	}
	return ""
}

// NewEvent makes the event of one Meta body, which it keeps as it is and does not copy. ID is [Identity]. Type is
// "message.received" where the body has messages, "message.status" where it has statuses alone, else the first change's
// field. That is "unknown" if it is no word of 1 to 128 printable bytes. CreatedAt is the time of the first message,
// else of the first status. The error wraps [envelope.ErrMalformed].
//
// Messages and statuses of other fields do not count: synchronised history, echoes, standby copies and calls are events
// of their field's name. A body that mixes fields is one event under one name; its handler gets every part.
func NewEvent(body []byte) (envelope.Event, error) {
	s, err := Summarize(body)
	if err != nil {
		return envelope.Event{}, err
	}
	typ := s.Type()
	if typ == "" {
		typ = s.Field
	}
	if !isWord(typ, 128) {
		typ = "unknown"
	}
	return envelope.Event{ID: s.Identity, Source: envelope.Meta, Type: typ, CreatedAt: s.CreatedAt, Body: body}, nil
}
