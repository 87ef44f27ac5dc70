package sqlitestore_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

func hostStore(t testing.TB, db *sql.DB) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.New(db, sqlitestore.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func tables(t testing.TB, db *sql.DB) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM sqlite_schema WHERE name LIKE 'kirimhooks\_%' ESCAPE '\'`).Scan(&n))
	return n
}

func TestMigrateTwiceChangesNothing(t *testing.T) {
	db := hostDB(t, file(t), "")
	s := hostStore(t, db)
	require.NoError(t, s.Migrate(t.Context()))
	subscribe(t, s, "a", "x")
	enqueue(t, s, batch("evt_", 1, "x"))
	id := list(t, s, driver.DeliveryQuery{})[0].ID
	n := tables(t, db)
	require.NoError(t, s.Migrate(t.Context()))
	require.Equal(t, n, tables(t, db))
	require.Equal(t, id, list(t, hostStore(t, db), driver.DeliveryQuery{})[0].ID, "the key of the ids stays")
}

func TestMigrateByManyAtOnce(t *testing.T) {
	for range 5 {
		path := file(t)
		const n = 8
		errs := make(chan error, n)
		for range n {
			go func() {
				s, err := sqlitestore.Open(t.Context(), path, sqlitestore.Config{})
				if err == nil {
					err = s.Close()
				}
				errs <- err
			}()
		}
		for range n {
			require.NoError(t, <-errs)
		}
		subscribe(t, open(t, path, sqlitestore.Config{}), "a", "x")
	}
}

func TestMigrateIsDoneOrNotDone(t *testing.T) {
	db := hostDB(t, file(t), "")
	_, err := db.Exec(`CREATE TABLE kirimhooks_minutes (host TEXT)`) // in the way of the last one
	require.NoError(t, err)
	s := hostStore(t, db)
	require.ErrorContains(t, s.Migrate(t.Context()), "kirimhooks_minutes")
	require.Equal(t, 1, tables(t, db), "nothing is left behind")
	_, err = db.Exec(`DROP TABLE kirimhooks_minutes`)
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
}

func TestTheSchemaCanBeAppliedByTheHost(t *testing.T) {
	db := hostDB(t, file(t), "")
	_, err := db.Exec(sqlitestore.Schema())
	require.NoError(t, err)
	s := hostStore(t, db)
	subscribe(t, s, "a", "x")
	enqueue(t, s, batch("evt_", 1, "x"))
	require.NoError(t, s.Migrate(t.Context()), "it is known")
}

func TestADatabaseWithoutTablesSaysSo(t *testing.T) {
	s := hostStore(t, hostDB(t, file(t), ""))
	_, _, err := s.Enqueue(t.Context(), batch("evt_", 1, "x"), nil)
	require.ErrorContains(t, err, "call Migrate")
	_, err = s.Claim(t.Context(), request(1))
	require.ErrorContains(t, err, "call Migrate")
	require.NoError(t, s.Migrate(t.Context()))
	enqueue(t, s, batch("evt_", 1, "x"))
}

func TestTablesOfANewerVersionAreLeftAlone(t *testing.T) {
	db := hostDB(t, file(t), "")
	require.NoError(t, hostStore(t, db).Migrate(t.Context()))
	_, err := db.Exec(`UPDATE kirimhooks_meta SET value = 1000 WHERE name = 'schema'`)
	require.NoError(t, err)
	s := hostStore(t, db)
	require.ErrorContains(t, s.Migrate(t.Context()), "newer program")
	_, _, err = s.Enqueue(t.Context(), batch("evt_", 1, "x"), nil)
	require.ErrorContains(t, err, "version 1000")
}
