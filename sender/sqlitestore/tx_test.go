package sqlitestore_test

import (
	"context"
	"database/sql"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// host is a database with a table of the host's own and the store's, limited to one connection: the narrowest there is.
func host(t *testing.T) (*sql.DB, *sqlitestore.Store) {
	db := hostDB(t, file(t), "")
	db.SetMaxOpenConns(1)
	_, err := db.Exec(`CREATE TABLE contacts (name TEXT PRIMARY KEY)`)
	require.NoError(t, err)
	s := hostStore(t, db)
	require.NoError(t, s.Migrate(t.Context()))
	subscribe(t, s, "a", "x")
	return db, s
}

func contacts(t *testing.T, db *sql.DB) (n int) {
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM contacts`).Scan(&n))
	return n
}

func TestTxPublishesIfAndWhenItCommits(t *testing.T) {
	db, s := host(t)
	for _, commit := range []bool{false, true} {
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		_, err = tx.Exec(`INSERT INTO contacts VALUES ('budi')`)
		require.NoError(t, err)
		r := request(10)
		results, claims, err := s.Tx(tx).Enqueue(t.Context(), batch("evt_", 2, "x"), &r)
		require.NoError(t, err)
		require.Equal(t, []driver.Enqueued{{Deliveries: 1}, {Deliveries: 1}}, results)
		require.Empty(t, claims, "a transaction never leases")
		if !commit {
			require.NoError(t, tx.Rollback())
			require.Zero(t, contacts(t, db))
			require.Empty(t, list(t, s, driver.DeliveryQuery{}))
			continue
		}
		require.NoError(t, tx.Commit())
		require.Equal(t, 1, contacts(t, db))
		c, err := s.Claim(t.Context(), request(10))
		require.NoError(t, err)
		require.Len(t, c.Claims, 2)
	}
}

// A host's transaction that holds the only connection must not wait for somebody who waits for a connection.
func TestTxBeforeAnythingElse(t *testing.T) {
	path := file(t)
	subscribe(t, open(t, path, sqlitestore.Config{}), "a", "x")
	db := hostDB(t, path, "")
	db.SetMaxOpenConns(1)
	s := hostStore(t, db)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	claimed := make(chan error, 1)
	go func() { _, err := s.Claim(t.Context(), request(1)); claimed <- err }()
	for db.Stats().WaitCount == 0 {
		runtime.Gosched()
	}
	enqueue(t, s.Tx(tx), batch("evt_", 1, "x"))
	require.NoError(t, tx.Commit())
	require.NoError(t, <-claimed)
	require.Len(t, list(t, s, driver.DeliveryQuery{}), 1)
}

func TestTxSeesWhatItPublished(t *testing.T) {
	db, s := host(t)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	pub := batch("evt_", 1, "x")
	enqueue(t, s.Tx(tx), pub)
	results, _, err := s.Tx(tx).Enqueue(t.Context(), pub, nil)
	require.NoError(t, err)
	require.True(t, results[0].Duplicate)
}

func TestTxSurvivesABadPublication(t *testing.T) {
	db, s := host(t)
	enqueue(t, s, batch("known_", 1, "x"))
	pubs := batch("evt_", 2, "x")
	conflict := batch("known_", 1, "x")[0]
	conflict.Digest[0]++
	nobody := batch("nobody_", 1, "x")[0]
	nobody.Only = "unknown"

	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.Exec(`INSERT INTO contacts VALUES ('budi')`)
	require.NoError(t, err)
	results, _, err := s.Tx(tx).Enqueue(t.Context(), []driver.Publication{pubs[0], conflict, nobody, pubs[1]}, nil)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.ErrorIs(t, results[1].Err, driver.ErrConflict)
	require.ErrorIs(t, results[2].Err, driver.ErrNotFound)
	require.NoError(t, results[3].Err)
	require.NoError(t, tx.Commit())
	require.Equal(t, 1, contacts(t, db))
	require.Len(t, list(t, s, driver.DeliveryQuery{}), 3)
}

// A failure of the database in the middle takes the publications back, and nothing of the host's.
func TestTxSurvivesAFailedCall(t *testing.T) {
	db, s := host(t)
	_, err := db.Exec(`CREATE TRIGGER refuse BEFORE INSERT ON kirimhooks_events WHEN NEW.id = 'evt_1' BEGIN SELECT raise(ABORT, 'refused'); END`)
	require.NoError(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.Exec(`INSERT INTO contacts VALUES ('budi')`)
	require.NoError(t, err)
	_, _, err = s.Tx(tx).Enqueue(t.Context(), batch("evt_", 3, "x"), nil)
	require.ErrorContains(t, err, "refused")
	_, err = tx.Exec(`INSERT INTO contacts VALUES ('sari')`)
	require.NoError(t, err)
	enqueue(t, s.Tx(tx), batch("other_", 1, "x"))
	require.NoError(t, tx.Commit())
	require.Equal(t, 2, contacts(t, db))
	require.Len(t, list(t, s, driver.DeliveryQuery{}), 1, "evt_0 went with evt_1")
}

func TestTxSurvivesACancelledCall(t *testing.T) {
	db, s := host(t)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.Exec(`INSERT INTO contacts VALUES ('budi')`)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = s.Tx(tx).Enqueue(ctx, batch("evt_", 1, "x"), nil)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, tx.Commit())
	require.Equal(t, 1, contacts(t, db))
}

func TestTxOfAnOldSnapshotSaysWhatToDo(t *testing.T) {
	path := file(t)
	db := hostDB(t, path, "")
	s := hostStore(t, db)
	require.NoError(t, s.Migrate(t.Context()))
	subscribe(t, s, "a", "x")
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	require.NoError(t, tx.QueryRow(`SELECT count(*) FROM kirimhooks_events`).Scan(new(int)))
	enqueue(t, s, batch("evt_", 1, "x"))
	_, _, err = s.Tx(tx).Enqueue(t.Context(), batch("other_", 1, "x"), nil)
	require.ErrorContains(t, err, "_txlock=immediate")
}
