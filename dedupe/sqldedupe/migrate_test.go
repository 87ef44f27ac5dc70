package sqldedupe_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe/sqldedupe"
	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

func TestManyMigrateAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		var wg sync.WaitGroup
		for range 8 {
			db := s.open(t)
			store, err := sqldedupe.New(db, s.flavor, sqldedupe.Config{})
			require.NoError(t, err)
			wg.Go(func() {
				assert.NoError(t, store.Migrate(t.Context()))
				assert.NoError(t, store.Migrate(t.Context()), "again")
				assert.NoError(t, store.Commit(t.Context(), "key", "token", time.Minute))
			})
		}
		wg.Wait()
	})
}

func TestTheHostMakesTheTable(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		db := s.open(t)
		store, err := sqldedupe.New(db, s.flavor, sqldedupe.Config{Table: "seen_Events_2"})
		require.NoError(t, err)
		_, _, err = store.Claim(t.Context(), "key", "token", time.Minute)
		require.ErrorContains(t, err, "sqldedupe: claim: ", "there is none yet")
		_, err = store.Purge(t.Context(), 1)
		require.ErrorContains(t, err, "sqldedupe: purge: ")
		text, err := sqldedupe.Schema(s.flavor, "seen_Events_2")
		require.NoError(t, err)
		require.Contains(t, text, "seen_Events_2")
		require.NoError(t, store.Migrate(t.Context()))
		require.NoError(t, store.Commit(t.Context(), "key", "token", time.Minute))
		var rows int
		require.NoError(t, db.QueryRowContext(t.Context(), "select count(*) from seen_Events_2").Scan(&rows))
		require.Equal(t, 1, rows)
	})
}

func TestATableInASchema(t *testing.T) {
	s := postgresSource(t)
	db := s.open(t)
	schema := servertest.Scratch(t, s.driver, s.dsn, "create schema {name}", "drop schema {name} cascade")
	store, err := sqldedupe.New(db, s.flavor, sqldedupe.Config{Table: schema + ".seen"})
	require.NoError(t, err)
	require.NoError(t, store.Migrate(t.Context()))
	require.NoError(t, store.Commit(t.Context(), "key", "token", time.Minute))
}

func TestNewRefuses(t *testing.T) {
	db := sqliteSource(t).open(t)
	_, err := sqldedupe.New(nil, sqldedupe.SQLite, sqldedupe.Config{})
	require.ErrorContains(t, err, "no database")
	_, err = sqldedupe.New(db, 0, sqldedupe.Config{})
	require.ErrorContains(t, err, "no flavor Flavor(0)")
	_, err = sqldedupe.Schema(4, "")
	require.ErrorContains(t, err, "no flavor Flavor(4)")
	for _, table := range []string{"a-b", "1a", "a.b.c", "a;drop", `"a"`, "a b", string(make([]byte, 41))} {
		_, err := sqldedupe.New(db, sqldedupe.SQLite, sqldedupe.Config{Table: table})
		require.ErrorContains(t, err, "sqldedupe: table ", "%q", table)
		_, err = sqldedupe.Schema(sqldedupe.SQLite, table)
		require.ErrorContains(t, err, "sqldedupe: table ", "%q", table)
	}
}
