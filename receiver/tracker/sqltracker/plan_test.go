package sqltracker_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/sqltracker"
)

// campaign is how many messages are sent within one second.
const campaign = 1200

// Each question reads the rows that it answers with, through an index, however many others there are.
func TestIndexesServeEveryQuestion(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		w.fill()
		first := tracker.Query{Step: tracker.Sent, Before: start.Add(time.Minute), Limit: 50}
		rows, err := w.List(t.Context(), tracker.Query{Step: tracker.Sent, Limit: 500})
		require.NoError(t, err)
		amid := first
		amid.After = rows[len(rows)-1] // with many before and after it in its second
		questions := map[string]struct {
			sqltracker.Asked
			rows int
		}{
			"first page":    {sqltracker.ListStatement(w.Store, first), 50},
			"page amid":     {sqltracker.ListStatement(w.Store, amid), 50},
			"nothing":       {sqltracker.ListStatement(w.Store, tracker.Query{Step: tracker.Played, Limit: 50}), 0},
			"purge":         {sqltracker.OldStatement(w.Store, tracker.Read, start.Add(2*time.Second)), 100},
			"get":           {sqltracker.GetStatement(w.Store, rows[300].ID), 1},
			"get, by Kirim": {sqltracker.GetStatement(w.Store, rows[300].KirimID), 1},
		}
		for _, known := range []string{"nothing is known of the table", "it is analyzed"} {
			for name, question := range questions {
				t.Run(name+", "+known, func(t *testing.T) {
					readers[s.flavor](t, w.db, question.Asked, question.rows)
				})
			}
			w.analyze()
		}
	})
}

// fill records a campaign of sent messages, and others.
func (w *world) fill() {
	w.Helper()
	tx, err := w.db.BeginTx(w.Context(), nil)
	require.NoError(w, err)
	var statuses []tracker.Status
	for i := range campaign {
		sent := status(fmt.Sprintf("wamid.%d.%d", i%7, i), tracker.Sent, 1)
		sent.KirimID = "msg_" + sent.ID
		statuses = append(statuses, sent, status(fmt.Sprint("wamid.later.", i), tracker.Delivered, i))
		if i < 200 {
			statuses = append(statuses, status(fmt.Sprint("wamid.read.", i), tracker.Read, 1+i/100))
		}
	}
	require.NoError(w, w.In(tx).Record(w.Context(), statuses...))
	require.NoError(w, tx.Commit())
}

// analyze lets a planner know what is in the table.
func (w *world) analyze() {
	w.Helper()
	analyze := map[sqltracker.Flavor]string{sqltracker.MySQL: "analyze table kirimhooks_messages"}[w.flavor]
	if analyze == "" {
		analyze = "analyze"
	}
	w.exec(analyze)
}

// readers demand that a statement answers with so many rows, and reads no others.
var readers = map[sqltracker.Flavor]func(t *testing.T, db *sql.DB, asked sqltracker.Asked, rows int){
	sqltracker.SQLite: readsSQLite, sqltracker.Postgres: readsPostgres, sqltracker.MySQL: readsMySQL,
}

// SQLite does not count what it reads. Its plan names an index, and all columns that are looked up in it.
func readsSQLite(t *testing.T, db *sql.DB, asked sqltracker.Asked, _ int) {
	found, err := db.QueryContext(t.Context(), "explain query plan "+asked.Text, asked.Args...)
	require.NoError(t, err)
	defer found.Close()
	var plan []string
	for found.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, found.Scan(&id, &parent, &unused, &detail))
		plan = append(plan, detail)
	}
	require.NoError(t, found.Err())
	text := strings.Join(plan, "\n")
	require.NotContains(t, text, "SCAN")
	if strings.Contains(asked.Text, "kirim_id = ?") {
		require.Contains(t, text, "PRIMARY KEY (message_id=?)")
		require.Contains(t, text, "kirimhooks_messages_kirim (kirim_id=?)")
		return
	}
	require.NotContains(t, text, "TEMP B-TREE")
	require.Contains(t, text, "kirimhooks_messages_step (step=? AND ")
	require.Contains(t, text, "since<?")
	if strings.Contains(asked.Text, "> (") {
		require.Contains(t, text, "(since,message_id,participant,source,line)>(?,?,?,?,?)")
	}
}

// node is one of a plan of Postgres's.
type node struct {
	Type    string  `json:"Node Type"`
	Rows    float64 `json:"Actual Rows"`
	Removed float64 `json:"Rows Removed by Filter"`
	Recheck float64 `json:"Rows Removed by Index Recheck"`
	Plans   []node
}

func readsPostgres(t *testing.T, db *sql.DB, asked sqltracker.Asked, rows int) {
	var raw string
	explain := "explain (analyze, format json) " + asked.Text
	require.NoError(t, db.QueryRowContext(t.Context(), explain, asked.Args...).Scan(&raw))
	var plans []struct{ Plan node }
	require.NoError(t, json.Unmarshal([]byte(raw), &plans))
	require.InDelta(t, rows, plans[0].Plan.Rows, 0)
	var look func(node)
	look = func(n node) {
		require.NotEqual(t, "Seq Scan", n.Type, raw)
		require.Zero(t, n.Removed+n.Recheck, raw)
		require.LessOrEqual(t, n.Rows, float64(rows), raw)
		for _, below := range n.Plans {
			look(below)
		}
	}
	look(plans[0].Plan)
}

// MySQL counts what a connection reads: one more may be where the reading ends, for each range.
func readsMySQL(t *testing.T, db *sql.DB, asked sqltracker.Asked, rows int) {
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	reads := func() (sum int) {
		found, err := conn.QueryContext(t.Context(), "show session status like 'Handler_read%'")
		require.NoError(t, err)
		defer found.Close()
		for found.Next() {
			var name string
			var n int
			require.NoError(t, found.Scan(&name, &n))
			sum += n
		}
		require.NoError(t, found.Err())
		return sum
	}
	before := reads()
	found, err := conn.QueryContext(t.Context(), asked.Text, asked.Args...)
	require.NoError(t, err)
	defer found.Close()
	n := 0
	for found.Next() {
		n++
	}
	require.NoError(t, found.Err())
	require.Equal(t, rows, n)
	require.LessOrEqual(t, reads()-before, rows+10)
}
