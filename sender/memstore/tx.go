package memstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

var errTxDone = errors.New("memstore: the transaction has been committed or rolled back")

// Tx stands in for a database transaction in the tests of code that publishes inside its own: what is enqueued in it
// exists once Commit has returned nil, and never if it is rolled back. It is safe for concurrent use.
type Tx struct {
	store *Store

	pubs []driver.Publication // guarded by Store.mu, as done is
	done bool
}

var _ driver.Enqueuer = (*Tx)(nil)

// Begin starts a transaction. It holds no lock: other publishers go on, and what they stored in the meantime shows when
// it commits.
func (s *Store) Begin() *Tx { return &Tx{store: s} }

// Enqueue implements [driver.Enqueuer]: the results are what Commit will do if nothing changes before it. It never
// leases, whatever claim asks for.
func (tx *Tx) Enqueue(
	ctx context.Context, pubs []driver.Publication, _ *driver.ClaimRequest,
) (results []driver.Enqueued, claims []driver.Claim, err error) {
	if _, err := tx.store.begin(ctx, "enqueue"); err != nil {
		return nil, nil, err
	}
	defer tx.store.end()
	if tx.done {
		return nil, nil, errTxDone
	}
	for i := range pubs {
		results = append(results, tx.enqueue(pubs[i]))
	}
	return results, nil, nil
}

func (tx *Tx) enqueue(p driver.Publication) driver.Enqueued {
	result, _ := tx.store.preview(&p)
	if result.Err != nil || result.Duplicate {
		return result
	}
	for _, twin := range tx.pubs {
		if twin.Org == p.Org && twin.Event.ID == p.Event.ID {
			return duplicate(&p, twin.Digest)
		}
	}
	p.Event.Body, p.Topics = slices.Clone(p.Event.Body), slices.Clone(p.Topics)
	tx.pubs = append(tx.pubs, p)
	return result
}

// Commit stores all or nothing. An event that somebody else published since Enqueue is passed over if it is the same,
// else Commit returns [driver.ErrConflict]; [driver.ErrNotFound] if a subscription named by Publication.Only is gone.
// After an error the transaction is over and has stored nothing.
func (tx *Tx) Commit() error {
	s := tx.store
	now, err := s.begin(context.Background(), "commit")
	if err != nil {
		return err
	}
	defer s.end()
	if tx.done {
		return errTxDone
	}
	tx.done = true
	for i := range tx.pubs {
		if result, _ := s.preview(&tx.pubs[i]); result.Err != nil {
			return fmt.Errorf("memstore: commit: %w", result.Err)
		}
	}
	for i := range tx.pubs {
		s.enqueue(&tx.pubs[i], s.newClaimer(&driver.ClaimRequest{}, now))
	}
	return nil
}

// Rollback forgets what was enqueued. After Commit it does nothing, so that it can be deferred.
func (tx *Tx) Rollback() error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	tx.done, tx.pubs = true, nil
	return nil
}
