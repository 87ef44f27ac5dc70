package sqlitestore_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// walked is what a statement may read from end to end: what is tiny, what is about to be counted, and the list it was
// given.
var walked = []string{
	"CONSTANT ROW", "json_each", "lane VIRTUAL", "sqlite_sequence", "kirimhooks_lanes", "waits", "(subquery",
	"late", "heads",
	"kirimhooks_subscriptions USING INDEX kirimhooks_subscriptions_inactive",
}

// No statement of the hot path, nor of Purge, reads a table from end to end, or sorts what waits; whatever statistics
// the host's ANALYZE has left, since those of a queue are out of date as soon as they are made.
func TestPlansUseAnIndex(t *testing.T) {
	db, s := host(t)
	check := func(when string) {
		for _, what := range []string{"take", "settle", "lanes of"} {
			require.Contains(t, strings.Join(plan(t, db, sqlitestore.Statements[what]), "\n"), "rowid=?",
				"%s, %s: one look-up each", what, when)
		}
		for _, what := range []string{"events by org", "events after", "undelivered"} {
			first := plan(t, db, sqlitestore.Statements[what])[0]
			require.Contains(t, first, "kirimhooks_events_of_org (org=?", "%s, %s", what, when)
		}
		for what, text := range sqlitestore.Statements {
			for _, step := range plan(t, db, text) {
				table, scans := strings.CutPrefix(step, "SCAN ")
				known := slices.ContainsFunc(walked,
					func(w string) bool { return table == w || len(w) > 1 && strings.HasPrefix(table, w) })
				require.False(t, scans && !known, "%s, %s: %s", what, when, step)
				if what != "minutes of org" {
					require.NotContains(t, step, "TEMP B-TREE FOR ORDER BY", "%s, %s", what, when)
				}
			}
		}
	}
	analyse := func() {
		_, err := db.Exec(`ANALYZE`)
		require.NoError(t, err)
	}
	check("without statistics")
	analyse()
	check("with those of an empty queue")
	enqueue(t, s, small("one_", 1, "x"))
	enqueue(t, s, small("nobodys_", 1, "y"))
	drain(t, s)
	enqueue(t, s, small("evt_", 1, "x"))
	analyse()
	check("with those of a queue of one")
	enqueue(t, s, small("evt_", 2000, "x"))
	analyse()
	check("with those of a full queue")
}

// plan is how SQLite would run a statement.
func plan(t *testing.T, db *sql.DB, text string) (steps []string) {
	t.Helper()
	rows, err := db.Query(`EXPLAIN QUERY PLAN `+text, slices.Repeat([]any{1}, 100)...)
	require.NoError(t, err, text)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	require.NoError(t, rows.Err())
	return steps
}

// What waits behind a quota, for a paused subscription, or for a retry costs a claim nothing: ten times as much of it,
// and no more pages are touched than a tree of another depth explains.
func TestClaimTouchesNoMorePagesWhateverWaits(t *testing.T) {
	for name, wait := range map[string]func(s *sqlitestore.Store, n int){
		"hung": func(s *sqlitestore.Store, n int) {
			subscribe(t, s, "hung", "hung")
			enqueue(t, s, small("hung_", n, "hung"))
		},
		"claimed, and due at one moment": func(s *sqlitestore.Store, n int) {
			subscribe(t, s, "large", "large")
			enqueue(t, s, small("evt_large_", n, "large"))
		},
		"paused": func(s *sqlitestore.Store, n int) {
			for i := range n / 20 {
				_, err := s.PutSubscription(t.Context(), driver.SubscriptionRecord{
					Subscription: driver.Subscription{ID: fmt.Sprint("paused", i), Org: "acme", Status: driver.StatusPaused},
					Topics:       []string{"paused"},
				})
				require.NoError(t, err)
			}
			enqueue(t, s, small("paused_", 10, "paused"))
		},
		"retries": func(s *sqlitestore.Store, n int) {
			subscribe(t, s, "hung", "hung")
			enqueue(t, s, small("hung_", n, "hung"))
			c, err := s.Claim(t.Context(), request(n))
			require.NoError(t, err)
			outcomes := delivered(c.Claims)
			for i := range outcomes {
				outcomes[i].State, outcomes[i].After, outcomes[i].Health = driver.StatePending, time.Hour, driver.HealthUnchanged
			}
			_, err = s.Settle(t.Context(), outcomes)
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			few := claimPages(t, func(s *sqlitestore.Store) { wait(s, 500) })
			many := claimPages(t, func(s *sqlitestore.Store) { wait(s, 5000) })
			t.Logf("10 claims of 10 touch %d pages, %d with ten times as much waiting", few, many)
			require.Less(t, many, few*11/10)
		})
	}
}

// claimPages counts the pages that ten claims look at.
func claimPages(t *testing.T, wait func(*sqlitestore.Store)) int {
	s := open(t, file(t), sqlitestore.Config{MayLoseCommits: true})
	wait(s)
	for i := range 10 {
		subscribe(t, s, fmt.Sprint("s", i), "x")
	}
	enqueue(t, s, batch("evt_", 20, "x"))
	r := request(10)
	r.Quota = map[string]int{"hung": 0}
	touched(t, s)
	for range 10 {
		c, err := s.Claim(t.Context(), r)
		require.NoError(t, err)
		require.Len(t, c.Claims, 10)
		for _, c := range c.Claims {
			require.Contains(t, c.Delivery.EventID, "evt_")
		}
	}
	return touched(t, s)
}

// touched is how many pages the writer has looked at since it was asked last.
func touched(t *testing.T, s *sqlitestore.Store) (n int) {
	t.Helper()
	conn, err := s.Pools()["writer"].Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(c any) error {
		for _, op := range []sqlite.DBStatusOp{sqlite.DBStatusCacheHit, sqlite.DBStatusCacheMiss} {
			pages, _, err := c.(sqlite.DBStatus).Status(op, true)
			if err != nil {
				return err
			}
			n += pages
		}
		return nil
	}))
	return n
}
