package pgstore

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// statements are the hot ones, ready to send. They are calls of functions in the schema. So each is one round trip
// through any driver and pooler, and its plan outlives the prepared statements of the client. The planner settings
// that it needs begin and end with it, in a transaction of the host too. Without them a plan made while a table was
// empty would scan it for ever after.
type statements struct {
	schema, durable                       string
	enqueue, known, claim                 string
	settleDelivered, settle, settleLate   string
	endUnreadable, release                string
	eventsByNumber, subscriptionsByNumber string
	enqueueSQL                            string // for database/sql
}

func newStatements(cfg Config) statements {
	s := statements{schema: pgx.Identifier{cfg.Schema}.Sanitize(), durable: durable}
	if cfg.AllowAsyncCommit {
		s.durable = "(select 1) durable"
	}
	s.enqueue = s.in(`select f.* from {durable}, {schema}.enqueue($1::text[], $2::text[], $3::text[], $4::text[],
		$5::text[], $6::text[], $7::bool[], $8::timestamptz[], $9::bytea[], $10::bytea[], $11::text[], $12::text[],
		$13::text[], $14::text[], $15::int[], $16::int[], $17::bigint, $18::bigint, $19::int, $20::int, $21::jsonb) f`)
	s.enqueueSQL = strings.NewReplacer("f.*", untimed, "from ", "from "+onlyUTF8+", ", "$8::timestamptz[]", instants).
		Replace(s.enqueue)
	s.known = s.in(`select * from {schema}.known_events($1::text[], $2::text[], $3::bytea[])`)
	s.claim = s.in(`select f.* from {durable}, {schema}.claim($1::int, $2::int, $3::bigint, $4::bigint, $5::bigint,
		$6::jsonb, $7::int, $8::int, $9::int, $10::bigint, $11::text) f`)
	s.settleDelivered = s.in(`select {schema}.settle_delivered($1::tid[], $2::bigint[], $3::bigint[], $4::bigint[],
		$5::int[], $6::bigint[], $7::int[], $8::bytea[], $9::smallint[], $10::bool) from {durable}`)
	s.settle = s.in(`select f.* from {durable}, {schema}.settle($1::text[], $2::bigint[], $3::bigint[], $4::bigint[],
		$5::smallint[], $6::bigint[], $7::text[], $8::int[], $9::bigint[], $10::int[], $11::bytea[], $12::text[],
		$13::bool[], $14::smallint[], $15::smallint[]) f`)
	s.settleLate = s.in(`select f.* from {durable}, {schema}.settle_late($1::text[], $2::bigint[], $3::bigint[],
		$4::bigint[], $5::smallint[], $6::int[], $7::bigint[], $8::int[], $9::text[], $10::bytea[], $11::bool[]) f`)
	s.endUnreadable = s.in(`with ended as (
			delete from {schema}.unfinished_deliveries where ctid = any($1::tid[]) and token = $2 returning *),
		logged as (
			insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from, created_at,
				is_test, attempts_made, state, reason, logged_at)
			select org, number, subscription, 0, false, event, replayed_from, created_at,
				is_test, attempts_made, 2, $3::text, now()
			from ended)
		select number, subscription, org, attempts_made, is_test, replayed_from,
			case when isfinite(created_at) then created_at end, now(),
			(select s.id from {schema}.subscriptions s where s.number = ended.subscription limit 1),
			(select e.id from {schema}.events e where e.number = ended.event limit 1),
			(select e.type from {schema}.events e where e.number = ended.event limit 1)
		from ended, {durable}`)
	s.release = s.in(`update {schema}.unfinished_deliveries set token = 0, lease_ends_at = '-infinity'
		where ctid = any($1::tid[]) and token = $2`)
	s.eventsByNumber = s.in(`select * from {schema}.events_by_number($1::bigint[])`)
	s.subscriptionsByNumber = s.in(`select * from {schema}.subscriptions_by_number($1::bigint[])`)
	return s
}

func (s *statements) in(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "{durable}", s.durable), "{schema}", s.schema)
}

// durable makes the transaction that a statement runs in wait for the disk when it commits, whoever told the session
// otherwise. It stands in the FROM of all that write.
const durable = `(select case current_setting('synchronous_commit')
	when 'off' then set_config('synchronous_commit', 'on', true) end) durable`

// What database/sql cannot say.
const (
	// onlyUTF8 ends a statement whose texts would arrive as others, by an error that says so.
	onlyUTF8 = `(select 1 where case when current_setting('client_encoding') in ('UTF8', 'SQL_ASCII') then 1
		else ('pgstore needs client_encoding UTF8, this session has ' || current_setting('client_encoding'))::int
		end = 1) only_utf8`
	// untimed is the answer without the time in it, whose text has the style of the session.
	untimed = `null::timestamptz, f.numbers, f.made, f.inactive, f.leased, f.leased_of, f.places, f.subscriptions,
		f.versions`
	// instants are times of which some are missing, since NULL within a text is a word where array_nulls is off.
	instants = `array(select nullif(t.at, '0001-01-01Z')
		from unnest($8::timestamptz[]) with ordinality as t(at, n) order by t.n)`
)
