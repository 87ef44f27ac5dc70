package sqlitestore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// stored is what of a subscription stands in the column record. Topics stand there only if an earlier version of this
// package wrote it.
type stored struct {
	driver.Subscription
	Topics []string              `json:",omitempty"`
	Sealed []driver.SecretRecord `json:",omitempty"`
}

func encodeRecord(r *driver.SubscriptionRecord) (string, error) {
	s := stored{Subscription: r.Subscription, Sealed: slices.Clone(r.Sealed)}
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

func decodeRecord(text string, r *driver.SubscriptionRecord) error {
	var s stored
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	r.Subscription, r.Topics, r.Sealed = s.Subscription, s.Topics, s.Sealed
	return nil
}

// records keeps subscriptions as they were decoded last. A claim shares them, so none is ever changed; and it names the
// version, so none is ever taken for another. While the counter of changes in the database stands where it stood when a version
// was looked up, that is the version still.
type records struct {
	mu    sync.Mutex
	known map[int64]knownRecord // by number
}

type knownRecord struct {
	*driver.SubscriptionRecord
	checked int64  // the counter of changes when this was its version
	digest  string // of its topics
}

const (
	maxRecords = 10_000
	unchecked  = -1 // no state of the counter
)

func (r *records) get(sub, version int64) *driver.SubscriptionRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.known[sub].SubscriptionRecord; known != nil && known.Version == version {
		return known
	}
	return nil
}

// unchanged gives what was checked at this state of the counter.
func (r *records) unchanged(sub, changes int64) *driver.SubscriptionRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.known[sub]; known.checked == changes {
		return known.SubscriptionRecord
	}
	return nil
}

// topics gives those that the subscription had at any version, if they have this digest.
func (r *records) topics(sub int64, digest string) (topics []string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.known[sub]
	if known.SubscriptionRecord == nil || digest == "" || known.digest != digest {
		return nil, false
	}
	return known.Topics, true
}

func (r *records) put(sub int64, record *driver.SubscriptionRecord, digest string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= maxRecords && r.known[sub].SubscriptionRecord == nil {
		clear(r.known)
	}
	r.known[sub] = knownRecord{record, unchecked, digest}
}

// check notes the state of the counter at which a record is that of now.
func (r *records) check(sub int64, record *driver.SubscriptionRecord, changes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.known[sub]; known.SubscriptionRecord == record {
		known.checked = changes
		r.known[sub] = known
	}
}

const (
	sqlRecordColumns = `
SELECT s.org, s.id, CAST(s.version AS INTEGER), s.deads, s.failing, s.record, ` + sqlDigestOfTopics
	sqlFromSubs = ` FROM kirimhooks_subscriptions s`
	sqlRecord   = sqlRecordColumns + sqlFromSubs + ` WHERE s.sub = ?`
)

// scanRecord reads all but the topics, which may stand in the row too. Of a row that does not decode it gives what is
// left, and an error that wraps ErrUnreadable.
func scanRecord(scan scanner, now int64, more ...any) (r *driver.SubscriptionRecord, digest string, err error) {
	var p patient
	var text string
	r = &driver.SubscriptionRecord{}
	err = scan(append([]any{&r.Org, &r.ID, &r.Version, &p.deads, &p.failing, &text, &digest}, more...)...)
	org, id := r.Org, r.ID
	if err == nil {
		err = decodeRecord(text, r)
	}
	if err == nil && (r.Org != org || r.ID != id) {
		err = errors.New("its record is that of another one")
	}
	if err != nil {
		row, failed := scanAny(scan, 7+len(more))
		if failed != nil {
			return nil, "", failed
		}
		org, id = row.text(0), row.text(1)
		return brokenRecord(org, id, row.number(2)), "", unreadable(fmt.Sprintf("subscription %q of org %q", id, org), err)
	}
	r.Health = p.health(now)
	return r, digest, nil
}

// brokenRecord is what is left of a subscription that does not decode.
func brokenRecord(org, id string, version int64) *driver.SubscriptionRecord {
	return &driver.SubscriptionRecord{
		Subscription: driver.Subscription{Org: org, ID: id, Status: driver.StatusDisabled, StatusReason: driver.ReasonUnreadable},
		Version:      version,
	}
}

// subscription is the subscription at a version, which must be that of now. An error that wraps ErrUnreadable is of its row
// alone; there is a record even so.
func (tx *transaction) subscription(sub, version int64) (*driver.SubscriptionRecord, error) {
	if known := tx.store.records.get(sub, version); known != nil {
		return known, nil
	}
	if broken := tx.broken[sub]; broken != nil {
		return broken.record, broken.err
	}
	var found *driver.SubscriptionRecord
	var digest string
	var broken error
	err := tx.each(sqlRecord, []any{sub}, func(scan scanner) (err error) {
		found, digest, err = scanRecord(scan, tx.now)
		if errors.Is(err, driver.ErrUnreadable) {
			broken, err = err, nil
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		found, broken = brokenRecord("", "", version), unreadable(fmt.Sprintf("subscription %d", sub), errors.New("its row is gone"))
	case broken == nil && found.Version != version:
		return nil, fmt.Errorf("subscription %d is not at version %d", sub, version)
	case broken == nil && found.Topics == nil:
		found.Topics, broken, err = tx.topics(sub, digest)
	}
	if broken != nil {
		if tx.broken == nil {
			tx.broken = map[int64]*brokenSubscription{}
		}
		tx.broken[sub] = &brokenSubscription{brokenRecord(found.Org, found.ID, version), broken}
		return tx.broken[sub].record, broken
	}
	if err == nil {
		tx.store.records.put(sub, found, digest)
	}
	return found, err
}

// brokenSubscription is what a transaction keeps of one that does not decode.
type brokenSubscription struct {
	record *driver.SubscriptionRecord
	err    error
}

const sqlVersions = `
SELECT value, coalesce((SELECT CAST(version AS INTEGER) FROM kirimhooks_subscriptions WHERE sub = json_each.value), 0) FROM json_each(?)`

// subscriptions are those of a list when the counter of changes stands at changes. Those that do not decode are in tx.broken.
func (tx *transaction) subscriptions(list []int64, changes int64) (map[int64]*driver.SubscriptionRecord, error) {
	found := make(map[int64]*driver.SubscriptionRecord, len(list))
	versions := map[int64]int64{}
	var unknown numbers
	for _, sub := range list {
		if found[sub] = tx.store.records.unchanged(sub, changes); found[sub] == nil {
			unknown.add(sub)
		}
	}
	if len(unknown) == 0 {
		return found, nil
	}
	err := tx.each(sqlVersions, []any{unknown.text()}, func(scan scanner) error {
		var sub, version int64
		err := scan(&sub, &version)
		versions[sub] = version
		return err
	})
	if err != nil {
		return nil, err
	}
	for sub, version := range versions {
		found[sub], err = tx.subscription(sub, version)
		if err != nil && !errors.Is(err, driver.ErrUnreadable) {
			return nil, err
		}
		tx.store.records.check(sub, found[sub], changes)
	}
	return found, nil
}

// Subscriptions implements [driver.Directory].
func (s *Store) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	text := sqlRecordColumns + `, ` + sqlTopicsOf + sqlFromSubs + ` INDEXED BY kirimhooks_subscriptions_id WHERE s.org = ? AND s.id > ? AND s.gone = 0`
	args := []any{q.Org, q.After}
	if ids := slices.Compact(slices.Sorted(slices.Values(q.IDs))); len(ids) > 0 {
		text += ` AND s.id IN (?` + strings.Repeat(`, ?`, len(ids)-1) + `)`
		for _, id := range ids {
			args = append(args, id)
		}
	}
	text += ` ORDER BY s.id`
	if q.Limit > 0 {
		text += ` LIMIT ?`
		args = append(args, q.Limit)
	}
	var list []driver.SubscriptionRecord
	now := s.now()
	err := s.read(ctx, text, args, func(scan scanner) error {
		var topics string
		r, _, err := scanRecord(scan, now, &topics)
		if err == nil && r.Topics == nil {
			if r.Topics, err = decodeTopics(topics); err != nil {
				r, err = brokenRecord(r.Org, r.ID, r.Version), unreadable("topics", err)
			}
		}
		if err == nil || errors.Is(err, driver.ErrUnreadable) {
			list = append(list, *r)
			return nil
		}
		return err
	})
	return list, failed("subscriptions", ctx, err)
}
