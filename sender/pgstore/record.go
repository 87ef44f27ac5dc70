package pgstore

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// storedRecord is a subscription as its row has it.
type storedRecord struct {
	number, version int64
	record          string
	topics          pgtype.FlatArray[pgtype.Text]
}

// read reads what put_subscription wrote.
func (x *storedRecord) read() (*driver.SubscriptionRecord, error) {
	r := &driver.SubscriptionRecord{}
	if err := json.Unmarshal([]byte(x.record), r); err != nil {
		return nil, fmt.Errorf("the record of the subscription: %w: %w", driver.ErrUnreadable, err)
	}
	if r.Org == "" || r.ID == "" {
		return nil, fmt.Errorf("the record of the subscription does not say whose it is: %w", driver.ErrUnreadable)
	}
	var err error
	if r.Topics, err = texts("topics", x.topics); err != nil {
		return nil, err
	}
	r.Version = x.version
	return r, nil
}

// nameless is what is left of a subscription that cannot be read, so that its owner can replace or remove it.
func nameless(org, id string, version int64) *driver.SubscriptionRecord {
	return &driver.SubscriptionRecord{
		Subscription: driver.Subscription{
			Org: org, ID: id, Status: driver.StatusDisabled, StatusReason: driver.ReasonUnreadable,
		},
		Version: version,
	}
}

// inUTC prepares times for JSON, which has no room for the seconds that a zone may have.
func inUTC(r *driver.SubscriptionRecord) {
	r.CreatedAt, r.ActivatedAt = r.CreatedAt.UTC(), r.ActivatedAt.UTC()
	r.Secrets, r.Sealed = slices.Clone(r.Secrets), slices.Clone(r.Sealed)
	for i := range r.Secrets {
		x := &r.Secrets[i]
		x.CreatedAt, x.ExpiresAt = x.CreatedAt.UTC(), x.ExpiresAt.UTC()
	}
	for i := range r.Sealed {
		x := &r.Sealed[i]
		x.CreatedAt, x.ExpiresAt = x.CreatedAt.UTC(), x.ExpiresAt.UTC()
	}
}

// storableOf leaves out what cannot be there; nil stays nil, which means all.
func storableOf(texts []string) []string {
	if len(texts) == 0 {
		return nil
	}
	list := make([]string, 0, len(texts))
	for _, t := range texts {
		if storable(t) {
			list = append(list, t)
		}
	}
	return list
}
