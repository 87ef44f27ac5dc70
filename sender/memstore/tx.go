package memstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

var errTxDone = errors.New("memstore: the transaction has been committed or rolled back")

// Tx stands in for a database transaction in the tests of code that publishes inside its own: what is enqueued in it
// exists once Commit has returned nil, and never if it is rolled back. It is safe for concurrent use.
type Tx struct {
	store *Store

	mu   sync.Mutex
	pubs []driver.Publication
	done bool
}

var _ driver.Enqueuer = (*Tx)(nil)

// Begin starts a transaction. It holds no lock: other publishers go on, and what they stored in the meantime shows when
// it commits.
func (s *Store) Begin() *Tx { return &Tx{store: s} }

// Enqueue implements [driver.Enqueuer]: the results are what Commit will do if nothing changes before it. It never
// leases, whatever claim asks for.
func (tx *Tx) Enqueue(ctx context.Context, pubs []driver.Publication, _ *driver.ClaimRequest) ([]driver.Enqueued, []driver.Claim, error) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.done {
		return nil, nil, errTxDone
	}
	if _, err := tx.store.begin(ctx, "enqueue"); err != nil {
		return nil, nil, err
	}
	defer tx.store.mu.Unlock()
	results := make([]driver.Enqueued, len(pubs))
	for i := range pubs {
		results[i] = tx.enqueue(&pubs[i])
	}
	return results, nil, nil
}

func (tx *Tx) enqueue(p *driver.Publication) driver.Enqueued {
	if err := check(p); err != nil {
		return driver.Enqueued{Err: err}
	}
	o := tx.store.org(p.Org)
	if known, ok := tx.store.known(o, p.Event.ID); ok {
		return duplicate(p, tx.store.events.at(known).digest)
	}
	for i := range tx.pubs {
		if twin := &tx.pubs[i]; twin.Org == p.Org && twin.Event.ID == p.Event.ID {
			return duplicate(p, twin.Digest)
		}
	}
	result, _ := tx.store.preview(o, p)
	if result.Err == nil {
		kept := *p
		kept.Event.Body = slices.Clone(p.Event.Body)
		kept.Topics = slices.Clone(p.Topics)
		tx.pubs = append(tx.pubs, kept)
	}
	return result
}

// Commit stores all or nothing. An event that somebody else published since Enqueue is passed over if it is the same,
// else Commit returns [driver.ErrConflict]; [driver.ErrNotFound] if a subscription named by Publication.Only is gone.
// After an error the transaction is over and has stored nothing.
func (tx *Tx) Commit() error {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.done {
		return errTxDone
	}
	tx.done = true
	s := tx.store
	now, err := s.begin(context.Background(), "commit")
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	for i := range tx.pubs {
		if err := s.foresee(&tx.pubs[i]); err != nil {
			return fmt.Errorf("memstore: commit: %w", err)
		}
	}
	for i := range tx.pubs {
		s.enqueue(&tx.pubs[i], nil, now)
	}
	return nil
}

// foresee is the error that enqueue would return.
func (s *Store) foresee(p *driver.Publication) error {
	o := s.org(p.Org)
	if known, ok := s.known(o, p.Event.ID); ok {
		return duplicate(p, s.events.at(known).digest).Err
	}
	result, _ := s.preview(o, p)
	return result.Err
}

// Rollback forgets what was enqueued. After Commit it does nothing, so that it can be deferred.
func (tx *Tx) Rollback() error {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.done, tx.pubs = true, nil
	return nil
}
