package model_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/interop/model"
	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// The Postgres store lives by the server's now(), before which each program puts one of its own: what the machine takes
// for a program must not count. It goes on by a microsecond for each transaction, since no two of them are ever at
// once, and can be moved.
func TestPostgres(t *testing.T) {
	dsn := pgtest.DSN(t)
	var pool *pgxpool.Pool // of the program under way
	schemas, drop := 0, func() {}
	t.Cleanup(func() { drop() })
	model.CheckStore(t, model.Harness{
		CancelsLate:      true,
		LeasesUnforeseen: true,
		Budget:           20 * time.Second,
		Open: func(t *testing.T) sender.Store {
			drop()
			schemas++
			schema := fmt.Sprintf("kh_model_%d_%d", os.Getpid(), schemas)
			cfg, err := pgxpool.ParseConfig(dsn)
			require.NoError(t, err)
			cfg.ConnConfig.RuntimeParams["search_path"] = schema + "_clock, pg_catalog"
			cfg.MaxConns = 4
			pool, err = pgxpool.NewWithConfig(t.Context(), cfg)
			require.NoError(t, err)
			_, err = pool.Exec(t.Context(), fmt.Sprintf(`create schema %[1]s_clock;
				create table %[1]s_clock.clock as select pg_catalog.now() as shows, txid_current() as since;
				create function %[1]s_clock.now() returns timestamptz language sql stable as $$
					select shows + (txid_current() - since) * interval '1 microsecond' from %[1]s_clock.clock $$`, schema))
			require.NoError(t, err)
			store, err := pgstore.New(pool, pgstore.Config{Schema: schema})
			require.NoError(t, err)
			require.NoError(t, store.Migrate(t.Context()))
			drop = func() {
				_, err := pool.Exec(context.Background(),
					fmt.Sprintf("drop schema %[1]s cascade; drop schema %[1]s_clock cascade", schema))
				pool.Close()
				require.NoError(t, err)
			}
			return store
		},
		Advance: func(_ sender.Store, d time.Duration) {
			_, err := pool.Exec(context.Background(), "update clock set shows = shows + $1", d)
			if err != nil {
				panic(err)
			}
		},
	})
}
