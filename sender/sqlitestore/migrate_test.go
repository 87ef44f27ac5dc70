package sqlitestore_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// version1 is a file with the database of testdata/version1.sql.
func version1(t testing.TB) string {
	t.Helper()
	dump, err := os.ReadFile(filepath.Join("testdata", "version1.sql"))
	require.NoError(t, err)
	path := file(t)
	db := hostDB(t, path, "")
	_, err = db.Exec(string(dump))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return path
}

// shape is what a database has of the store's tables, columns and indexes.
func shape(t testing.TB, db *sql.DB) (list []string) {
	t.Helper()
	rows, err := db.Query(`
SELECT m.name || ' ' || x.cid || ' ' || x.name || ' ' || x.type || ' ' || x."notnull" || ' ' ||
	coalesce(x.dflt_value, '') || ' ' || x.pk AS line
FROM sqlite_schema m, pragma_table_xinfo(m.name) x WHERE m.type = 'table' AND m.name LIKE 'kirimhooks%' UNION ALL
SELECT i.name || ' ' || i.tbl_name || ' ' || x.seqno || ' ' || coalesce(x.name, '') || ' ' ||
	substr(i.sql, instr(i.sql || 'WHERE', 'WHERE')) || l."unique"
FROM sqlite_schema i, pragma_index_xinfo(i.name) x, pragma_index_list(i.tbl_name) l
WHERE i.type = 'index' AND l.name = i.name AND i.name LIKE 'kirimhooks%' ORDER BY line`)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		list = append(list, line)
	}
	require.NoError(t, rows.Err())
	return list
}

// A database that was brought here from version 1, and one that was made by schema.sql, are the same.
func TestMigrationsLeadToTheSchema(t *testing.T) {
	first, err := os.ReadFile(filepath.Join("testdata", "schema1.sql"))
	require.NoError(t, err)
	empty := hostDB(t, file(t), "")
	_, err = empty.Exec(string(first))
	require.NoError(t, err)
	require.NoError(t, hostStore(t, empty).Migrate(t.Context()))

	path := version1(t)
	open(t, path, sqlitestore.Config{})

	fresh := hostDB(t, file(t), "")
	_, err = fresh.Exec(sqlitestore.Schema())
	require.NoError(t, err)
	want := shape(t, fresh)
	require.Greater(t, len(want), 80)
	require.Equal(t, want, shape(t, empty))
	require.Equal(t, want, shape(t, hostDB(t, path, "")))
}

// rowsOf is what a database has of deliveries and their attempts, minutes, health and events, by the names of the
// columns in its version.
func rowsOf(t testing.TB, db *sql.DB, subscription, active, dead, failing, replayed string) (list []string) {
	t.Helper()
	queries := []string{
		`SELECT delivery || ' ' || state || ' ' || attempt || ' ' || reason || ' ' || coalesce(` + replayed + `, '') || ' ' || (
			SELECT count(*) || ' ' || coalesce(sum(a.duration + a.status + a.token), 0) FROM kirimhooks_attempts a
			WHERE a.delivery = d.delivery) FROM kirimhooks_deliveries d ORDER BY delivery`,
		`SELECT ` + subscription + ` || ' ' || minute || ' ' || bucket || ' ' || delivered || ' ' || failed
			FROM kirimhooks_minutes ORDER BY 1`,
		`SELECT id || ' ' || version || ' ' || ` + active + ` || ' ' || ` + dead + ` || ' ' || ` + failing + `
			FROM kirimhooks_subscriptions ORDER BY 1`,
		`SELECT event || ' ' || id || ' ' || hex(digest) || ' ' || hex(body) FROM kirimhooks_events ORDER BY 1`,
	}
	for _, query := range queries {
		rows, err := db.Query(query)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var text string
			require.NoError(t, rows.Scan(&text))
			list = append(list, text)
		}
		require.NoError(t, rows.Err())
	}
	return list
}

func TestMigrationKeepsEveryRow(t *testing.T) {
	path := version1(t)
	db := hostDB(t, path, "")
	old := rowsOf(t, db, "sub", "active", "deads", "failing", "replayed")
	s := open(t, path, sqlitestore.Config{})
	require.Len(t, old, 25+8+5+11)
	require.Equal(t, old, rowsOf(t, db, "subscription", "is_active", "consecutive_dead", "failing_since", "replayed_from"))

	records, err := s.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
	require.NoError(t, err)
	require.Len(t, records, 4)
	dead := map[string]int{}
	for _, r := range records {
		require.NotEmpty(t, r.Topics)
		require.Len(t, r.Sealed, 1)
		dead[r.Description] = r.Health.ConsecutiveDead
	}
	require.Equal(t, map[string]int{"active": 0, "paused": 0, "failing": 2, "disabled": 3}, dead)
}
