package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Tx returns what publishes inside the host's transaction, for [sender.Org.PublishTx]: the event is published if and
// when tx commits, and with it all that the host changed. One bad publication of a batch fails alone, and a call that
// fails takes back what it wrote, to a savepoint: tx stays usable. Only where the disk is full or broken SQLite rolls
// the whole transaction back by itself; the error says so. tx must be of the database in which the store's tables are.
// A goroutine that holds tx must not call the store otherwise before tx ends: the two would wait for each other.
//
// Begin the transaction with the write lock (_txlock=immediate in the DSN). One that reads before it writes, and finds
// that another has written in between, cannot go on, which is SQLite's rule and not this package's.
//
// Workers of this and other processes notice the commit after Config.PollInterval.
func (s *Store) Tx(tx *sql.Tx) driver.Enqueuer { return &hostTx{s, tx} }

type hostTx struct {
	store *Store
	tx    *sql.Tx
}

// Enqueue implements [driver.Enqueuer]. It never leases.
func (h *hostTx) Enqueue(
	ctx context.Context, pubs []driver.Publication, _ *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	if err := ctx.Err(); err != nil || len(pubs) == 0 {
		return nil, nil, failed("enqueue in a transaction", ctx, err)
	}
	results, err := h.enqueue(h.store.newTransaction(ctx, h.tx), pubs)
	if hasCode(err, sqlite3.SQLITE_BUSY_SNAPSHOT) {
		err = fmt.Errorf("the transaction read before it wrote, and another wrote since; "+
			"begin it with _txlock=immediate: %w", err)
	}
	if err != nil {
		return nil, nil, failed("enqueue in a transaction", ctx, err)
	}
	return results, nil, nil
}

func (h *hostTx) enqueue(tx *transaction, pubs []driver.Publication) (results []driver.Enqueued, err error) {
	if _, err := tx.exec(`SAVEPOINT kirimhooks`); err != nil {
		return nil, err
	}
	err = h.store.untilFree(tx.ctx, func() error { _, err := tx.exec(sqlLock); return err })
	if err == nil {
		err = h.store.file.check(true)
	}
	if err == nil {
		tx.now = h.store.now()
		results, _, err = tx.enqueue(pubs, nil)
	}
	if err == nil {
		_, err = tx.exec(`RELEASE kirimhooks`)
	}
	if err == nil {
		return results, nil
	}
	if _, undo := tx.tx.ExecContext(tx.uncut, `ROLLBACK TO kirimhooks; RELEASE kirimhooks`); undo != nil {
		return nil, fmt.Errorf("SQLite has rolled the whole transaction back, do so too and begin again: %w", err)
	}
	return nil, err
}
