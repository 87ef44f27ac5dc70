package pgstore_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// catalog lists what is in the schema, a line for each thing, with the names of the schema left out.
func (w *world) catalog() (lines []string) {
	w.Helper()
	rows, err := w.pool.Query(w.ctx, w.in(`
		with c as (select * from pg_class where relnamespace = '{schema}'::regnamespace)
		select concat_ws(' ', 'relation', relkind, relname, reloptions, obj_description(oid, 'pg_class')) from c
		union all
		select concat_ws(' ', 'column', c.relname, row_number() over (partition by c.oid order by attnum), attname,
			format_type(atttypid, atttypmod), attcollation, attnotnull, attstorage, pg_get_expr(adbin, adrelid),
			col_description(c.oid, attnum))
		from c join pg_attribute a on attrelid = c.oid left join pg_attrdef d on adrelid = c.oid and adnum = attnum
		where c.relkind <> 'i' and attnum > 0 and not attisdropped
		union all
		select 'index ' || pg_get_indexdef(c.oid) from c where relkind = 'i'
		union all
		select concat_ws(' ', 'constraint', conname, pg_get_constraintdef(oid))
		from pg_constraint where connamespace = '{schema}'::regnamespace and contype <> 'n' -- not null, as columns are
		union all
		select 'view ' || pg_get_viewdef(oid) from c where relkind = 'v'
		union all
		select pg_get_functiondef(oid) from pg_proc where pronamespace = '{schema}'::regnamespace
		order by 1`))
	require.NoError(w, err)
	for rows.Next() {
		var line string
		require.NoError(w, rows.Scan(&line))
		lines = append(lines, strings.ReplaceAll(line, w.schema, "x"))
	}
	require.NoError(w, rows.Err())
	return lines
}

// However a database came to this version, it has the same in it, and its tables are as sql/tables.sql shows them.
func TestAllWaysLeadToTheTablesOfTheFile(t *testing.T) {
	ways := map[string]func(*world){
		"fresh": func(w *world) { require.NoError(t, w.Migrate(w.ctx)) },
		"from the dump": func(w *world) {
			w.restore()
			require.NoError(t, w.Migrate(w.ctx))
		},
		"from the dump by a tool": func(w *world) {
			w.restore()
			w.exec(schemaFrom(t, w.schema, 1, pgstore.SchemaVersion))
		},
		"step by step": func(w *world) {
			for v := range pgstore.SchemaVersion {
				w.exec(schemaFrom(t, w.schema, v, v+1))
			}
		},
	}
	file := prepare(t)
	tables, err := os.ReadFile("sql/tables.sql")
	require.NoError(t, err)
	file.exec("create schema {schema};" + string(tables))
	// the rest comes from the files that the migration runs too
	rest := schemaFrom(t, file.schema, pgstore.SchemaVersion-1, pgstore.SchemaVersion)
	_, rest, found := strings.Cut(rest, "-- What each table and column is for")
	require.True(t, found, "after the changes of tables comes comments.sql")
	rest, _, found = strings.Cut(rest, "update "+`"`+file.schema+`".meta`)
	require.True(t, found)
	file.exec("--" + rest)
	want := file.catalog()
	require.Greater(t, len(want), 150)
	for name, lead := range ways {
		t.Run(name, func(t *testing.T) {
			w := prepare(t)
			lead(w)
			require.Equal(t, want, w.catalog())
		})
	}
}

// An operator reads what each table and column is for in the catalogue.
func TestEveryTableAndColumnIsExplained(t *testing.T) {
	w := open(t)
	require.Zero(t, w.count(`select count(*) from pg_class c
		where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'v', 'S')
			and obj_description(c.oid, 'pg_class') is null`))
	require.Zero(t, w.count(`select count(*) from pg_class c join pg_attribute a on attrelid = c.oid
		where relnamespace = '{schema}'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
			and col_description(c.oid, attnum) is null`))
}

// The view tells in words what Deliveries tells.
func TestTheViewOfDeliveries(t *testing.T) {
	w := prepare(t)
	w.restore()
	require.NoError(t, w.Migrate(w.ctx))
	rows, err := w.pool.Query(w.ctx, w.in(`select event || ' ' || subscription || ' ' || state from {schema}.deliveries
		where org = 'acme' and is_test = false order by number desc, subscription_number desc`))
	require.NoError(t, err)
	var got []string
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		got = append(got, line)
	}
	var want []string
	for _, d := range told(t).Deliveries {
		if d.Test {
			continue
		}
		state := string(d.State)
		switch d.EventID {
		case "evt_due", "evt_lost":
			state = "due"
		case "evt_flying", "evt_flying_again":
			state = "in flight"
		case "evt_waiting", "evt_lapsed":
			state = "waiting"
		case "evt_replaying":
			if d.ReplayedFrom != "" {
				state = "waiting"
			}
		}
		want = append(want, d.EventID+" "+d.SubscriptionID+" "+state)
	}
	require.Equal(t, want, got)
}
