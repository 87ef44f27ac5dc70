package sqldedupe

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
)

// Flavor is the kind of database that holds the claims. Any driver of database/sql for it serves; the package is tested
// with pgx, modernc.org/sqlite and go-sql-driver/mysql.
type Flavor int

// The databases that can hold claims.
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
	now          string // microseconds since 1970, when the statement began
	insert       string // an insert of values, where a key that is there already …
	ignore       string // … is no error
	purge        string // deletes what has ended
	numbered     bool   // arguments are $1, $2 …
	prepares     bool   // statements are prepared here, since the driver would ask twice otherwise
}

var (
	//go:embed schema/sqlite.sql
	sqliteSchema string
	//go:embed schema/postgres.sql
	postgresSchema string
	//go:embed schema/mysql.sql
	mysqlSchema string
)

var sqlite = words{
	name:     "sqlite",
	schema:   sqliteSchema,
	now:      "cast((julianday('now') - 2440587.5) * 86400000 as integer) * 1000",
	insert:   "insert into",
	ignore:   "on conflict (dedupe_key) do nothing",
	purge:    "delete from {t} where dedupe_key in (select dedupe_key from {t} where ends <= {now} order by ends limit ?)",
	prepares: true,
}

// Two that purge at once pass over each other's rows.
var postgres = words{
	name:   "postgres",
	schema: postgresSchema,
	now:    "(extract(epoch from statement_timestamp()) * 1000000)::bigint",
	insert: "insert into",
	ignore: "on conflict (dedupe_key) do nothing",
	purge: "delete from {t} where dedupe_key in " +
		"(select dedupe_key from {t} where ends <= {now} order by ends limit ? for update skip locked)",
	numbered: true,
}

var mysql = words{
	name:     "mysql",
	schema:   mysqlSchema,
	now:      "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))",
	insert:   "insert ignore into",
	purge:    "delete from {t} where ends <= {now} order by ends limit ?",
	prepares: true,
}

var tableNames = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,39}\.)?[A-Za-z_][A-Za-z0-9_]{0,39}$`)

const defaultTable = "kirimhooks_dedupe"

func checkTable(name string) error {
	if !tableNames.MatchString(name) {
		return fmt.Errorf("sqldedupe: table %q is not up to 40 letters, digits and '_', perhaps after a schema", name)
	}
	return nil
}
