package pgstore_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// as is a store whose pool logs in as a role, with so many sessions at most.
func (w *world) as(role string, sessions int32) (*pgstore.Store, *pgxpool.Pool) {
	w.Helper()
	config := w.pool.Config()
	config.ConnConfig.User, config.MaxConns = role, sessions
	pool, err := pgxpool.NewWithConfig(w.ctx, config)
	require.NoError(w, err)
	w.Cleanup(pool.Close)
	s, err := pgstore.New(pool, pgstore.Config{Schema: w.schema})
	require.NoError(w, err)
	return s, pool
}

// everySession runs a statement on as many sessions as the pool may have.
func everySession(t *testing.T, pool *pgxpool.Pool, text string) {
	t.Helper()
	for range pool.Config().MaxConns {
		c, err := pool.Acquire(t.Context())
		require.NoError(t, err)
		defer c.Release()
		_, err = c.Exec(t.Context(), text)
		require.NoError(t, err)
	}
}

// A failover leaves sessions that read well, and fail in every call that writes for as long as the pool keeps them.
func TestReadOnlySessionsLeaveThePool(t *testing.T) {
	w := open(t)
	role := w.worker()
	s, pool := w.as(role, 8)
	publish := func(id string) error {
		_, _, err := s.Enqueue(t.Context(), []driver.Publication{publication("a", id)}, nil)
		return err
	}
	require.NoError(t, publish("before"))
	everySession(t, pool, "set default_transaction_read_only = on")
	require.NoError(t, publish("after"), "no call is lost while others can write")

	w.exec("alter role " + role + " set default_transaction_read_only = on")
	everySession(t, pool, "set default_transaction_read_only = on")
	made := pool.Stat().NewConnsCount()
	var pe *pgconn.PgError
	require.ErrorAs(t, publish("now nobody can"), &pe)
	require.Equal(t, "25006", pe.Code)
	require.LessOrEqual(t, pool.Stat().NewConnsCount()-made, int64(8), "a server that only reads is not stormed")
	w.exec("alter role " + role + " reset default_transaction_read_only")
	require.NoError(t, publish("again"))
}

// What says nothing of being read-only is known by the error.
func TestASessionThatAnswersReadOnlyIsNotUsedAgain(t *testing.T) {
	w := open(t)
	s, pool := w.as(w.worker(), 1)
	w.exec(`create function {schema}.refuse() returns trigger language plpgsql as $$ begin
		if current_setting('application_name') = 'demoted' then
			raise exception using errcode = 'read_only_sql_transaction';
		end if;
		return new; end $$`)
	w.exec("grant execute on all functions in schema {schema} to public")
	w.exec("create trigger refuse before insert on {schema}.events for each row execute function {schema}.refuse()")
	everySession(t, pool, "set application_name = 'demoted'")
	_, _, err := s.Enqueue(t.Context(), []driver.Publication{publication("a", "e")}, nil)
	require.NoError(t, err)
}

func TestASessionThatKeepsFailingLeavesThePool(t *testing.T) {
	w := open(t)
	s, pool := w.as(w.worker(), 1)
	_, err := s.Counts(t.Context(), "a")
	require.NoError(t, err)
	everySession(t, pool, "set statement_timeout = 1")
	w.exec(`create function {schema}.slow() returns trigger language plpgsql
		as $$ begin perform pg_sleep(0.05); return new; end $$`)
	w.exec("create trigger slow before insert on {schema}.events for each row execute function {schema}.slow()")
	w.exec("grant execute on all functions in schema {schema} to public")
	for n := range 3 {
		_, _, err = s.Enqueue(t.Context(), []driver.Publication{publication("a", "e")}, nil)
		require.Equal(t, n < 2, err != nil, "call %d: %v", n, err)
	}
}
