package linear_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// stores open an empty one each.
var stores = map[string]func(t *testing.T) sender.Store{
	"memory": func(*testing.T) sender.Store { return memstore.New() },
	"sqlite": func(t *testing.T) sender.Store {
		s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "linear.db"),
			sqlitestore.Config{MayLoseCommits: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	},
	"postgres": openPostgres,
}

var schemas atomic.Int32

func openPostgres(t *testing.T) sender.Store {
	pool, err := pgxpool.New(t.Context(), pgtest.DSN(t))
	require.NoError(t, err)
	schema := fmt.Sprintf("kh_linear_%d_%d", os.Getpid(), schemas.Add(1))
	s, err := pgstore.New(pool, pgstore.Config{Schema: schema})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	t.Cleanup(func() {
		_, err := pool.Exec(context.Background(), "drop schema "+schema+" cascade")
		pool.Close()
		require.NoError(t, err)
	})
	return s
}
