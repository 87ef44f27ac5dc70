package sqltracker_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/sqltracker"
)

func TestManyMigrateAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		var wg sync.WaitGroup
		for range 8 {
			store, err := sqltracker.New(s.open(t), s.flavor, sqltracker.Config{})
			require.NoError(t, err)
			wg.Go(func() {
				assert.NoError(t, store.Migrate(t.Context()))
				assert.NoError(t, store.Migrate(t.Context()), "again")
				assert.NoError(t, store.Record(t.Context(), status("wamid.1", tracker.Sent, 1)))
			})
		}
		wg.Wait()
	})
}

func TestTheHostMakesTheTable(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		db := s.open(t)
		store, err := sqltracker.New(db, s.flavor, sqltracker.Config{Table: "what_Became_2"})
		require.NoError(t, err)
		require.ErrorContains(t, store.Record(t.Context(), status("wamid.1", tracker.Sent, 1)), "sqltracker: record: ")
		_, err = store.Get(t.Context(), "wamid.1")
		require.ErrorContains(t, err, "sqltracker: get: ", "there is none yet")
		_, err = store.List(t.Context(), tracker.Query{Step: tracker.Sent})
		require.ErrorContains(t, err, "sqltracker: list: ")
		_, err = store.Purge(t.Context(), start)
		require.ErrorContains(t, err, "sqltracker: purge: ")
		text, err := sqltracker.Schema(s.flavor, "what_Became_2")
		require.NoError(t, err)
		require.Contains(t, text, "what_Became_2")
		require.NoError(t, store.Migrate(t.Context()))
		require.NoError(t, store.Record(t.Context(), status("wamid.1", tracker.Sent, 1)))
		var rows int
		require.NoError(t, db.QueryRowContext(t.Context(), "select count(*) from what_Became_2").Scan(&rows))
		require.Equal(t, 1, rows)
	})
}

func TestATableInASchema(t *testing.T) {
	s := postgresSource(t)
	schema := servertest.Scratch(t, s.driver, s.dsn, "create schema {name}", "drop schema {name} cascade")
	store, err := sqltracker.New(s.open(t), s.flavor, sqltracker.Config{Table: schema + ".messages"})
	require.NoError(t, err)
	require.NoError(t, store.Migrate(t.Context()))
	require.NoError(t, store.Record(t.Context(), status("wamid.1", tracker.Sent, 1)))
}

func TestNewRefuses(t *testing.T) {
	db := sqliteSource(t).open(t)
	_, err := sqltracker.New(nil, sqltracker.SQLite, sqltracker.Config{})
	require.ErrorContains(t, err, "no database")
	_, err = sqltracker.New(db, 0, sqltracker.Config{})
	require.ErrorContains(t, err, "no flavor Flavor(0)")
	_, err = sqltracker.Schema(4, "")
	require.ErrorContains(t, err, "no flavor Flavor(4)")
	for _, table := range []string{"a-b", "1a", "a.b.c", "a;drop", `"a"`, "a b", string(make([]byte, 41)), "a.b"} {
		_, err := sqltracker.New(db, sqltracker.SQLite, sqltracker.Config{Table: table})
		require.ErrorContains(t, err, "sqltracker: Config.Table: table ", "%q", table)
		_, err = sqltracker.Schema(sqltracker.SQLite, table)
		require.ErrorContains(t, err, "sqltracker: schema: table ", "%q", table)
	}
	for flavor, name := range map[sqltracker.Flavor]string{
		sqltracker.SQLite: "sqlite", sqltracker.Postgres: "postgres", sqltracker.MySQL: "mysql",
	} {
		require.Equal(t, name, flavor.String())
	}
}
