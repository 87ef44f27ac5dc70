package sqlitestore_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// version1 is a file with the database of testdata/version1.sql.
func version1(t testing.TB) string {
	t.Helper()
	dump, err := os.ReadFile(filepath.Join("testdata", "version1.sql"))
	require.NoError(t, err)
	path := file(t)
	db := hostDB(t, path, "")
	_, err = db.Exec(string(dump))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return path
}

// shape is what a database has of the store's tables, columns and indexes.
func shape(t testing.TB, db *sql.DB) (list []string) {
	t.Helper()
	rows, err := db.Query(`
SELECT m.name || ' ' || x.cid || ' ' || x.name || ' ' || x.type || ' ' || x."notnull" || ' ' ||
	coalesce(x.dflt_value, '') || ' ' || x.pk AS line
FROM sqlite_schema m, pragma_table_xinfo(m.name) x WHERE m.type = 'table' AND m.name LIKE 'kirimhooks%' UNION ALL
SELECT i.name || ' ' || i.tbl_name || ' ' || x.seqno || ' ' || coalesce(x.name, '') || ' ' ||
	substr(i.sql, instr(i.sql || ' WHERE', ' WHERE')) || l."unique"
FROM sqlite_schema i, pragma_index_xinfo(i.name) x, pragma_index_list(i.tbl_name) l
WHERE i.type = 'index' AND l.name = i.name AND i.name LIKE 'kirimhooks%' ORDER BY line`)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		list = append(list, line)
	}
	require.NoError(t, rows.Err())
	return list
}

// A database that was brought here from version 1, and one that was made by schema.sql, are the same.
func TestMigrationsLeadToTheSchema(t *testing.T) {
	first, err := os.ReadFile(filepath.Join("testdata", "schema1.sql"))
	require.NoError(t, err)
	empty := hostDB(t, file(t), "")
	_, err = empty.Exec(string(first))
	require.NoError(t, err)
	require.NoError(t, hostStore(t, empty).Migrate(t.Context()))

	path := version1(t)
	open(t, path, sqlitestore.Config{})

	fresh := hostDB(t, file(t), "")
	_, err = fresh.Exec(sqlitestore.Schema())
	require.NoError(t, err)
	want := shape(t, fresh)
	require.Greater(t, len(want), 80)
	require.Equal(t, want, shape(t, empty))
	require.Equal(t, want, shape(t, hostDB(t, path, "")))
}

// before is what version 1 had: how many deliveries of each state, and with how many attempts.
const before = `
SELECT delivery || ' ' || state || ' ' || attempt || ' ' || reason || ' ' || coalesce(%s, '') || ' ' || (
	SELECT count(*) || ' ' || coalesce(sum(a.duration + a.status + a.token), 0) FROM kirimhooks_attempts a
	WHERE a.delivery = d.delivery) FROM kirimhooks_deliveries d ORDER BY delivery`

func texts(t testing.TB, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.Query(query)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		list = append(list, text)
	}
	require.NoError(t, rows.Err())
	return list
}

func TestMigrationKeepsEveryRow(t *testing.T) {
	path := version1(t)
	db := hostDB(t, path, "")
	const (
		minutes1 = `SELECT sub || ' ' || minute || ' ' || bucket || ' ' || delivered || ' ' || failed FROM kirimhooks_minutes`
		minutes2 = `SELECT subscription || ' ' || minute || ' ' || bucket || ' ' || delivered || ' ' || failed FROM kirimhooks_minutes`
		health1  = `SELECT id || ' ' || version || ' ' || active || ' ' || deads || ' ' || failing FROM kirimhooks_subscriptions`
		health2  = `SELECT id || ' ' || version || ' ' || is_active || ' ' || consecutive_dead || ' ' || failing_since FROM kirimhooks_subscriptions`
		events   = `SELECT event || ' ' || id || ' ' || hex(digest) || ' ' || hex(body) FROM kirimhooks_events`
	)
	old := [][]string{texts(t, db, fmt.Sprintf(before, "replayed")), texts(t, db, minutes1), texts(t, db, health1), texts(t, db, events)}
	s := open(t, path, sqlitestore.Config{})
	now := [][]string{texts(t, db, fmt.Sprintf(before, "replayed_from")), texts(t, db, minutes2), texts(t, db, health2), texts(t, db, events)}
	require.Len(t, old[0], 25)
	require.Equal(t, old, now)

	records, err := s.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
	require.NoError(t, err)
	require.Len(t, records, 4)
	dead := map[string]int{}
	for _, r := range records {
		require.NotEmpty(t, r.Topics)
		require.Len(t, r.Sealed, 1)
		dead[r.Description] = r.Health.ConsecutiveDead
	}
	require.Equal(t, map[string]int{"active": 0, "paused": 0, "failing": 2, "disabled": 3}, dead)
}

// What waited, was in flight, or was held when the program of version 1 ended is delivered by that of today, and what is
// dead can be replayed.
func TestWhatVersion1LeftIsDelivered(t *testing.T) {
	s := open(t, version1(t), sqlitestore.Config{})
	s.Advance(max(0, time.Until(time.Date(2025, 6, 1, 14, 0, 0, 0, time.UTC)))) // a machine may have an older clock
	var mu sync.Mutex
	requests := map[string]int{}
	engine, err := sender.New(s, sender.Config{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			requests[r.URL.Path+" "+r.Header.Get("X-Kirim-Event-Id")]++
			return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
		}),
	})
	require.NoError(t, err)
	org := engine.Org("acme")
	for sub, err := range org.Subscriptions(t.Context(), sender.SubscriptionQuery{}) {
		require.NoError(t, err)
		if sub.Status != driver.StatusActive {
			require.NoError(t, org.Resume(t.Context(), sub.ID))
		}
	}
	replayed := 0
	for d, err := range org.Deliveries(t.Context(), driver.DeliveryQuery{States: []driver.State{driver.StateDead}}) {
		require.NoError(t, err)
		if d.EventType == "broadcast.completed" {
			_, err := org.Replay(t.Context(), d.ID)
			require.NoError(t, err)
			replayed++
		}
	}
	require.Equal(t, 3, replayed)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	require.Eventually(t, func() bool {
		for d, err := range org.Deliveries(t.Context(), driver.DeliveryQuery{}) {
			require.NoError(t, err)
			if d.State == driver.StatePending || d.State == driver.StateHeld {
				return false
			}
		}
		return true
	}, 20*time.Second, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	want := map[string]int{
		"/active evt_1": 1, "/active evt_3": 1, "/active evt_4": 1, "/disabled evt_held": 1,
		"/failing evt_1": 1, "/failing evt_2": 1, "/failing evt_3": 1, "/failing evt_4": 1,
		"/disabled evt_b0": 1, "/disabled evt_b1": 1, "/disabled evt_b2": 1,
	}
	for i := range 5 {
		want[fmt.Sprint("/paused evt_", i)] = 1
	}
	require.Equal(t, want, requests)
}

// version1Statements are of the kinds with which the calls of the program of version 1 begin.
var version1Statements = map[string]string{
	"publish": `INSERT INTO kirimhooks_events (org, id, source, type, device, channel, test, created, published, digest, trace, body)
		VALUES ('acme', 'new', 'kirim', 'contact.created', '', '', 0, '', 1, '', '', '')`,
	"fan out": `INSERT INTO kirimhooks_deliveries (org, event, sub, test, place, at, created) VALUES ('acme', 1, 1, 0, 1, 1, 1)`,
	"claim":   `UPDATE kirimhooks_deliveries SET place = 1 WHERE place >= 2 AND at <= 9223372036854775807`,
	"settle": `UPDATE kirimhooks_deliveries SET place = 0, at = 1, state = 'delivered', leased = 0
		WHERE org = 'acme' AND delivery = 22 AND leased > 0`,
	"log":         `INSERT INTO kirimhooks_attempts (delivery, seq, n, at, duration, status, class, response, test, token) VALUES (22, 9, 1, 1, 1, 1, '', '', 0, 1)`,
	"count":       `INSERT INTO kirimhooks_minutes (sub, minute, bucket, delivered, failed) VALUES (1, 1, 1, 1, 1)`,
	"subscribe":   `INSERT INTO kirimhooks_subscriptions (org, id, version, active, shard, record) VALUES ('acme', 'new', 9, 1, 1, '{}')`,
	"unsubscribe": `UPDATE kirimhooks_subscriptions SET gone = 1, active = 0 WHERE sub = 1`,
	"purge":       `DELETE FROM kirimhooks_deliveries WHERE place = 0 AND at <= 9223372036854775807`,
	"list":        `SELECT d.place, d.at FROM kirimhooks_deliveries d WHERE d.org = 'acme'`,
}

// A program of version 1 that still has the file open gets errors, and changes nothing.
func TestAProgramOfVersion1GetsErrors(t *testing.T) {
	path := version1(t)
	old := hostDB(t, path, "")
	old.SetMaxOpenConns(1)
	stmts := map[string]*sql.Stmt{}
	for name, text := range version1Statements {
		stmt, err := old.Prepare(text)
		require.NoError(t, err, name)
		stmts[name] = stmt
	}
	s := open(t, path, sqlitestore.Config{})
	want := list(t, s, driver.DeliveryQuery{})
	for name, stmt := range stmts {
		_, err := stmt.Exec()
		require.ErrorContains(t, err, "column", name)
	}
	require.Equal(t, want, list(t, s, driver.DeliveryQuery{}))
	var version int
	require.NoError(t, old.QueryRow(`SELECT value FROM kirimhooks_meta WHERE name = 'schema'`).Scan(&version))
	require.Equal(t, 2, version, "started again, it says that a newer program is needed")
}
