package sqlitestore

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// storedRecord is what of a subscription stands in the column record.
type storedRecord struct {
	driver.Subscription
	Sealed []driver.SecretRecord `json:",omitempty"`
}

func encodeRecord(r *driver.SubscriptionRecord) (string, error) {
	s := storedRecord{Subscription: r.Subscription, Sealed: slices.Clone(r.Sealed)}
	s.CreatedAt, s.ActivatedAt = s.CreatedAt.UTC(), s.ActivatedAt.UTC() // JSON has no room for the seconds of a zone
	for i := range s.Sealed {
		s.Sealed[i].CreatedAt, s.Sealed[i].ExpiresAt = s.Sealed[i].CreatedAt.UTC(), s.Sealed[i].ExpiresAt.UTC()
	}
	s.Secrets = slices.Clone(s.Secrets)
	for i := range s.Secrets {
		s.Secrets[i].CreatedAt, s.Secrets[i].ExpiresAt = s.Secrets[i].CreatedAt.UTC(), s.Secrets[i].ExpiresAt.UTC()
	}
	text, err := json.Marshal(s)
	return string(text), err
}

const (
	sqlRecordColumns = `
SELECT s.subscription, s.org, s.id, CAST(s.version AS INTEGER), s.consecutive_dead, s.failing_since, s.record,
	(SELECT json_group_array(topic) FROM kirimhooks_topics INDEXED BY kirimhooks_topics_of
		WHERE subscription = s.subscription)`
	recordColumns = 8
)

// subscription is a row of kirimhooks_subscriptions. err wraps ErrUnreadable if the row does not decode or is gone: the
// record then has what can be read of it.
type subscription struct {
	number int64
	record *driver.SubscriptionRecord
	err    error
	gone   bool // there is no such row
}

func (s *subscription) isActive() bool { return s.record.Status == driver.StatusActive }

// scanSubscription fails only if the database does.
func scanSubscription(scan scanner, now int64) (*subscription, error) {
	var number int64
	var h health
	var text, topics string
	r := &driver.SubscriptionRecord{}
	err := scan(&number, &r.Org, &r.ID, &r.Version, &h.dead, &h.since, &text, &topics)
	org, id := r.Org, r.ID
	if err == nil {
		var s storedRecord
		err = json.Unmarshal([]byte(text), &s)
		r.Subscription, r.Sealed = s.Subscription, s.Sealed
	}
	if err == nil {
		err = json.Unmarshal([]byte(topics), &r.Topics)
	}
	if err == nil && (r.Org != org || r.ID != id) {
		err = errors.New("its record is that of another one")
	}
	if err != nil {
		row, failed := scanAny(scan, recordColumns)
		if failed != nil {
			return nil, failed
		}
		org, id = row.text(1), row.text(2)
		err = unreadable(fmt.Sprintf("subscription %q of org %q", id, org), err)
		return &subscription{number: row.number(0), record: unreadableRecord(org, id, row.number(3)), err: err}, nil
	}
	r.Health = h.told(now)
	return &subscription{number: number, record: r}, nil
}

func unreadableRecord(org, id string, version int64) *driver.SubscriptionRecord {
	return &driver.SubscriptionRecord{
		Subscription: driver.Subscription{
			Org: org, ID: id, Status: driver.StatusDisabled, StatusReason: driver.ReasonUnreadable,
		},
		Version: version,
	}
}
