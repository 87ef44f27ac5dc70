package sqlitestore_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func setMaxPages(t *testing.T, db *sql.DB, n int) {
	t.Helper()
	_, err := db.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, n))
	require.NoError(t, err)
}

// A database that is full takes no event, and says so; what it has goes on, and with room again everything does.
func TestAFullDatabase(t *testing.T) {
	db, s := host(t) // one connection: the limit holds for all calls
	enqueue(t, s, batch("before_", 20, "x"))
	var pages int
	require.NoError(t, db.QueryRow(`PRAGMA page_count`).Scan(&pages))
	setMaxPages(t, db, pages+10)

	acknowledged := 20
	var full error
	for n := 0; full == nil; n++ {
		require.Less(t, n, 1000, "it never gets full")
		var results []driver.Enqueued
		if results, _, full = s.Enqueue(t.Context(), batch(fmt.Sprintf("evt_%d_", n), 5, "x"), nil); full == nil {
			acknowledged += len(results)
		}
	}
	require.ErrorContains(t, full, "no room left")
	require.Len(t, list(t, s, driver.DeliveryQuery{Limit: 1000}), acknowledged, "nothing is half-written")

	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, _, err = s.Tx(tx).Enqueue(t.Context(), batch("tx_", 100, "x"), nil)
	require.ErrorContains(t, err, "no room left")
	require.ErrorContains(t, err, "rolled the whole transaction back")
	require.Error(t, tx.Rollback(), "SQLite has done so")

	setMaxPages(t, db, 1<<20)
	enqueue(t, s, batch("after_", 5, "x"))
	require.Equal(t, acknowledged+5, drain(t, s), "what was there and what came after")
	var verdict string
	require.NoError(t, db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict))
	require.Equal(t, "ok", verdict)
}
