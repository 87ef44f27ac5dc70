package sqlitestore

import (
	"errors"
	"fmt"
	"sync"
)

// records keeps subscriptions decoded, for as long as the counter "changes" in the database stands where it stood when
// they were read. Claims share them, so none is ever changed.
type records struct {
	mu      sync.Mutex
	changes int64
	known   map[int64]*subscription // by number
}

const maxRecords = 10_000

// of gives those of a list that are known while the counter stands at changes, and lists the others.
func (r *records) of(list []int64, changes int64) (found map[int64]*subscription, missing []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || r.changes != changes || len(r.known) > maxRecords {
		r.changes, r.known = changes, map[int64]*subscription{}
	}
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
