package tracker

import (
	"cmp"
	"strings"
	"time"
)

// Message is one row: a message, or what one participant of a group has of it.
type Message struct {
	Key
	// Step is the furthest, and Since when the message came to it.
	Step  Step
	Since time.Time

	// When the message came to each step, by the earliest status; the zero time if no status says.
	SentAt, DeliveredAt, ReadAt, PlayedAt, FailedAt time.Time

	// As in [Status]; of two that differ the greater stands, so that the order in which they came makes no difference.
	Recipient, UserID, KirimID string
	// Code and Reason of the first failure.
	Code   int
	Reason string
}

// Apply returns m with one status more. The zero Message is before the first. In which order statuses are applied, and
// how often, makes no difference. One of another message, or that cannot be kept, changes nothing.
func (m Message) Apply(s Status) Message {
	s, err := s.Normalize()
	if err != nil || m.Key != (Key{}) && m.Key != s.Key {
		return m
	}
	m.Key = s.Key
	m.Recipient, m.UserID, m.KirimID = max(m.Recipient, s.Recipient), max(m.UserID, s.UserID), max(m.KirimID, s.KirimID)
	if s.Step == Failed && m.failsFirst(s) {
		m.Code, m.Reason = s.Code, s.Reason
	}
	at := m.at(s.Step)
	*at = earlier(*at, s.At)
	m.Step = m.furthest()
	m.Since = *m.at(m.Step)
	return m
}

// failsFirst reports whether s is the failure to be told. Of two at the same time any rule will do that both orders
// keep.
func (m *Message) failsFirst(s Status) bool {
	return m.FailedAt.IsZero() || 0 > cmp.Or(
		s.At.Compare(m.FailedAt), cmp.Compare(s.Code, m.Code), strings.Compare(s.Reason, m.Reason))
}

// furthest is a function of the times alone. No receipt that comes after a failure undoes it, and none of before is
// undone by it.
func (m *Message) furthest() Step {
	arrived := earlier(earlier(m.DeliveredAt, m.ReadAt), m.PlayedAt)
	switch {
	case !m.FailedAt.IsZero() && (arrived.IsZero() || m.FailedAt.Before(arrived)):
		return Failed
	case !m.PlayedAt.IsZero():
		return Played
	case !m.ReadAt.IsZero():
		return Read
	case !m.DeliveredAt.IsZero():
		return Delivered
	}
	return Sent
}

func (m *Message) at(s Step) *time.Time {
	switch s {
	case Sent:
		return &m.SentAt
	case Delivered:
		return &m.DeliveredAt
	case Read:
		return &m.ReadAt
	case Played:
		return &m.PlayedAt
	default:
		return &m.FailedAt
	}
}

// earlier is the one that is known, the earlier if both are.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
