package pgstore_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// shared is a pool whose sessions somebody else has run statements on.
func (w *world) shared(statements ...string) *pgxpool.Pool {
	w.Helper()
	config := w.pool.Config()
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		for _, text := range statements {
			if _, err := c.Exec(ctx, text); err != nil {
				return err
			}
		}
		return nil
	}
	pool, err := pgxpool.NewWithConfig(w.ctx, config)
	require.NoError(w, err)
	w.Cleanup(pool.Close)
	return pool
}

// witness makes every transaction that writes say, when it commits, whether it waits for the disk.
func (w *world) witness() {
	w.Helper()
	w.exec(`create table {schema}.commits (what text, waits text);
		create function {schema}.witness() returns trigger language plpgsql as $$ begin
			insert into {schema}.commits values (tg_table_name || ' ' || tg_op, current_setting('synchronous_commit'));
			return null;
		end $$`)
	tables := []string{"events", "unfinished_deliveries", "attempts", "subscriptions", "replays", "minutes"}
	for _, table := range tables {
		w.exec("create constraint trigger witness after insert or update or delete on {schema}." + table +
			" deferrable initially deferred for each row execute function {schema}.witness()")
	}
}

// lax lists what was committed without waiting for the disk.
func (w *world) lax() int {
	return w.count("select count(*) from {schema}.commits where waits = 'off'")
}

func TestWhatIsCommittedIsOnDiskWhateverTheSessionWasTold(t *testing.T) {
	for _, async := range []bool{false, true} {
		w := open(t)
		w.witness()
		pool := w.shared("set synchronous_commit = off")
		s, err := pgstore.New(pool, pgstore.Config{Schema: w.schema, AllowAsyncCommit: async})
		require.NoError(t, err)
		w.Store = s
		w.subscribe("a", "s", driver.StatusActive, "x")
		w.publish(publications("a", "e", 3, "x")...)
		claims := w.claim(request(3)).Claims
		retry := died(claims[2])
		retry.State, retry.Health = driver.StatePending, driver.HealthUnchanged
		w.settle(delivered(claims[0]), died(claims[1]), retry)
		w.settle(delivered(claims[0])) // a repeat
		made, err := s.Replay(w.ctx, driver.ReplayRequest{DeliveryQuery: theOne(claims[1].Delivery.ID)})
		require.NoError(t, err)
		require.Len(t, made, 1)
		w.turn("a", "s", driver.StatusPaused)
		w.advance(48 * time.Hour)
		for range 2 {
			_, err = s.Purge(w.ctx, driver.PurgeRequest{
				Finished: time.Hour, Identity: day, HeldAge: time.Hour, Limit: 100,
			})
			require.NoError(t, err)
		}
		require.NoError(t, s.DeleteSubscription(w.ctx, "a", "s"))
		require.Greater(t, w.count("select count(distinct what) from {schema}.commits"), 9)
		if async {
			require.NotZero(t, w.lax(), "the host's choice stands")
		} else {
			require.Zero(t, w.lax())
		}
		require.Zero(t, w.count("select 0"))
		var still string
		require.NoError(t, pool.QueryRow(w.ctx, "show synchronous_commit").Scan(&still))
		require.Equal(t, "off", still, "what others set for themselves stays")
	}
}

func TestAHostsTransactionThatPublishedWaitsForTheDisk(t *testing.T) {
	w := open(t)
	w.witness()
	pool := w.shared("set synchronous_commit = off")
	tx, err := pool.Begin(w.ctx)
	require.NoError(t, err)
	_, err = tx.Exec(w.ctx, "set local synchronous_commit = off")
	require.NoError(t, err)
	_, _, err = w.Tx(tx).Enqueue(w.ctx, []driver.Publication{publication("a", "pgx")}, nil)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(w.ctx))

	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	sqlTx, err := db.BeginTx(w.ctx, &sql.TxOptions{})
	require.NoError(t, err)
	_, _, err = w.SQLTx(sqlTx).Enqueue(w.ctx, []driver.Publication{publication("a", "sql")}, nil)
	require.NoError(t, err)
	require.NoError(t, sqlTx.Commit())
	require.Equal(t, 2, w.count("select count(*) from {schema}.commits"))
	require.Zero(t, w.lax())
}
