package pgstore

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Tx makes a transaction of the host an Enqueuer: what is enqueued is there when it commits, and never if it is rolled
// back. It never leases. A publication that the store refuses (results[i].Err) leaves the transaction usable; an error
// of the call itself comes from the database, and the transaction can then only be rolled back.
//
// It may be prepared (PREPARE TRANSACTION). Postgres refuses that after a notification: where max_prepared_transactions
// allows it, what is enqueued here wakes no process that sleeps, and is found when one next asks, see
// [sender.Config.PollInterval].
//
// Transactions that publish the same event ids in different orders may deadlock. Under REPEATABLE READ or SERIALIZABLE
// an id that somebody else has just published ends in a serialization failure, as with any unique key.
func (s *Store) Tx(tx pgx.Tx) driver.Enqueuer {
	return txEnqueuer{&s.sql, s.sql.enqueue, pgxQuerier{tx}}
}

// SQLTx is [Store.Tx] for hosts on database/sql, with the pgx driver or lib/pq, on the same database.
func (s *Store) SQLTx(tx *sql.Tx) driver.Enqueuer {
	return txEnqueuer{&s.sql, s.sql.enqueueSQL, sqlQuerier{tx}}
}

// ofHost, for a limit, tells the statement that the transaction is the host's.
const ofHost = -1

type txEnqueuer struct {
	sql  *statements
	text string
	conn querier
}

// Enqueue implements [driver.Enqueuer].
func (t txEnqueuer) Enqueue(ctx context.Context, pubs []driver.Publication, _ *driver.ClaimRequest) (
	results []driver.Enqueued, claims []driver.Claim, err error,
) {
	defer wrap(&err, "enqueue")
	if ctx.Err() != nil {
		return nil, nil, ctx.Err() // a driver may take a cancelled context for a reason to end the transaction
	}
	e := enqueuing{sql: t.sql, text: t.text, conn: t.conn, pubs: pubs, results: make([]driver.Enqueued, len(pubs))}
	if err := e.run(ctx, lease{limit: ofHost, quota: "{}"}); err != nil {
		return nil, nil, err
	}
	return e.results, nil, nil
}
