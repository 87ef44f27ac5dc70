package sqltracker

import (
	"database/sql"
	_ "embed"
	"strconv"
)

// Flavor is the kind of database that holds the rows. Any driver of database/sql for it serves; the package is tested
// with pgx, modernc.org/sqlite and go-sql-driver/mysql.
type Flavor int

// The databases that can hold the rows.
const (
	SQLite   Flavor = iota + 1 // 3.35 or later
	Postgres                   // 12 or later
	MySQL                      // MySQL 8.0, MariaDB 10.6, or later; the table is InnoDB
)

// String returns "sqlite", "postgres" or "mysql".
func (f Flavor) String() string {
	if w := f.words(); w != nil {
		return w.name
	}
	return "Flavor(" + strconv.Itoa(int(f)) + ")"
}

func (f Flavor) words() *words {
	switch f {
	case SQLite:
		return &sqlite
	case Postgres:
		return &postgres
	case MySQL:
		return &mysql
	}
	return nil
}

// words are what the databases say differently.
type words struct {
	name, schema string
	present      string         // ends an insert whose row may be there: one that was not there counts as 1, else not
	lock         string         // ends a query that waits for the rows it reads, and keeps others waiting
	tx           *sql.TxOptions // of transactions
	numbered     bool           // arguments are $1, $2 …
	prepares     bool           // statements are prepared here, since the driver would ask twice otherwise
	spelled      bool           // no index serves "(a, b) > (?, ?)"
	reads        bool           // a transaction that begins with a query may not be let write
}

var (
	//go:embed schema/sqlite.sql
	sqliteSchema string
	//go:embed schema/postgres.sql
	postgresSchema string
	//go:embed schema/mysql.sql
	mysqlSchema string
)

const ignored = "on conflict (message_id, participant, source, line) do nothing"

// A transaction that has written keeps everybody else from writing, so that nothing need be locked.
var sqlite = words{
	name:     "sqlite",
	schema:   sqliteSchema,
	present:  ignored,
	prepares: true,
	reads:    true,
}

var postgres = words{
	name:     "postgres",
	schema:   postgresSchema,
	present:  ignored,
	lock:     "for update",
	tx:       &sql.TxOptions{Isolation: sql.LevelReadCommitted},
	numbered: true,
}

// It is tempting to say "insert ignore", but two that are late take a shared lock then, and neither can write: a
// deadlock. A row that is changed counts as 2, whatever the connection's flags.
var mysql = words{
	name:     "mysql",
	schema:   mysqlSchema,
	present:  "on duplicate key update version = version + 1",
	lock:     "for update",
	tx:       &sql.TxOptions{Isolation: sql.LevelReadCommitted},
	prepares: true,
	spelled:  true,
}
