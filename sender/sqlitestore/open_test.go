package sqlitestore_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// Every connection that the pools can open is durable, not only the first.
func TestOpenSetsThePragmasOnEveryConnection(t *testing.T) {
	for want, cfg := range map[int]sqlitestore.Config{2: {Readers: 3}, 1: {Readers: 3, MayLoseCommits: true}} {
		s := open(t, file(t), cfg)
		for name, pool := range s.Pools() {
			for range pool.Stats().MaxOpenConnections {
				conn, err := pool.Conn(t.Context())
				require.NoError(t, err)
				defer conn.Close()
				var synchronous int
				var journal string
				require.NoError(t, conn.QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&synchronous))
				require.NoError(t, conn.QueryRowContext(t.Context(), `PRAGMA journal_mode`).Scan(&journal))
				require.Equal(t, want, synchronous, name)
				require.Equal(t, "wal", journal, name)
			}
		}
	}
}

func TestOpenTakesAnyPath(t *testing.T) {
	for _, name := range []string{"plain.db", "with space.db", "50%.db", "what?.db", "a#b.db", "a&b=c.db", "ünï.db"} {
		path := filepath.Join(t.TempDir(), name)
		subscribe(t, open(t, path, sqlitestore.Config{}), "a", "x")
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Positive(t, info.Size()+walSize(t, path), name)
	}
}

func walSize(t *testing.T, path string) int64 {
	info, err := os.Stat(path + "-wal")
	require.NoError(t, err)
	return info.Size()
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o600))
	for path, want := range map[string]string{
		"":         "a file is needed",
		":memory:": "a file is needed",
		filepath.Join(dir, "missing", "hooks.db"): "its directory must exist",
		dir:  "it is a directory",
		text: "something else than a database",
	} {
		_, err := sqlitestore.Open(t.Context(), path, sqlitestore.Config{})
		require.ErrorContains(t, err, want, "%q", path)
	}
	_, err := sqlitestore.Open(t.Context(), file(t), sqlitestore.Config{BusyTimeout: -1, PollInterval: -1, Readers: -1})
	require.ErrorIs(t, err, driver.ErrInvalid)
	for _, field := range []string{"BusyTimeout", "PollInterval", "Readers"} {
		require.ErrorContains(t, err, "Config."+field)
	}
}

func TestOpenOfAReadOnlyFileIsRefused(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	path := file(t)
	require.NoError(t, open(t, path, sqlitestore.Config{}).Close())
	require.NoError(t, os.Chmod(path, 0o400))
	_, err := sqlitestore.Open(t.Context(), path, sqlitestore.Config{})
	require.ErrorContains(t, err, "must be writable")
}

func TestReadOnlyDatabasesAreRefused(t *testing.T) {
	path := file(t)
	require.NoError(t, open(t, path, sqlitestore.Config{}).Close())
	for more, want := range map[string]string{
		"&mode=ro": "must be writable", "&_pragma=query_only(1)": "must be writable", "&immutable=1": "journal_mode=delete",
	} {
		_, err := sqlitestore.New(hostDB(t, path, more), sqlitestore.Config{})
		require.ErrorContains(t, err, want, more)
	}
}

// SQLite goes on writing to what nobody can open again. The store must not answer nil then.
func TestAFileThatIsGoneTakesNothing(t *testing.T) {
	rename := func(t *testing.T, from, to string) { require.NoError(t, os.Rename(from, to)) }
	for name, spoil := range map[string]func(t *testing.T, path string){
		"deleted":     func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) },
		"its log too": func(t *testing.T, path string) { require.NoError(t, os.Remove(path+"-wal")) },
		"moved away":  func(t *testing.T, path string) { rename(t, path, path+".old") },
		"replaced": func(t *testing.T, path string) {
			other := file(t)
			require.NoError(t, open(t, other, sqlitestore.Config{}).Close())
			rename(t, other, path)
		},
		"its directory": func(t *testing.T, path string) { rename(t, filepath.Dir(path), filepath.Dir(path)+"_old") },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sub", "hooks.db")
			require.NoError(t, os.Mkdir(filepath.Dir(path), 0o700))
			owned, err := sqlitestore.Open(t.Context(), path, sqlitestore.Config{})
			require.NoError(t, err)
			defer owned.Close()
			subscribe(t, owned, "a", "x")
			db := hostDB(t, path, "&_txlock=immediate")
			borrowed, err := sqlitestore.New(db, sqlitestore.Config{})
			require.NoError(t, err)
			enqueue(t, borrowed, batch("before_", 1, "x"))
			spoil(t, path)
			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			_, _, err = borrowed.Tx(tx).Enqueue(t.Context(), batch("tx_", 1, "x"), nil)
			require.ErrorContains(t, err, "deleted or replaced")
			require.NoError(t, tx.Rollback())
			for _, s := range []*sqlitestore.Store{owned, borrowed} {
				_, _, err := s.Enqueue(t.Context(), batch("after_", 1, "x"), nil)
				require.ErrorContains(t, err, "deleted or replaced")
				if name != "its log too" { // the next connection makes a new one
					_, err = s.Claim(t.Context(), request(1))
					require.ErrorContains(t, err, "deleted or replaced")
				}
			}
		})
	}
}

const durable = "_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"

// hostDB is a database as a host opens it. more is added to the DSN.
func hostDB(t testing.TB, path, more string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?"+durable+more)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestNewRefusesWhatIsNotDurable(t *testing.T) {
	path := file(t)
	for pragma, want := range map[string]string{
		"synchronous(NORMAL)":  "PRAGMA synchronous=FULL",
		"synchronous(OFF)":     "PRAGMA synchronous=FULL",
		"journal_mode(DELETE)": "PRAGMA journal_mode=WAL",
	} {
		db := hostDB(t, path, "&_pragma="+pragma)
		if strings.HasPrefix(pragma, "journal") {
			_, err := db.Exec(`PRAGMA journal_mode = DELETE`)
			require.NoError(t, err)
		}
		_, err := sqlitestore.New(db, sqlitestore.Config{})
		require.ErrorIs(t, err, driver.ErrInvalid, pragma)
		require.ErrorContains(t, err, want, pragma)
		require.NoError(t, db.Close())
	}
	_, err := sqlitestore.New(hostDB(t, path, "&_pragma=synchronous(NORMAL)"), sqlitestore.Config{MayLoseCommits: true})
	require.NoError(t, err)
}

// The host may set a pragma later, on one connection of many.
func TestAWriteOnAConnectionThatIsNotDurableIsRefused(t *testing.T) {
	db := hostDB(t, file(t), "")
	db.SetMaxOpenConns(1)
	s, err := sqlitestore.New(db, sqlitestore.Config{})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	subscribe(t, s, "a", "x")
	_, err = db.Exec(`PRAGMA synchronous = NORMAL`)
	require.NoError(t, err)
	_, _, err = s.Enqueue(t.Context(), batch("evt_", 1, "x"), nil)
	require.ErrorContains(t, err, "PRAGMA synchronous=FULL")
	require.Empty(t, list(t, s, driver.DeliveryQuery{}))
	_, err = db.Exec(`PRAGMA synchronous = EXTRA`)
	require.NoError(t, err)
	enqueue(t, s, batch("evt_", 1, "x"))
}

func TestNewTakesADatabaseInMemory(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	s, err := sqlitestore.New(db, sqlitestore.Config{})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	subscribe(t, s, "a", "x")
	enqueue(t, s, batch("evt_", 3, "x"))
	c, err := s.Claim(t.Context(), request(3))
	require.NoError(t, err)
	require.Len(t, c.Claims, 3)
	require.NoError(t, s.Close())
	require.NoError(t, db.PingContext(context.Background()), "the host's database stays open")
}

func TestWhatWasStoredIsThereWhenTheFileIsOpenedAgain(t *testing.T) {
	path := file(t)
	s := open(t, path, sqlitestore.Config{})
	subscribe(t, s, "a", "x")
	enqueue(t, s, batch("evt_", 10, "x"))
	c, err := s.Claim(t.Context(), request(5))
	require.NoError(t, err)
	before := list(t, s, driver.DeliveryQuery{})
	require.NoError(t, s.Close())

	s = open(t, path, sqlitestore.Config{})
	require.Equal(t, before, list(t, s, driver.DeliveryQuery{}), "with the same ids")
	settled, err := s.Settle(t.Context(), delivered(c.Claims))
	require.NoError(t, err)
	for _, x := range settled {
		require.True(t, x.Applied, "a lease outlives its process")
	}
	rest, err := s.Claim(t.Context(), request(10))
	require.NoError(t, err)
	require.Len(t, rest.Claims, 5)
}
