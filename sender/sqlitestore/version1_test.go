package sqlitestore_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// What waited, was in flight, or was held when the program of version 1 ended is delivered by that of today, and what
// is dead can be replayed.
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
	"publish": `INSERT INTO kirimhooks_events
		(org, id, source, type, device, channel, test, created, published, digest, trace, body)
		VALUES ('acme', 'new', 'kirim', 'contact.created', '', '', 0, '', 1, '', '', '')`,
	"fan out": `INSERT INTO kirimhooks_deliveries (org, event, sub, test, place, at, created)
		VALUES ('acme', 1, 1, 0, 1, 1, 1)`,
	"claim": `UPDATE kirimhooks_deliveries SET place = 1 WHERE place >= 2 AND at <= 9223372036854775807`,
	"settle": `UPDATE kirimhooks_deliveries SET place = 0, at = 1, state = 'delivered', leased = 0
		WHERE org = 'acme' AND delivery = 22 AND leased > 0`,
	"log": `INSERT INTO kirimhooks_attempts 
		(delivery, seq, n, at, duration, status, class, response, test, token) VALUES (22, 9, 1, 1, 1, 1, '', '', 0, 1)`,
	"count": `INSERT INTO kirimhooks_minutes (sub, minute, bucket, delivered, failed) VALUES (1, 1, 1, 1, 1)`,
	"subscribe": `INSERT INTO kirimhooks_subscriptions (org, id, version, active, shard, record)
		VALUES ('acme', 'new', 9, 1, 1, '{}')`,
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
