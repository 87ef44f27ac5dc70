package sqlitestore

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
)

// schema is the tables of now. Each of migrations leads from a version to the next: the first from 1 to 2. What was
// released is never changed.
var (
	//go:embed schema.sql
	schema string

	//go:embed schema2.sql
	schema2 string

	migrations = [...]string{schema2}
)

const (
	schemaVersion = 1 + len(migrations)

	sqlIsMade = `SELECT count(*) FROM sqlite_schema WHERE name = 'kirimhooks_meta'`
	sqlKey    = `
SELECT (SELECT value FROM kirimhooks_meta WHERE name = 'key'),
	(SELECT value FROM kirimhooks_meta WHERE name = 'schema')`
)

// Schema is the SQL that [Store.Migrate] runs on an empty database, for a host whose own tool makes its tables. All
// names begin with "kirimhooks_". Run it once, in one transaction: it also makes the key from which delivery ids come.
func Schema() string { return schema }

// Migrate brings the tables to the version that this package needs: it makes them, changes those of an earlier
// version, and leaves those of its own alone. Several processes may call it at once; one does the work, and it is done
// or not done.
func (s *Store) Migrate(ctx context.Context) error {
	err := s.exclusively(ctx, func() error { return s.migrate(ctx) })
	return failed("migrate", ctx, err)
}

// migrate takes the write lock by name, since there may be no table yet to write to.
func (s *Store) migrate(ctx context.Context) (err error) {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// Cut off in the middle, SQLite might roll back by itself: let each statement end.
	uncut := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(uncut, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	if err = migrateConn(uncut, conn); err != nil {
		_, undo := conn.ExecContext(uncut, `ROLLBACK`)
		return errors.Join(err, undo)
	}
	_, err = conn.ExecContext(uncut, `COMMIT`)
	return err
}

func migrateConn(ctx context.Context, conn *sql.Conn) error {
	version := 0
	var made bool
	err := conn.QueryRowContext(ctx, sqlIsMade).Scan(&made)
	if err == nil && made {
		err = conn.QueryRowContext(ctx, `SELECT value FROM kirimhooks_meta WHERE name = 'schema'`).Scan(&version)
	}
	if err != nil {
		return err
	}
	steps := []string{schema}
	switch {
	case version > schemaVersion:
		return fmt.Errorf("the tables are of version %d, this program knows %d; run the newer program",
			version, schemaVersion)
	case version > 0:
		steps = migrations[version-1:]
	}
	for _, step := range steps {
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// readKey also tells whether the tables are those that the statements are written for.
func (s *Store) readKey(ctx context.Context) (key []byte, err error) {
	var made bool
	if err := s.writer.QueryRowContext(ctx, sqlIsMade).Scan(&made); err != nil {
		return nil, err
	}
	if !made {
		return nil, errors.New("the database has no tables of this store; call Migrate, or apply Schema")
	}
	var version int
	if err := s.writer.QueryRowContext(ctx, sqlKey).Scan(&key, &version); err != nil {
		return nil, err
	}
	if version != schemaVersion {
		return nil, fmt.Errorf("the tables are of version %d, this program needs %d; call Migrate", version, schemaVersion)
	}
	return key, nil
}
