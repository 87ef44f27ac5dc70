package sqlinbox_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// However many wait in one lane, nothing that looks for work reads them: not where the database has no statistics yet,
// nor where they are those of an hour when other stages were full.
func TestWhatLooksForWorkReadsNoBacklog(t *testing.T) {
	for name, open := range sources {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			db := s.open(t)
			b, err := sqlinbox.New(db, s.flavor, receiver.NewMux(), sqlinbox.Config{Logger: quiet})
			require.NoError(t, err)
			require.NoError(t, b.Migrate(t.Context()))
			require.NoError(t, b.HandleEvent(t.Context(), fresh("")))
			for n := 1; n < 8_000; n *= 2 {
				_, err := db.Exec(`insert into kirimhooks_inbox (event_key, lane, stage, due, arrived, created, head, body)
					select null, 'slow', 1, due + seq, arrived + seq, created, head, body from kirimhooks_inbox`)
				require.NoError(t, err)
			}
			noScan(t, s, db, "no statistics")
			for _, old := range []int{0, 2, 3, 6} {
				_, err := db.Exec(fmt.Sprint(`update kirimhooks_inbox set stage = `, old))
				require.NoError(t, err)
				_, err = db.Exec(map[sqlinbox.Flavor]string{
					sqlinbox.SQLite: "analyze", sqlinbox.Postgres: "analyze", sqlinbox.MySQL: "analyze table kirimhooks_inbox",
				}[s.flavor])
				require.NoError(t, err)
				_, err = db.Exec(`update kirimhooks_inbox set stage = 1`)
				require.NoError(t, err)
				noScan(t, s, db, fmt.Sprint("statistics of stage ", old))
			}
		})
	}
}

// noScan demands that no statement is planned as one that reads the whole table or index.
func noScan(t *testing.T, s source, db *sql.DB, when string) {
	t.Helper()
	explain, scans := map[sqlinbox.Flavor]string{
		sqlinbox.SQLite: "explain query plan ", sqlinbox.Postgres: "explain ", sqlinbox.MySQL: "explain ",
	}[s.flavor], map[sqlinbox.Flavor]string{
		sqlinbox.SQLite: "SCAN kirimhooks_inbox", sqlinbox.Postgres: "Seq Scan on kirimhooks_inbox", sqlinbox.MySQL: "ALL",
	}[s.flavor]
	for name, statement := range sqlinbox.Explained(s.flavor, "kirimhooks_inbox") {
		plan := planOf(t, db, explain+statement.Text, statement.Args)
		require.NotEmpty(t, plan)
		for _, line := range plan {
			require.False(t, strings.Contains(line, scans) && !strings.Contains(line, "<derived"),
				"%s, %s:\n%s", name, when, strings.Join(plan, "\n"))
		}
	}
}

func planOf(t *testing.T, db *sql.DB, query string, args []any) (lines []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		fields, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range fields {
			targets[i] = &fields[i]
		}
		require.NoError(t, rows.Scan(targets...))
		var line []string
		for _, f := range fields {
			line = append(line, f.String)
		}
		lines = append(lines, strings.Join(line, " "))
	}
	require.NoError(t, rows.Err())
	return lines
}
