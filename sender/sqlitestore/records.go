package sqlitestore

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// records keeps subscriptions decoded, for as long as the counter "changes" in the database stands where it stood when
// they were read. Claims share them, so none is ever changed.
type records struct {
	mu      sync.Mutex
	changes int64
	known   map[int64]*subscription      // by number
	matches map[[32]byte][]*subscription // by digest of org and topics
}

const maxRecords = 10_000 // and as many matches

// of gives those of a list that are known while the counter stands at changes, and lists the others.
func (r *records) of(list []int64, changes int64) (found map[int64]*subscription, missing []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reach(changes)
	found = make(map[int64]*subscription, len(list))
	for _, number := range list {
		if known := r.known[number]; known != nil {
			found[number] = known
		} else {
			missing = append(missing, number)
		}
	}
	return found, missing
}

func (r *records) put(s *subscription, changes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changes == changes && s.err == nil {
		r.known[s.number] = s
	}
}

// matched are the subscriptions that were found for a list of topics.
func (r *records) matched(key [32]byte, changes int64) (list []*subscription, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reach(changes)
	list, known = r.matches[key]
	return list, known
}

// putMatches keeps what decoded alone: a row may be mended by hand.
func (r *records) putMatches(key [32]byte, list []*subscription, changes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	broken := slices.ContainsFunc(list, func(s *subscription) bool { return s.err != nil })
	if r.changes == changes && !broken {
		r.matches[key] = list
	}
}

// reach begins anew where the counter has moved on, or there is too much.
func (r *records) reach(changes int64) {
	if r.known == nil || r.changes != changes || len(r.known) > maxRecords || len(r.matches) > maxRecords {
		r.changes, r.known, r.matches = changes, map[int64]*subscription{}, map[[32]byte][]*subscription{}
	}
}

// forget drops what is known of an org.
func (r *records) forget(org string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.matches)
	maps.DeleteFunc(r.known, func(_ int64, s *subscription) bool { return s.record.Org == org })
}

var sqlSubscriptions = lookup(sqlRecordColumns + ` FROM kirimhooks_subscriptions s WHERE s.subscription = ?`)

// subscriptions are those of a list, when the counter stands at changes.
func (tx *transaction) subscriptions(list []int64, changes int64) (map[int64]*subscription, error) {
	found, missing := tx.store.records.of(list, changes)
	if len(missing) == 0 {
		return found, nil
	}
	err := tx.find(sqlSubscriptions, missing, func(scan scanner) error {
		s, err := scanSubscription(scan, tx.now)
		if err == nil {
			found[s.number] = s
			tx.store.records.put(s, changes)
		}
		return err
	})
	for _, number := range missing {
		if found[number] == nil {
			err := unreadable(fmt.Sprintf("subscription %d", number), errors.New("its row is gone"))
			found[number] = &subscription{number: number, record: unreadableRecord("", "", 0), err: err, gone: true}
		}
	}
	return found, err
}
