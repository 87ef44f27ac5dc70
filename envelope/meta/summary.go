package meta

import (
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
	raw, err := scanEntry(body)
	if err != nil {
		return Summary{}, err
	}
	var entries []glance
	plain, _ := wire.Plain(raw, &entries) // what does not fit shows nothing
	var s Summary
	var first item
	changes := 0
	for _, entry := range entries {
		for _, c := range entry.Changes {
			if changes++; changes == 1 {
				s.Field = c.Field
			}
			if !counts(c.Field) {
				continue
			}
			switch messages, statuses := c.Value.Messages, c.Value.Statuses; {
			case s.Messages == 0 && len(messages) > 0:
				first = messages[0]
			case s.Messages+s.Statuses == 0 && len(statuses) > 0:
				first = statuses[0]
			}
			s.Messages += len(c.Value.Messages)
			s.Statuses += len(c.Value.Statuses)
		}
	}
	s.CreatedAt = Timestamp(loose(first.Timestamp)).Time()
	alone := plain && len(entries) == 1 && changes == 1 && s.Messages+s.Statuses == 1
	s.Identity = identityOf(raw, first, alone, s.Messages == 1)
	return s, nil
}

// glance is as much of an [Entry] as names its event.
type glance struct {
	Changes []struct {
		Field string `json:"field"`
		Value struct {
			Messages []item `json:"messages"`
			Statuses []item `json:"statuses"`
		} `json:"value"`
	} `json:"changes"`
}

// item is what names a message or a status.
type item struct {
	ID            wire.Value `json:"id"`
	Status        wire.Value `json:"status"`
	Timestamp     wire.Value `json:"timestamp"`
	RecipientType wire.Value `json:"recipient_type"`

	// The ways to name one of a group, the surest first. Meta's page on groups
	// (https://developers.facebook.com/documentation/business-messaging/whatsapp/groups/webhooks) spells the first in
	// two ways. Who has a user name may have a business-scoped user id alone.
	Participant1 wire.Value `json:"recipient_participant_id"`
	Participant2 wire.Value `json:"participant_recipient_id"`
	Participant3 wire.Value `json:"recipient_participant_user_id"`
	Participant4 wire.Value `json:"recipient_participant_parent_user_id"`
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
