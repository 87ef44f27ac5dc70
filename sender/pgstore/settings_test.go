package pgstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

var modes = []pgx.QueryExecMode{
	pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
	pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
}

// settings are what a role, a database or another user of the pool may have set, in groups that hold at once.
var settings = map[string][][2]string{
	"texts": {
		{"DateStyle", "SQL, DMY"}, {"IntervalStyle", "sql_standard"}, {"TimeZone", "Asia/Kathmandu"},
		{"bytea_output", "escape"},
		{"extra_float_digits", "-15"}, {"array_nulls", "off"},
	},
	"syntax": {
		{"standard_conforming_strings", "off"}, {"backslash_quote", "off"}, {"transform_null_equals", "on"},
		{"plpgsql.extra_errors", "all"},
		{"DateStyle", "German"}, {"IntervalStyle", "iso_8601"}, {"check_function_bodies", "off"},
	},
	"encoding": {{"client_encoding", "LATIN1"}, {"DateStyle", "Postgres, MDY"}, {"TimeZone", "Pacific/Kiritimati"}},
	"plans": {
		{"enable_indexscan", "off"}, {"enable_nestloop", "off"}, {"from_collapse_limit", "1"}, {"row_security", "off"},
		{"search_path", "pg_temp"},
	},
}

// Some are set for a role, so that no session of it knows better, others on the sessions of a pool.
func TestEveryModeServesUnderAnySettings(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.subscribe("a", "ünïcødé 🪝", driver.StatusPaused, "y")
	role := w.worker()
	for name, group := range settings {
		var set []string
		for i, s := range group {
			text := fmt.Sprintf("set %s = '%s'", s[0], s[1])
			if s[0] != "search_path" && i%2 == 0 {
				w.exec("alter role " + role + " " + text)
			} else {
				set = append(set, text)
			}
		}
		for _, mode := range modes {
			t.Run(name+"/"+mode.String(), func(t *testing.T) {
				config := w.shared(set...).Config()
				config.ConnConfig.User, config.ConnConfig.DefaultQueryExecMode = role, mode
				pool, err := pgxpool.NewWithConfig(w.ctx, config)
				require.NoError(t, err)
				defer pool.Close()
				w.cycle(t, pool)
			})
		}
		w.exec("alter role " + role + " reset all")
	}
}

// cycle publishes awkward events in all ways, tries each once, and reads everything back.
func (w *world) cycle(t *testing.T, pool *pgxpool.Pool) {
	s, err := pgstore.New(pool, pgstore.Config{Schema: w.schema})
	require.NoError(t, err)
	pubs := awkward()
	for i := range pubs {
		pubs[i].Event.ID = fmt.Sprintf("%s ü%d", t.Name(), i)
		pubs[i].Topics = append(pubs[i].Topics, "y")
	}
	third := len(pubs) / 3
	r := request(2)
	r.Quota = map[string]int{"s": 2}
	results, claims, err := s.Enqueue(t.Context(), pubs[:third], &r)
	require.NoError(t, err)
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer tx.Rollback(t.Context())
	more, _, err := s.Tx(tx).Enqueue(t.Context(), pubs[third:2*third], nil)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	last, err := w.viaSQL(t, s, pool, pubs[2*third:])
	if err != nil {
		require.Regexp(t, "standard_conforming_strings|client_encoding", err.Error(),
			"what cannot serve there is refused by name")
		last, _, err = s.Enqueue(t.Context(), pubs[2*third:], nil)
		require.NoError(t, err)
	}
	for _, e := range append(append(results, more...), last...) {
		require.NoError(t, e.Err)
		require.Equal(t, []string{"ünïcødé 🪝"}, e.Inactive)
	}
	require.Zero(t, w.count("select count(*) from {schema}.events where created_at < '0002-01-01'"), "no time is null")
	s.Forget()
	c, err := s.Claim(t.Context(), request(len(pubs)-len(claims)))
	require.NoError(t, err)
	require.Empty(t, c.Unreadable)
	claims = append(claims, c.Claims...)
	require.Len(t, claims, len(pubs))
	byID := map[string]driver.Publication{}
	for _, p := range pubs {
		byID[p.Event.ID] = p
	}
	var done []driver.Outcome
	for i, c := range claims {
		p := byID[c.Delivery.EventID]
		for _, got := range []func() (driver.StoredEvent, error){
			func() (driver.StoredEvent, error) { return *c.Event, nil },
			func() (driver.StoredEvent, error) { return s.Event(t.Context(), "a", p.Event.ID) },
		} {
			e, err := got()
			require.NoError(t, err)
			require.True(t, p.Event.CreatedAt.Equal(e.Event.CreatedAt))
			require.WithinDuration(t, time.Now(), e.PublishedAt, time.Minute)
			e.Event.CreatedAt = p.Event.CreatedAt
			require.Equal(t, p.Event, e.Event)
			require.Equal(t, p.Trace, e.Trace)
		}
		o := died(c)
		switch {
		case i == 0:
			o.Attempt = nil
		case i%2 == 0:
			o = delivered(c)
		}
		o.Reason = "because ünïcødé"
		done = append(done, o)
	}
	for range 2 {
		settled, err := s.Settle(t.Context(), done)
		require.NoError(t, err)
		for _, x := range settled {
			require.True(t, x.Applied)
		}
	}
	w.readBack(t, s, claims[1].Delivery.ID)
}

func (w *world) viaSQL(
	t *testing.T, s *pgstore.Store, pool *pgxpool.Pool, pubs []driver.Publication,
) ([]driver.Enqueued, error) {
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	results, _, err := s.SQLTx(tx).Enqueue(t.Context(), pubs, nil)
	if err != nil {
		return nil, err
	}
	return results, tx.Commit()
}

func (w *world) readBack(t *testing.T, s *pgstore.Store, dead string) {
	ctx := t.Context()
	list, err := s.Deliveries(ctx, driver.DeliveryQuery{
		Org: "a", Subscription: "s", States: []driver.State{driver.StateDead}, IDs: []string{dead},
		Since: time.Now().Add(-time.Hour), Until: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "because ünïcødé", list[0].Reason)
	require.WithinDuration(t, time.Now(), list[0].FinishedAt, time.Minute)
	attempts, err := s.Attempts(ctx, "a", dead)
	require.NoError(t, err)
	require.Equal(t, died(driver.Claim{}).Attempt.Response, attempts[0].Response)
	made, err := s.Replay(ctx, driver.ReplayRequest{DeliveryQuery: driver.DeliveryQuery{Org: "a", IDs: []string{dead}}})
	require.NoError(t, err)
	require.Len(t, made, 1)
	minutes, err := s.Minutes(ctx, "a", "s", time.Hour)
	require.NoError(t, err)
	require.NotEmpty(t, minutes)
	for i, m := range minutes {
		require.Zero(t, m.At.Unix()%60)
		require.True(t, i == 0 || minutes[i-1].At.Before(m.At), "each minute once")
	}
	_, err = s.Counts(ctx, "a")
	require.NoError(t, err)
	newest, err := s.Events(ctx, driver.EventQuery{Org: "a", Since: time.Now().Add(-time.Hour), Limit: 1})
	require.NoError(t, err)
	require.Len(t, newest, 1)
	_, err = s.Events(ctx, driver.EventQuery{
		Org: "a", Source: "ünïcødé 🪝", Type: `"`, Device: `\`, Channel: "NULL", Undelivered: true,
		Until: time.Now(), After: newest[0].Event.ID,
	})
	require.NoError(t, err)
	rows, err := s.Erase(ctx, "nobody's", 10)
	require.NoError(t, err)
	require.Zero(t, rows)
	subs, err := s.Subscriptions(ctx, driver.SubscriptionQuery{Org: "a"})
	require.NoError(t, err)
	require.Len(t, subs, 2)
	require.Equal(t, []string{"y"}, subs[1].Topics)
	_, err = s.PutSubscription(ctx, subs[0])
	require.NoError(t, err)
	_, err = s.Purge(ctx, driver.PurgeRequest{Finished: time.Hour, Identity: day, HeldMax: 1, Limit: 100})
	require.NoError(t, err)
	c, err := s.Claim(ctx, request(1))
	require.NoError(t, err)
	require.Len(t, c.Claims, 1)
	_, err = s.Settle(ctx, []driver.Outcome{delivered(c.Claims[0])})
	require.NoError(t, err)
}

// worker makes a role that has the rights that the package's documentation lists, and no others: what Postgres gives to
// everybody is taken away.
func (w *world) worker() (role string) {
	w.Helper()
	role = w.schema + "_worker"
	w.exec("create role " + role + " login")
	w.exec("revoke all on all functions in schema {schema} from public")
	w.exec("grant usage on schema {schema}, {schema}_clock to " + role)
	w.exec("grant select on {schema}_clock.ahead to " + role) // of this test
	w.exec("grant select, insert, update, delete on all tables in schema {schema} to " + role)
	w.exec("grant usage on all sequences in schema {schema} to " + role)
	w.exec("grant execute on all functions in schema {schema} to " + role)
	w.Cleanup(func() {
		_, err := w.pool.Exec(context.Background(), "drop owned by "+role+"; drop role "+role)
		require.NoError(w, err)
	})
	return role
}
