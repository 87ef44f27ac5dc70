package pgstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// A host may prepare its transaction, also while a process sleeps that would be woken, and in more than one statement.
func TestPreparedTransactions(t *testing.T) {
	server := pgtest.Start(t)
	setting, err := pgxpool.New(t.Context(), server.DSN())
	require.NoError(t, err)
	_, err = setting.Exec(t.Context(), "alter system set max_prepared_transactions = 5")
	require.NoError(t, err)
	setting.Close()
	require.NoError(t, server.Crash())
	require.NoError(t, server.Restart())

	pool, err := pgxpool.New(t.Context(), server.DSN())
	require.NoError(t, err)
	defer pool.Close()
	s, err := pgstore.New(pool, pgstore.Config{Schema: "kh"})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	w := &world{TB: t, Store: s, ctx: t.Context(), pool: pool, schema: "kh"}
	w.subscribe("a", "s", driver.StatusActive, "x")

	sleeper := w.peer()
	listens(t, sleeper)
	sizes := []int{1, 1001, 2}
	for i, n := range sizes {
		asleep := w.count("select count(*) from {schema}.processes where asleep_until > now()")
		require.Positive(t, asleep, "somebody sleeps")
		tx, err := pool.Begin(t.Context())
		require.NoError(t, err)
		defer tx.Rollback(context.Background()) // or Close waits for its connection
		results, _, err := s.Tx(tx).Enqueue(t.Context(), publications("a", fmt.Sprint("e", i, "-"), n, "x"), nil)
		require.NoError(t, err)
		require.Len(t, results, n)
		_, err = tx.Exec(t.Context(), "prepare transaction 'host'")
		require.NoError(t, err)
		require.NoError(t, tx.Rollback(t.Context()), "there is no transaction any more")
		require.Empty(t, w.claim(request(2000)).Claims, "prepared is not committed")
		if i == len(sizes)-1 {
			_, err = pool.Exec(t.Context(), "rollback prepared 'host'")
			n = 0
		} else {
			_, err = pool.Exec(t.Context(), "commit prepared 'host'")
		}
		require.NoError(t, err)
		claims := w.claim(request(2000)).Claims
		require.Len(t, claims, n)
		for j := range claims {
			w.settle(driver.Outcome{
				Org: "a", DeliveryID: claims[j].Delivery.ID, Token: claims[j].Token,
				EventID:      claims[j].Delivery.EventID,
				Subscription: "s", Ref: claims[j].Ref, State: driver.StateDelivered,
			})
		}
	}

	// What the store publishes by itself wakes sleepers there too.
	w.publish(publication("a", "own", "x"))
	require.NoError(t, waits(t, sleeper, 10*time.Second))
}
