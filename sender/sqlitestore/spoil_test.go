package sqlitestore_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

// spoilers are ways in which a row may not decode. SQLite keeps any value in any column.
var spoilers = map[storetest.Table][]string{
	storetest.Subscriptions: {
		`UPDATE kirimhooks_subscriptions SET record = '{' WHERE org = ?1 AND id = ?2 AND deleted_at = 0`,
		`UPDATE kirimhooks_subscriptions SET record = 'null' WHERE org = ?1 AND id = ?2 AND deleted_at = 0`,
		`UPDATE kirimhooks_subscriptions SET record = json_set(record, '$.CreatedAt', '10000-01-01T00:00:00Z') WHERE org = ?1 AND id = ?2 AND deleted_at = 0`,
		`UPDATE kirimhooks_subscriptions SET record = json_set(record, '$.Rate', 'fast') WHERE org = ?1 AND id = ?2 AND deleted_at = 0`,
		`UPDATE kirimhooks_subscriptions SET consecutive_dead = 'x' WHERE org = ?1 AND id = ?2 AND deleted_at = 0`,
		`UPDATE kirimhooks_subscriptions SET failing_since = x'ff' WHERE org = ?1 AND id = ?2 AND deleted_at = 0`,
	},
	storetest.Events: {
		// as an earlier version wrote it
		`UPDATE kirimhooks_events SET created_at = '10000-01-01T00:00:00Z' WHERE org = ?1 AND id = ?2`,
		`UPDATE kirimhooks_events SET created_at = 'yesterday' WHERE org = ?1 AND id = ?2`,
		`UPDATE kirimhooks_events SET published_at = 'x' WHERE org = ?1 AND id = ?2`,
		`UPDATE kirimhooks_events SET is_test = 'perhaps' WHERE org = ?1 AND id = ?2`,
	},
	storetest.Deliveries: {
		`UPDATE kirimhooks_deliveries SET attempt = 'x' WHERE org = ?1 AND delivery = ?2`,
		`UPDATE kirimhooks_deliveries SET created_at = 'x' WHERE org = ?1 AND delivery = ?2`,
		`UPDATE kirimhooks_deliveries SET replayed_from = 'x' WHERE org = ?1 AND delivery = ?2`,
		`UPDATE kirimhooks_deliveries SET event = 'x' WHERE org = ?1 AND delivery = ?2`,
	},
	storetest.Attempts: {
		`UPDATE kirimhooks_attempts SET attempt = 'x' WHERE ?1 > '' AND delivery = ?2`,
		`UPDATE kirimhooks_attempts SET started_at = 'x' WHERE ?1 > '' AND delivery = ?2`,
		`UPDATE kirimhooks_attempts SET duration = 'x' WHERE ?1 > '' AND delivery = ?2`,
		`UPDATE kirimhooks_attempts SET status = 'x' WHERE ?1 > '' AND delivery = ?2`,
		`UPDATE kirimhooks_attempts SET is_test = 'x' WHERE ?1 > '' AND delivery = ?2`,
	},
	storetest.Minutes: {
		`UPDATE kirimhooks_minutes SET delivered = 'x' WHERE subscription = (SELECT subscription FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND deleted_at = 0)`,
		`UPDATE kirimhooks_minutes SET failed = x'00' WHERE subscription = (SELECT subscription FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND deleted_at = 0)`,
		`UPDATE kirimhooks_minutes SET bucket = 99 WHERE subscription = (SELECT subscription FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND deleted_at = 0)`,
		`UPDATE kirimhooks_minutes SET bucket = 'x' WHERE subscription = (SELECT subscription FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND deleted_at = 0)`,
		`UPDATE kirimhooks_minutes SET minute = 'x' WHERE subscription = (SELECT subscription FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND deleted_at = 0)`,
	},
}

func spoil(t testing.TB, s *sqlitestore.Store, table storetest.Table, org, id string, n int) bool {
	t.Helper()
	ways := spoilers[table]
	if n >= len(ways) {
		return false
	}
	row := any(id)
	if table == storetest.Deliveries || table == storetest.Attempts {
		row = s.Number(id)
	}
	result, err := s.Pools()["writer"].ExecContext(t.Context(), ways[n], org, row)
	require.NoError(t, err)
	changed, err := result.RowsAffected()
	require.NoError(t, err)
	require.NotZero(t, changed, ways[n])
	s.Forget()
	return true
}

// A row that somebody deleted is missed by its own deliveries alone.
func TestRowsThatAreGoneStopNothingElse(t *testing.T) {
	s := open(t, file(t), sqlitestore.Config{})
	for _, id := range []string{"a", "b", "gone"} {
		subscribe(t, s, id, "x")
	}
	enqueue(t, s, batch("evt_", 2, "x"))
	db := s.Pools()["writer"]
	_, err := db.Exec(`DELETE FROM kirimhooks_events WHERE id = 'evt_0'`)
	require.NoError(t, err)
	_, err = db.Exec(`DELETE FROM kirimhooks_subscriptions WHERE id = 'gone'`)
	require.NoError(t, err)
	s.Forget()

	c, err := s.Claim(t.Context(), request(10))
	require.NoError(t, err)
	require.Len(t, c.Claims, 2, "evt_1 of a and b")
	require.Len(t, c.Unreadable, 4)
	require.True(t, c.More)
	_, err = s.Settle(t.Context(), delivered(c.Claims))
	require.NoError(t, err)
	states := map[driver.State]int{}
	for _, d := range list(t, s, driver.DeliveryQuery{}) {
		states[d.State]++
	}
	require.Equal(t, map[driver.State]int{driver.StateDelivered: 2, driver.StateDead: 4}, states)
	results, _, err := s.Enqueue(t.Context(), batch("later_", 1, "x"), nil)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.Equal(t, 2, results[0].Deliveries, "and publishing goes on")
}

// An earlier version took an event of the year 10000. From the next start on, no claim of any org succeeded.
func TestAnEventOfTheYear10000EndsAlone(t *testing.T) {
	path := file(t)
	logs := &bytes.Buffer{}
	var mu sync.Mutex
	var finished []driver.Delivery
	var failed []string
	cfg := sender.Config{
		Logger: slog.New(slog.NewTextHandler(logs, nil)),
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
		}),
		Hooks: sender.Hooks{
			Finished: func(_ context.Context, d driver.Delivery) {
				mu.Lock()
				defer mu.Unlock()
				finished = append(finished, d)
			},
			StoreFailed: func(_ context.Context, op string, err error) {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, fmt.Sprint(op, ": ", err))
			},
		},
	}
	s := open(t, path, sqlitestore.Config{})
	engine, err := sender.New(s, cfg)
	require.NoError(t, err)
	_, _, err = engine.Org("acme").Subscribe(t.Context(),
		driver.Subscription{URL: "https://example.com/", Events: []string{"*"}})
	require.NoError(t, err)
	for i := range 2 {
		_, err = engine.Org("acme").Publish(t.Context(), batch("evt_", 2)[i].Event)
		require.NoError(t, err)
	}
	require.True(t, spoil(t, s, storetest.Events, "acme", "evt_0", 0))
	require.NoError(t, s.Close())

	s = open(t, path, sqlitestore.Config{})
	engine, err = sender.New(s, cfg)
	require.NoError(t, err)
	org := engine.Org("acme")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	require.Eventually(t, func() bool {
		ended := 0
		for d, err := range org.Deliveries(t.Context(), driver.DeliveryQuery{}) {
			require.NoError(t, err)
			if d.State != driver.StatePending {
				ended++
			}
		}
		return ended == 2
	}, 20*time.Second, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	require.Contains(t, logs.String(), "level=ERROR")
	require.Contains(t, logs.String(), `event \"evt_0\"`)
	require.Len(t, finished, 2)
	require.Len(t, failed, 1)
	require.Contains(t, failed[0], "read: ")

	why, err := org.Explain(t.Context(), "evt_0")
	require.NoError(t, err)
	require.Len(t, why, 1)
	require.Equal(t, "dead", why[0].Result)
	require.Contains(t, why[0].Why, "cannot read")
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
