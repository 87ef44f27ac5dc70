package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Open opens the file, makes it and its tables if they are not there, brings older ones along, and returns a store
// that owns it: WAL, synchronous=FULL, one connection that writes and a few that read. Several processes may open the
// same file, and start at the same time. The directory must exist, and be writable: SQLite keeps the files path-wal
// and path-shm beside it. A new file has the permissions that the umask leaves; whoever may read it may read bodies,
// and secrets that no Sealer has sealed. Programs that need older tables get errors from then on: see the package
// comment.
func Open(ctx context.Context, path string, cfg Config) (*Store, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := checkPath(path); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(path) // the program may go elsewhere
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: open: %w", err)
	}
	writer, err := connect(path, cfg, 1)
	if err != nil {
		return nil, err
	}
	reader, err := connect(path, cfg, cfg.Readers)
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	s := newStore(writer, reader, cfg)
	err = s.Migrate(ctx)
	if err == nil {
		err = s.file.remember(path)
	}
	if err == nil {
		err = failed("probe", ctx, checkWritable(ctx, writer))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlitestore: open %s: %w", path, err), s.Close())
	}
	return s, nil
}

// New returns a store that keeps its tables in the host's own database, beside the host's, so that an event can be
// published in the transaction that makes it true: see [Store.Tx]. Call [Store.Migrate] once at the start of the
// program, or apply [Schema] with the host's own migrations.
//
// The driver must be modernc.org/sqlite, and each of db's connections must have
//
//	PRAGMA journal_mode = WAL
//	PRAGMA synchronous  = FULL
//	PRAGMA busy_timeout = 100 -- or so: milliseconds in which a call cannot be cancelled
//
// as from sql.Open with the driver "sqlite" and the name
//
//	file:app.db?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)
//
// New refuses a file that is otherwise, and so does every call that writes, on the connection it writes with. A
// database in memory is taken as it is. db may be limited to one connection. The store never closes it. What an
// operator does when a newer program needs newer tables stands in the package comment.
func New(db *sql.DB, cfg Config) (*Store, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if _, ours := db.Driver().(*sqlite.Driver); !ours {
		return nil, fmt.Errorf("sqlitestore: new: the driver is %T, must be that of modernc.org/sqlite: %w",
			db.Driver(), driver.ErrInvalid)
	}
	s := newStore(db, db, cfg)
	s.borrowed = true
	err := s.checkPragmas(context.Background(), db)
	if err == nil {
		err = checkWritable(context.Background(), db)
	}
	return s, failed("new", context.Background(), err)
}

// checkPath finds out what SQLite would answer with "unable to open database file", or worse, with nothing. It must not
// open the file: closing it would drop the locks of whoever has it open in this process.
func checkPath(path string) error {
	if path == "" || strings.Contains(path, ":memory:") {
		return fmt.Errorf("sqlitestore: open %q: a file is needed, for memory there is memstore: %w", path, driver.ErrInvalid)
	}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fmt.Errorf("sqlitestore: open %s: it is a directory, a file is needed: %w", path, driver.ErrInvalid)
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("sqlitestore: open: %w", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("sqlitestore: open %s: its directory must exist: %w", path, err)
	}
	return nil
}

// connect makes a pool of connections to the file. The busy timeout is short because nobody can cancel it; write goes
// on asking for as long as its context allows.
func connect(path string, cfg Config, conns int) (*sql.DB, error) {
	synchronous := "synchronous(FULL)"
	if cfg.MayLoseCommits {
		synchronous = "synchronous(NORMAL)"
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: url.Values{
		"_pragma": {
			"busy_timeout(100)", "journal_mode(WAL)", synchronous, "journal_size_limit(67108864)", "temp_store(MEMORY)",
		},
		"_txlock": {"immediate"},
	}.Encode()}
	connector, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: open %s: %w", path, err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// checkPragmas demands of a host's database that what it commits is durable.
func (s *Store) checkPragmas(ctx context.Context, q querier) error {
	var path string
	err := q.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path)
	if err == nil {
		err = s.file.remember(path)
	}
	if err != nil || path == "" { // in memory, or temporary
		return err
	}
	var journal string
	if err := q.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&journal); err != nil {
		return err
	}
	if journal != "wal" {
		return fmt.Errorf("%s has journal_mode=%s; set PRAGMA journal_mode=WAL: %w", s.file.path, journal, driver.ErrInvalid)
	}
	return s.checkSynchronous(ctx, q)
}

// checkSynchronous is asked again in every transaction: the pragma is of one connection, and the host's to set.
func (s *Store) checkSynchronous(ctx context.Context, q querier) error {
	if s.file.path == "" || s.cfg.MayLoseCommits {
		return nil
	}
	const full = 2
	var synchronous int
	if err := q.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&synchronous); err != nil {
		return err
	}
	if synchronous < full {
		return fmt.Errorf("%s is open with synchronous=%d, under which a power cut undoes commits; "+
			"set PRAGMA synchronous=FULL on every connection, or Config.MayLoseCommits: %w",
			s.file.path, synchronous, driver.ErrInvalid)
	}
	return nil
}
