package pgstore_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// world is a store in a schema of its own, whose clock can be moved: a function now() that stands before the server's.
type world struct {
	testing.TB
	*pgstore.Store
	ctx    context.Context
	pool   *pgxpool.Pool
	schema string
}

var serial struct {
	sync.Mutex
	n int
}

func open(t testing.TB) *world {
	t.Helper()
	w := prepare(t)
	require.NoError(t, w.Migrate(w.ctx))
	return w
}

// alone is open in a database of its own. Elsewhere dead rows stay for as long as any session of the database has a
// snapshot from before. What is measured would depend on what others do.
func alone(t testing.TB) *world {
	t.Helper()
	config, err := pgxpool.ParseConfig(pgtest.DSN(t))
	require.NoError(t, err)
	name := unique()
	admin, err := pgxpool.NewWithConfig(t.Context(), config.Copy())
	require.NoError(t, err)
	_, err = admin.Exec(t.Context(), "create database "+name+" template template0 encoding 'UTF8'")
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := admin.Exec(context.Background(), "drop database "+name)
		admin.Close()
		require.NoError(t, err)
	})
	config.ConnConfig.Database = name
	w := prepareIn(t, config)
	require.NoError(t, w.Migrate(w.ctx))
	return w
}

// unique is a name that nothing else has.
func unique() string {
	serial.Lock()
	defer serial.Unlock()
	serial.n++
	return fmt.Sprintf("kh_%d_%d", os.Getpid(), serial.n)
}

// prepare is open without Migrate.
func prepare(t testing.TB) *world {
	t.Helper()
	config, err := pgxpool.ParseConfig(pgtest.DSN(t))
	require.NoError(t, err)
	return prepareIn(t, config)
}

func prepareIn(t testing.TB, config *pgxpool.Config) *world {
	t.Helper()
	schema := unique()
	config.MaxConns = 24
	config.ConnConfig.RuntimeParams["search_path"] = schema + "_clock, pg_catalog"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	store, err := pgstore.New(pool, pgstore.Config{Schema: schema})
	require.NoError(t, err)
	w := &world{t, store, t.Context(), pool, schema}
	t.Cleanup(func() {
		_, err := pool.Exec(context.Background(),
			"drop schema if exists "+schema+" cascade; drop schema "+schema+"_clock cascade")
		pool.Close()
		require.NoError(t, err)
	})
	w.exec(`create schema {schema}_clock;
		create table {schema}_clock.ahead as select interval '0' as by;
		create function {schema}_clock.now() returns timestamptz language sql stable
			as $$ select pg_catalog.now() + by from {schema}_clock.ahead $$`)
	return w
}

// peer is another process on the same schema.
func (w *world) peer() *pgstore.Store {
	w.Helper()
	s, err := pgstore.New(w.pool, pgstore.Config{Schema: w.schema})
	require.NoError(w, err)
	return s
}

// advance moves the clock.
func (w *world) advance(d time.Duration) {
	w.exec("update {schema}_clock.ahead set by = by + $1", d)
}
