package sqlinbox_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// sent collects what a connection sends: each is a round trip.
type sent struct{ statements []string }

func (s *sent) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.statements = append(s.statements, data.SQL)
	return ctx
}

func (s *sent) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// An acknowledgement adds one statement, which commits by itself.
func TestAckIsOneStatement(t *testing.T) {
	cfg, err := pgx.ParseConfig(postgresSource(t).dsn)
	require.NoError(t, err)
	trace := &sent{}
	cfg.Tracer = trace
	db := stdlib.OpenDB(*cfg)
	defer db.Close()
	b, err := sqlinbox.New(db, sqlinbox.Postgres, receiver.NewMux(), sqlinbox.Config{Logger: quiet})
	require.NoError(t, err)
	require.NoError(t, b.Migrate(t.Context()))
	require.NoError(t, b.HandleEvent(t.Context(), fresh("")))
	for _, lane := range []string{"", "a lane"} {
		trace.statements = nil
		require.NoError(t, b.HandleEvent(t.Context(), fresh(lane)))
		require.Len(t, trace.statements, 1, lane)
		require.Contains(t, trace.statements[0], "insert into kirimhooks_inbox")
	}
}

// counter connects to SQLite and counts the commits.
type counter struct {
	dsn     string
	commits atomic.Int32
}

func (c *counter) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.Driver().Open(c.dsn)
	if err == nil {
		conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 { c.commits.Add(1); return 0 })
	}
	return conn, err
}

func (c *counter) Driver() driver.Driver { return &sqlite.Driver{} }

// Acknowledgements that wait for SQLite's only writer share the commit that follows.
func TestAcksShareACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bubbleSource(t)
		counting := &counter{dsn: s.dsn}
		db := sql.OpenDB(counting)
		defer db.Close()
		b, err := sqlinbox.New(db, s.flavor, receiver.NewMux(), sqlinbox.Config{Logger: quiet})
		require.NoError(t, err)
		require.NoError(t, b.Migrate(t.Context()))
		tx, err := s.open(t).BeginTx(t.Context(), nil)
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), `create table another (id integer)`)
		require.NoError(t, err)

		const callers = 16
		before := counting.commits.Load()
		stored := make(chan error, callers)
		for i := range callers {
			id := fmt.Sprint("evt_", i)
			go func() {
				stored <- b.HandleEvent(t.Context(), &receiver.Event{Event: envelope.Event{ID: id}, Key: id})
			}()
		}
		synctest.Wait()
		require.NoError(t, tx.Commit())
		for range callers {
			require.NoError(t, <-stored)
		}
		require.EqualValues(t, 2, counting.commits.Load()-before, "the first caller's, and that of all others")
	})
}
