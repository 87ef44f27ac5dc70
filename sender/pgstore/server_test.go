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

// prepare is open without Migrate.
func prepare(t testing.TB) *world {
	t.Helper()
	config, err := pgxpool.ParseConfig(pgtest.DSN(t))
	require.NoError(t, err)
	serial.Lock()
	serial.n++
	schema := fmt.Sprintf("kh_%d_%d", os.Getpid(), serial.n)
	serial.Unlock()
	config.MaxConns = 24
	config.ConnConfig.RuntimeParams["search_path"] = schema + "_clock, pg_catalog"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	store, err := pgstore.New(pool, pgstore.Config{Schema: schema})
	require.NoError(t, err)
	w := &world{t, store, t.Context(), pool, schema}
	t.Cleanup(func() {
		_, err := pool.Exec(context.Background(), "drop schema if exists "+schema+" cascade; drop schema "+schema+"_clock cascade")
		pool.Close()
		require.NoError(t, err)
	})
	w.exec(`create schema {schema}_clock;
		create table {schema}_clock.ahead as select interval '0' as by;
		create function {schema}_clock.now() returns timestamptz language sql stable as $$ select pg_catalog.now() + by from {schema}_clock.ahead $$`)
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
