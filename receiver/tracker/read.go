package tracker

import (
	"cmp"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// Statuses returns what ev says about messages that were sent, see the package comment; none for any other event. All
// of them are as [Status.Normalize] returns them.
//
// A status that states no time, or one after its arrival, is of the time at which it arrived.
func Statuses(ev *receiver.Event) []Status {
	if ev.Test {
		return nil
	}
	var list []Status
	switch ev.Source {
	case envelope.Meta:
		list = ofMeta(ev)
	case envelope.Kirim:
		list = ofKirim(ev)
	case envelope.Kirisan:
		list = ofKirisan(ev)
	}
	arrived := ev.ReceivedAt
	if !isTime(arrived) {
		arrived = time.Now()
	}
	kept := list[:0]
	for _, s := range list {
		if !isTime(s.At) || s.At.After(arrived) {
			s.At = arrived
		}
		s.Recipient = kirisan.PlainDevice(s.Recipient) // "+62 812…" and "62812…" are one number
		if s, err := s.Normalize(); err == nil {
			kept = append(kept, s)
		}
	}
	return kept
}

// ofMeta looks at every body that has statuses, whatever its event's name: one that has messages too goes by theirs.
func ofMeta(ev *receiver.Event) []Status {
	n, err := meta.Parse(ev.Body)
	if err != nil {
		return nil
	}
	var list []Status
	for line, st := range n.Statuses() {
		s := Status{
			Key:       Key{Source: envelope.Meta, Line: line.PhoneNumberID, ID: st.ID},
			Step:      Step(st.Status),
			At:        st.Timestamp.Time(),
			Recipient: cmp.Or(st.RecipientID, st.GroupID),
			UserID:    st.RecipientUserID,
		}
		if len(st.Errors) > 0 {
			s.Code, s.Reason = st.Errors[0].Code, metaReason(st.Errors[0])
		}
		who := st.Participant()
		if who == "" {
			list = append(list, s)
			continue
		}
		one := s
		one.Participant, one.UserID = who, st.RecipientParticipantUserID
		list = append(list, one)
		if s.Step != Failed { // for one, not for all
			list = append(list, s)
		}
	}
	if n.Kirim != nil && sameMessage(n, list) {
		for i := range list {
			list[i].KirimID = n.Kirim.MessageID
		}
	}
	return list
}

// sameMessage reports whether what Kirim adds to a body can only be about the message of list.
func sameMessage(n *meta.Notification, list []Status) bool {
	for range n.Messages() {
		return false
	}
	for _, s := range list {
		if s.ID != list[0].ID {
			return false
		}
	}
	return true
}

func metaReason(e meta.Error) string {
	details := e.Details
	if e.ErrorData != nil {
		details = cmp.Or(e.ErrorData.Details, details)
	}
	return reason(e.Title, cmp.Or(details, e.Message))
}

func reason(title, more string) string {
	if title == "" || more == "" || title == more {
		return cmp.Or(title, more)
	}
	return title + ": " + more
}

// ofKirim reads message.sent, the one native event that tells of a step. It is about a row of Meta's statuses.
func ofKirim(ev *receiver.Event) []Status {
	if ev.Type != kirim.TypeMessageSent {
		return nil
	}
	d, err := kirim.MessageSent.Decode(ev.Body)
	if err != nil {
		return nil
	}
	s := Status{
		Key:       Key{Source: envelope.Meta, Line: d.Session, ID: cmp.Or(d.Message.ProviderID, d.Message.ID)},
		Step:      Sent,
		At:        d.Timestamp.Time,
		Recipient: d.Message.To,
		KirimID:   d.Message.ID,
	}
	if d.Meta != nil {
		s.Line = cmp.Or(d.Meta.PhoneNumberID, s.Line)
	}
	if d.Contact != nil {
		s.Recipient = cmp.Or(s.Recipient, d.Contact.PhoneNumber)
	}
	if s.At.IsZero() {
		s.At = ev.CreatedAt
	}
	return []Status{s}
}

func ofKirisan(ev *receiver.Event) []Status {
	if ev.Type != kirisan.TypeMessageStatus {
		return nil
	}
	d, err := kirisan.MessageStatusEvent.Decode(ev.Body)
	if err != nil {
		return nil
	}
	s := Status{
		Key: Key{
			Source: envelope.Kirisan,
			Line:   kirisan.PlainDevice(ev.Device),
			ID:     cmp.Or(d.MessageID, d.Metadata.MessageID),
		},
		Step:      Step(cmp.Or(d.Status, d.Metadata.Status)),
		At:        d.Timestamp.Time(),
		Recipient: d.Recipient,
	}
	if len(d.Metadata.Errors) > 0 {
		e := d.Metadata.Errors[0]
		s.Code, s.Reason = e.Code, reason(e.Title, e.Message)
	}
	return []Status{s}
}
