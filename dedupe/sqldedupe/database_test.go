package sqldedupe_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
	"github.com/kirimhooks/kirimhooks/dedupe/sqldedupe"
	"github.com/kirimhooks/kirimhooks/internal/claimtest"
	"github.com/kirimhooks/kirimhooks/internal/mysqltest"
	"github.com/kirimhooks/kirimhooks/internal/pgtest"
)

// source is how one database is opened, by another process too.
type source struct {
	flavor      sqldedupe.Flavor
	driver, dsn string
}

// sources make an empty database each, and remove it when t ends.
var sources = map[string]func(t testing.TB) source{
	"sqlite":   sqliteSource,
	"postgres": postgresSource,
	"mysql":    mysqlSource,
}

// unusual are settings that a host may have.
var unusual = map[string]func(t testing.TB) source{
	"mysql with clientFoundRows": func(t testing.TB) source {
		s := mysqlSource(t)
		s.dsn += "?clientFoundRows=true"
		return s
	},
	"postgres at serializable": func(t testing.TB) source {
		s := postgresSource(t)
		s.dsn += "&default_transaction_isolation=serializable"
		return s
	},
}

func sqliteSource(t testing.TB) source {
	path := filepath.Join(t.TempDir(), "dedupe.db")
	return source{sqldedupe.SQLite, "sqlite",
		"file:" + path + "?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"}
}

func postgresSource(t testing.TB) source { return source{sqldedupe.Postgres, "pgx", pgtest.Schema(t)} }

func mysqlSource(t testing.TB) source {
	return source{sqldedupe.MySQL, "mysql", mysqltest.DSN(t) + mysqltest.Database(t)}
}

// Where the other process of claimtest.Suspend finds the store.
const (
	childFlavor = "KIRIMHOOKS_TEST_FLAVOR"
	childDriver = "KIRIMHOOKS_TEST_DRIVER"
	childDSN    = "KIRIMHOOKS_TEST_DSN"
)

func (s source) env() []string {
	return []string{childFlavor + "=" + strconv.Itoa(int(s.flavor)), childDriver + "=" + s.driver, childDSN + "=" + s.dsn}
}

func TestMain(m *testing.M) {
	claimtest.Main(func() (dedupe.Store, error) {
		db, err := sql.Open(os.Getenv(childDriver), os.Getenv(childDSN))
		if err != nil {
			return nil, err
		}
		flavor, err := strconv.Atoi(os.Getenv(childFlavor))
		if err != nil {
			return nil, err
		}
		return sqldedupe.New(db, sqldedupe.Flavor(flavor), sqldedupe.Config{})
	})
	os.Exit(m.Run())
}

// world is a store with a table of its own.
type world struct {
	testing.TB
	*sqldedupe.Store
	db *sql.DB
}

func (s source) open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open(s.driver, s.dsn)
	require.NoError(t, err)
	db.SetMaxOpenConns(24)
	db.SetMaxIdleConns(24)
	t.Cleanup(func() { db.Close() })
	return db
}

func (s source) world(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, db: s.open(t)}
	var err error
	w.Store, err = sqldedupe.New(w.db, s.flavor, sqldedupe.Config{})
	require.NoError(t, err)
	require.NoError(t, w.Migrate(t.Context()))
	return w
}

func (w *world) exec(text string) {
	w.Helper()
	_, err := w.db.ExecContext(context.Background(), text)
	require.NoError(w, err)
}

// advance moves the clock on, as far as the rows can tell: each ends so much sooner.
func (w *world) advance(d time.Duration) {
	w.exec("update kirimhooks_dedupe set ends = ends - " + strconv.FormatInt(d.Microseconds(), 10))
}

func (w *world) forget() { w.exec("delete from kirimhooks_dedupe") }

func (w *world) rows() (n int) {
	w.Helper()
	require.NoError(w, w.db.QueryRowContext(context.Background(), "select count(*) from kirimhooks_dedupe").Scan(&n))
	return n
}

func (w *world) subject() dedupetest.Subject {
	return dedupetest.Subject{Store: w.Store, Advance: w.advance}
}
