package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	sqlite3 "modernc.org/sqlite/lib"
)

// file is the database as the store found it when it was opened. SQLite goes on writing to a file that has no name any
// more, and answers that all is well: what was committed there is gone with the process.
type file struct {
	path string // "": the database is in memory
	info os.FileInfo
}

func (f *file) remember(path string) (err error) {
	if f.path = path; path != "" {
		f.info, err = os.Stat(path)
	}
	return err
}

// check reports that the file is no longer where it was. wal: the log must be there too, as it is while a connection
// is open.
func (f *file) check(wal bool) error {
	if f.info == nil {
		return nil
	}
	info, err := os.Stat(f.path)
	if err == nil && !os.SameFile(info, f.info) {
		err = errors.New("another file has its name")
	}
	if err == nil && wal {
		_, err = os.Stat(f.path + "-wal")
	}
	if err != nil {
		return fmt.Errorf("%s was deleted or replaced while it was open, and what is written would be lost; "+
			"restart the program: %w", f.path, err)
	}
	return nil
}

// checkWritable finds out what SQLite else says at the first write only: BEGIN IMMEDIATE is no write to it. Who finds
// another writing could write too.
func checkWritable(ctx context.Context, db *sql.DB) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	uncut := context.WithoutCancel(ctx)
	if _, err = conn.ExecContext(uncut, `BEGIN IMMEDIATE`); err == nil {
		_, err = conn.ExecContext(uncut, `CREATE TABLE kirimhooks_probe (x)`)
		_, undo := conn.ExecContext(uncut, `ROLLBACK`)
		err = errors.Join(err, undo)
	}
	if isCode(err, sqlite3.SQLITE_BUSY) {
		return nil
	}
	return err
}
