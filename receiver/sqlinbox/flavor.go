package sqlinbox

import (
	"database/sql"
	_ "embed"
	"fmt"
)

// Flavor is the kind of database that holds an inbox. Any driver of database/sql for it serves; the package is tested
// with modernc.org/sqlite, pgx and go-sql-driver/mysql.
type Flavor int

// The databases that can hold an inbox.
const (
	SQLite   Flavor = iota + 1 // 3.35 or later, in WAL mode with synchronous=FULL
	Postgres                   // 12 or later
	MySQL                      // MySQL 8.0, MariaDB 10.6, or later; tables are InnoDB
)

// String returns "sqlite", "postgres" or "mysql".
func (f Flavor) String() string {
	if t := f.traits(); t != nil {
		return t.name
	}
	return fmt.Sprintf("Flavor(%d)", int(f))
}

func (f Flavor) traits() *traits {
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

// traits are what the databases differ in. Times are microseconds since 1970, by the database's clock.
type traits struct {
	name      string
	schema    string
	durable   string          // reads what decides whether a commit is on disk
	now       string          // the clock; "@now" where the program's own is the same
	insert    string          // how an insert begins …
	conflict  string          // … and ends, that keeps a duplicate out without an error
	lock      string          // ends a query that waits for the rows it takes
	skip      string          // ends a query that passes over rows which somebody else has
	position  string          // of seq in @csv, from 1
	in        string          // how "in (@seqs)" reads with @csv; "" where each item is an argument of its own
	tx        *sql.TxOptions  // of transactions
	prepares  bool            // statements are prepared here, since the driver would ask twice otherwise
	returning bool            // an update can return the rows
	grouped   bool            // there is one writer at a time: callers share its transaction
	relaxed   map[string]bool // answers to durable that stand for no
}

var (
	//go:embed schema/sqlite.sql
	sqliteSchema string
	//go:embed schema/postgres.sql
	postgresSchema string
	//go:embed schema/mysql.sql
	mysqlSchema string
)

// SQLite runs in this process and has its clock.
var sqlite = traits{
	name:   "sqlite",
	schema: sqliteSchema,
	durable: `select case when file = '' then 'memory' else (select synchronous from pragma_synchronous) end
		from pragma_database_list where name = 'main'`,
	now:       "@now",
	insert:    "insert into",
	conflict:  "on conflict (event_key) do nothing",
	position:  "(select key + 1 from json_each('[' || @csv || ']') where value = seq)",
	in:        "in (select value from json_each('[' || @csv || ']'))",
	prepares:  true,
	returning: true,
	grouped:   true,
	relaxed:   map[string]bool{"0": true, "1": true},
}

var postgres = traits{
	name:      "postgres",
	schema:    postgresSchema,
	durable:   `select current_setting('synchronous_commit')`,
	now:       "(extract(epoch from statement_timestamp()) * 1000000)::bigint",
	insert:    "insert into",
	conflict:  "on conflict (event_key) do nothing",
	lock:      "for update",
	skip:      "for update skip locked",
	position:  "array_position(string_to_array(@csv, ',')::bigint[], seq)",
	in:        "= any(string_to_array(@csv, ',')::bigint[])",
	tx:        &sql.TxOptions{Isolation: sql.LevelReadCommitted},
	returning: true,
	relaxed:   map[string]bool{"off": true},
}

// MySQL's own isolation level, REPEATABLE READ, locks gaps between rows and reads what has passed.
var mysql = traits{
	name:     "mysql",
	schema:   mysqlSchema,
	durable:  `select @@innodb_flush_log_at_trx_commit`,
	now:      "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))",
	insert:   "insert ignore into",
	lock:     "for update",
	skip:     "for update skip locked",
	position: "find_in_set(seq, @csv)",
	tx:       &sql.TxOptions{Isolation: sql.LevelReadCommitted},
	prepares: true,
	relaxed:  map[string]bool{"0": true, "2": true},
}
