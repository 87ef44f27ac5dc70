package sqlitestore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kirimhooks/kirimhooks/sender"
)

// stored is what of a subscription stands in the column record.
type stored struct {
	sender.Subscription
	Topics []string              `json:",omitempty"`
	Sealed []sender.SecretRecord `json:",omitempty"`
}

func encodeRecord(r *sender.SubscriptionRecord) (string, error) {
	text, err := json.Marshal(stored{r.Subscription, r.Topics, r.Sealed})
	return string(text), err
}

func decodeRecord(text string, r *sender.SubscriptionRecord) error {
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
	*sender.SubscriptionRecord
	checked int64 // the counter of changes when this was its version
}

const (
	maxRecords = 10_000
	unchecked  = -1 // no state of the counter
)

func (r *records) get(sub, version int64) *sender.SubscriptionRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.known[sub].SubscriptionRecord; known != nil && known.Version == version {
		return known
	}
	return nil
}

// unchanged gives what was checked at this state of the counter.
func (r *records) unchanged(sub, changes int64) *sender.SubscriptionRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.known[sub]; known.checked == changes {
		return known.SubscriptionRecord
	}
	return nil
}

func (r *records) put(sub int64, record *sender.SubscriptionRecord, changes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= maxRecords && r.known[sub].SubscriptionRecord == nil {
		clear(r.known)
	}
	r.known[sub] = knownRecord{record, changes}
}

const (
	sqlRecordColumns = `SELECT sub, version, shard, deads, failing, record FROM kirimhooks_subscriptions`
	sqlRecord        = sqlRecordColumns + ` WHERE sub = ?`
)

func scanRecord(scan scanner, now int64) (*sender.SubscriptionRecord, error) {
	var p patient
	var text string
	var sub int64
	r := &sender.SubscriptionRecord{}
	if err := scan(&sub, &r.Version, &r.Shard, &p.deads, &p.failing, &text); err != nil {
		return nil, err
	}
	if err := decodeRecord(text, r); err != nil {
		return nil, fmt.Errorf("subscription %d is broken in the database: %w", sub, err)
	}
	r.Health = p.health(now)
	return r, nil
}

// subscription is the subscription at a version, which must be that of now.
func (tx *transaction) subscription(sub, version int64) (*sender.SubscriptionRecord, error) {
	if known := tx.store.records.get(sub, version); known != nil {
		return known, nil
	}
	var found *sender.SubscriptionRecord
	err := tx.each(sqlRecord, []any{sub}, func(scan scanner) (err error) {
		found, err = scanRecord(scan, tx.now)
		return err
	})
	if err != nil {
		return nil, err
	}
	if found == nil || found.Version != version {
		return nil, fmt.Errorf("subscription %d is not at version %d", sub, version)
	}
	tx.store.records.put(sub, found, unchecked)
	return found, nil
}

const sqlVersions = `SELECT value, (SELECT version FROM kirimhooks_subscriptions WHERE sub = json_each.value) FROM json_each(?)`

// subscriptions are those of a list, which must exist, when the counter of changes stands at changes.
func (tx *transaction) subscriptions(list []int64, changes int64) (map[int64]*sender.SubscriptionRecord, error) {
	found := make(map[int64]*sender.SubscriptionRecord, len(list))
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
		if found[sub], err = tx.subscription(sub, version); err != nil {
			return nil, err
		}
		tx.store.records.put(sub, found[sub], changes)
	}
	return found, nil
}

// Subscriptions implements [sender.Directory].
func (s *Store) Subscriptions(ctx context.Context, q sender.SubscriptionQuery) ([]sender.SubscriptionRecord, error) {
	text, args := sqlRecordColumns+` INDEXED BY kirimhooks_subscriptions_id WHERE org = ? AND id > ? AND gone = 0`, []any{q.Org, q.After}
	if ids := slices.Compact(slices.Sorted(slices.Values(q.IDs))); len(ids) > 0 {
		text += ` AND id IN (?` + strings.Repeat(`, ?`, len(ids)-1) + `)`
		for _, id := range ids {
			args = append(args, id)
		}
	}
	text += ` ORDER BY id`
	if q.Limit > 0 {
		text += ` LIMIT ?`
		args = append(args, q.Limit)
	}
	var list []sender.SubscriptionRecord
	now := s.now()
	err := s.read(ctx, text, args, func(scan scanner) error {
		r, err := scanRecord(scan, now)
		if err == nil {
			list = append(list, *r)
		}
		return err
	})
	return list, failed("subscriptions", ctx, err)
}
