//go:build unix

package harness_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/harness"
	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// postgres is the host's own database, which all workers connect to.
var postgres = harness.Backend{Name: "postgres", Open: openPostgres}

func openPostgres(ctx context.Context, address string) (*harness.Opened, error) {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, err
	}
	store, err := pgstore.New(pool, pgstore.Config{})
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &harness.Opened{
		Store: store,
		Prepare: func(ctx context.Context) error {
			if err := store.Migrate(ctx); err != nil {
				return err
			}
			_, err := pool.Exec(ctx, `create table orders (id text primary key)`)
			return err
		},
		Order: func(ctx context.Context, id string, publish func(driver.Enqueuer) error) error {
			return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, `insert into orders (id) values ($1) on conflict do nothing`, id); err != nil {
					return err
				}
				return publish(store.Tx(tx))
			})
		},
		Orders: func(ctx context.Context) ([]string, error) {
			rows, err := pool.Query(ctx, `select id from orders`)
			if err != nil {
				return nil, err
			}
			return pgx.CollectRows(rows, pgx.RowTo[string])
		},
		Close: pool.Close,
	}, nil
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	proxy, err := harness.NewProxy(server.Addr())
	require.NoError(t, err)
	defer proxy.Close()
	crash(t, harness.Plan{
		Backend: postgres, Address: server.DSN(), Via: server.DSNVia(proxy.Addr()),
		Weather: harness.PostgresWeather{Server: server, Proxy: proxy},
	})
}

func TestPostgresUndisturbed(t *testing.T) {
	undisturbed(t, harness.Plan{Backend: postgres, Address: pgtest.Start(t).DSN()})
}
