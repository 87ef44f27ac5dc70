package sqlinbox

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// failedTx is a transaction whose every use returns err: what [Tx] returns where none can begin, so that a handler
// learns of it as it learns of any other error of its database.
func failedTx(err error) (*sql.DB, *sql.Tx) {
	db := sql.OpenDB(failed{err})
	tx, beginErr := db.Begin()
	if beginErr != nil {
		panic("sqlinbox: " + beginErr.Error()) // it is our own driver
	}
	return db, tx
}

type failed struct{ err error }

func (f failed) Connect(context.Context) (driver.Conn, error) { return f, nil }
func (f failed) Driver() driver.Driver                        { return f }
func (f failed) Open(string) (driver.Conn, error)             { return f, nil }
func (f failed) Prepare(string) (driver.Stmt, error)          { return nil, f.err }
func (f failed) Begin() (driver.Tx, error)                    { return f, nil }
func (f failed) Close() error                                 { return nil }
func (f failed) Commit() error                                { return f.err }
func (f failed) Rollback() error                              { return nil }
