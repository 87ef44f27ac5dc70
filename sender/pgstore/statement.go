package pgstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// The statements proper are functions in the schema. So each is one round trip through any driver and pooler; the planner
// settings that it needs, lest a plan made while a table was empty scans it for ever after, begin and end with it, in a
// transaction of the host too; and its plan outlives the prepared statements of the client.
//
//go:embed sql/*.sql sql/v2/*.sql
var files embed.FS

// Settings of the functions. indexed: tables are read by index alone, by the plan for any arguments. looped: and joined by
// look-ups alone.
const (
	indexed = "set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off"
	looped  = "set enable_hashjoin = off set enable_mergejoin = off"
)

// statements are the hot ones, ready to send.
type statements struct {
	schema, durable                                                              string
	enqueue, known, claim, deliver, settle, stale, aside, leave, bodies, records string
	enqueueSQL                                                                   string // for database/sql
}

func newStatements(cfg Config) statements {
	s := statements{schema: pgx.Identifier{cfg.Schema}.Sanitize(), durable: durable}
	if cfg.AllowAsyncCommit {
		s.durable = "(select 1) durable"
	}
	s.enqueue = s.in(`select f.* from {durable}, {schema}.enqueue($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[],
		$8::timestamptz[], $9::bytea[], $10::bytea[], $11::text[], $12::text[], $13::text[], $14::text[], $15::int[], $16::int[],
		$17::bigint, $18::bigint, $19::int, $20::int, $21::jsonb, $22::int[]) f`)
	s.enqueueSQL = strings.NewReplacer("f.*", untimed, "from ", "from "+onlyUTF8+", ", "$8::timestamptz[]", instants).Replace(s.enqueue)
	s.known = s.in(`select * from {schema}.known($1::text[], $2::text[], $3::bytea[])`)
	s.claim = s.in(`select f.* from {durable}, {schema}.claim($1::int, $2::int, $3::bigint, $4::bigint, $5::bigint, $6::jsonb, $7::int[], $8::int, $9::int,
		$10::int, $11::bigint, $12::text) f`)
	s.deliver = s.in(`select {schema}.deliver($1::tid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::bigint[], $7::int[], $8::bytea[],
		$9::smallint[], $10::bool) from {durable}`)
	s.settle = s.in(`select f.* from {durable}, {schema}.settle($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::bigint[], $7::text[],
		$8::int[], $9::bigint[], $10::int[], $11::text[], $12::bytea[], $13::bool[], $14::smallint[], $15::smallint[]) f`)
	s.stale = s.in(`select f.* from {durable}, {schema}.late($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::int[], $7::bigint[],
		$8::int[], $9::text[], $10::bytea[], $11::bool[]) f`)
	s.aside = s.in(`with cut as (
			delete from {schema}.q where ctid = any($1::tid[]) and token = $2 returning org, slot, sub, event, parent, at, live, attempt),
		logged as (
			insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, reason, logged)
			select org, slot, sub, 0, false, event, parent, at, live, attempt, 2, $3::text, now() from cut)
		select slot, sub, org, attempt, live, parent, case when isfinite(at) then at end, now(),
			(select s.id from {schema}.subs s where s.sub = cut.sub limit 1),
			(select e.id from {schema}.events e where e.slot = cut.event limit 1),
			(select e.type from {schema}.events e where e.slot = cut.event limit 1)
		from cut, {durable}`)
	s.leave = s.in(`update {schema}.q set token = 0, lease = '-infinity' where ctid = any($1::tid[]) and token = $2`)
	s.bodies = s.in(`select * from {schema}.bodies($1::bigint[])`)
	s.records = s.in(`select * from {schema}.records($1::bigint[])`)
	return s
}

func (s *statements) in(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "{durable}", s.durable), "{schema}", s.schema)
}

// durable makes the transaction that a statement runs in wait for the disk when it commits, whoever told the session
// otherwise. It stands in the FROM of all that write.
const durable = "(select case current_setting('synchronous_commit') when 'off' then set_config('synchronous_commit', 'on', true) end) durable"

// What database/sql cannot say: onlyUTF8 ends a statement whose texts would arrive as others, by an error that says so. instants
// are times of which some are missing, since NULL within a text is a word where array_nulls is off. untimed is the answer without
// the time in it, whose text has the style of the session.
const (
	onlyUTF8 = "(select 1 where case when current_setting('client_encoding') in ('UTF8', 'SQL_ASCII') then 1 " +
		"else ('pgstore needs client_encoding UTF8, this session has ' || current_setting('client_encoding'))::int end = 1) only_utf8"
	untimed  = "null::timestamptz, f.slots, f.ofs, f.inactive, f.slot, f.sub, f.cid, f.subs, f.versions"
	instants = "array(select nullif(t.at, '0001-01-01Z') from unnest($8::timestamptz[]) with ordinality as t(at, n) order by t.n)"
)

// file reads one of the files of the schema.
func file(name string) string {
	b, err := files.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // embedded
	}
	return string(b)
}

// render fills in what a file leaves open.
func (s *statements) render(name, channel string) string {
	text := file(name)
	var counted, summed []string
	for i := range len(driver.Minute{}.Durations) {
		counted = append(counted, fmt.Sprintf("count(*) filter (where x.what in (%d, %d))", i, -1-i))
		summed = append(summed, fmt.Sprintf("m.durations[%d] + excluded.durations[%[1]d]", i+1))
	}
	return strings.NewReplacer("{schema}", s.schema, "{channel}", channel, "{indexed}", indexed, "{looped}", looped, "{idle}", idle, "{cancelled}", "'"+driver.ReasonCancelled+"'",
		"{counted}", strings.Join(counted, ", "), "{summed}", strings.Join(summed, ", ")).Replace(text)
}

// scanner is a row of either driver.
type scanner interface{ Scan(...any) error }

// querier is what Enqueue needs of a connection.
type querier interface {
	// each runs a query and calls scan for each row.
	each(ctx context.Context, text string, args []any, scan func(scanner) error) error
}

// pgxQuerier is a transaction of pgx.
type pgxQuerier struct{ tx pgx.Tx }

func (q pgxQuerier) each(ctx context.Context, text string, args []any, scan func(scanner) error) error {
	c := q.tx.Conn()
	return onUTF8(ctx, c, func() error {
		rows, err := q.tx.Query(ctx, text, append([]any{modeOf(c)}, args...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		return readAll(rows, scan)
	})
}

// sqlQuerier is a transaction of database/sql, whichever driver it has: arrays go as text.
type sqlQuerier struct{ tx *sql.Tx }

func (q sqlQuerier) each(ctx context.Context, text string, args []any, scan func(scanner) error) error {
	plain := make([]any, len(args))
	for i, a := range args {
		if times, ok := a.([]*time.Time); ok {
			a = filled(times) // see instants
		}
		plain[i] = literal(a)
	}
	rows, err := q.tx.QueryContext(ctx, text, plain...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return readAll(rows, scan)
}

func readAll(rows interface {
	scanner
	Next() bool
	Err() error
}, scan func(scanner) error) error {
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// isUndefined: no such schema, table or function.
func isUndefined(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "3F000" || pe.Code == "42P01" || pe.Code == "42883")
}
