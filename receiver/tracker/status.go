package tracker

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// ErrStatus is wrapped where a status cannot be kept: it names no message, no step or no time.
var ErrStatus = errors.New("tracker: not a status of a message")

// Key is what makes two statuses those of one row.
type Key struct {
	// Source is [envelope.Meta] for what comes from Meta or through Kirim, and [envelope.Kirisan].
	Source envelope.Source
	// Line is who sent the message: Meta's phone_number_id, or Kirisan's device. Up to 512 bytes.
	Line string
	// ID is the message's: the wamid, or Kirim's "msg_…" where it never reached Meta. Up to 255 bytes.
	ID string
	// Participant is the one of a group whose status it is, "" for the message as a whole. Up to 255 bytes.
	Participant string
}

// Compare is the order in which stores return rows: by ID, Participant, Source and Line, each by its bytes.
func (k Key) Compare(other Key) int {
	return cmp.Or(
		strings.Compare(k.ID, other.ID), strings.Compare(k.Participant, other.Participant),
		cmp.Compare(k.Source, other.Source), strings.Compare(k.Line, other.Line))
}

// Status says that a message has come to a step.
type Status struct {
	Key
	Step Step
	// At is when it did. Stores keep microseconds.
	At time.Time

	// Recipient is the phone number the message went to, or the id of the group. "" if unknown.
	Recipient string
	// UserID is the business-scoped user id of the customer. "" if unknown.
	UserID string
	// KirimID is the "msg_…" that Kirim's send call answered. "" if unknown.
	KirimID string

	// Code and Reason say why it failed, see
	// https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/. 0 and "" for other steps.
	Code   int
	Reason string
}

const (
	maxSource = 64
	maxLine   = 512
	maxID     = 255
	maxReason = 1000
	// MySQL's timestamps aside, no store has trouble with what lies between.
	year10000 = 253402300800
)

// Normalize returns s as a store keeps it. The time is in UTC and whole microseconds. Text that no database could hold
// is left out: ids beside the key that are not [envelope.Printable], and what in a reason is no UTF-8, a NUL or over
// 1,000 bytes. The error wraps [ErrStatus] where the key, the step or the time is of no use.
func (s Status) Normalize() (Status, error) {
	switch {
	case !envelope.Printable(string(s.Source), maxSource):
		return Status{}, fmt.Errorf("%w: source", ErrStatus)
	case !isOptional(s.Line, maxLine):
		return Status{}, fmt.Errorf("%w: line", ErrStatus)
	case !envelope.Printable(s.ID, maxID):
		return Status{}, fmt.Errorf("%w: message id", ErrStatus)
	case !isOptional(s.Participant, maxID):
		return Status{}, fmt.Errorf("%w: participant", ErrStatus)
	case !s.Step.known():
		return Status{}, fmt.Errorf("%w: step", ErrStatus)
	case !isTime(s.At):
		return Status{}, fmt.Errorf("%w: time", ErrStatus)
	}
	s.At = s.At.UTC().Truncate(time.Microsecond)
	for _, id := range []*string{&s.Recipient, &s.UserID, &s.KirimID} {
		if !envelope.Printable(*id, maxID) {
			*id = ""
		}
	}
	if s.Step != Failed {
		s.Code, s.Reason = 0, ""
	}
	s.Reason = clip(strings.ReplaceAll(strings.ToValidUTF8(s.Reason, ""), "\x00", ""))
	return s, nil
}

func isOptional(text string, limit int) bool { return text == "" || envelope.Printable(text, limit) }

// isTime leaves out the zero time and what a status could only say by mistake.
func isTime(t time.Time) bool { return t.Unix() > 0 && t.Unix() < year10000 }

// clip shortens a text to what it says in whole characters, without space at an end.
func clip(text string) string {
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "")
	}
	return strings.TrimSpace(text)
}
