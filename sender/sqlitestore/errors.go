package sqlitestore

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// failed says what went wrong, and what to do where SQLite does not.
func failed(doing string, ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("sqlitestore: %s: %w", doing, ctx.Err())
	case isCode(err, sqlite3.SQLITE_READONLY):
		return fmt.Errorf("sqlitestore: %s: the file and its directory must be writable: %w", doing, err)
	case isCode(err, sqlite3.SQLITE_NOTADB):
		return fmt.Errorf("sqlitestore: %s: the file is something else than a database: %w", doing, err)
	case isCode(err, sqlite3.SQLITE_FULL):
		return fmt.Errorf("sqlitestore: %s: no room left, on the disk or by max_page_count: %w", doing, err)
	default:
		return fmt.Errorf("sqlitestore: %s: %w", doing, err)
	}
}

// isCode compares primary result codes, hasCode extended ones: https://www.sqlite.org/rescode.html
func isCode(err error, code int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == code
}

func hasCode(err error, code int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == code
}

func notFound(what, org, id string) error {
	return fmt.Errorf("sqlitestore: no %s %q in org %q: %w", what, id, org, driver.ErrNotFound)
}
