package pgstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// backlog makes 100 subscriptions with 1,000 deliveries each that wait for a retry. It adds as many dead ones of the
// same events; each was replayed once in vain.
func (w *world) backlog() {
	w.Helper()
	w.seed(100, 1000, 0)
	w.exec(`update {schema}.unfinished_deliveries
		set ready = false, due_at = now() + interval '1 hour' + number * interval '1 second', attempts_made = 1,
			token = -1`)
	w.exec(`insert into {schema}.events (number, published_at, org, id, source, type, device, channel, is_test, trace,
			digest, body, unreferenced)
		select nextval('{schema}.numbers'), now(), 'o', 'dead' || g, 'k', 't', '', '', false, '', '', '', false
		from generate_series(1, 1000) g`)
	const dead = `insert into {schema}.attempts (org, delivery, subscription, token, lapsed, event, replayed_from,
			created_at, attempts_made, state, logged_at) `
	w.exec(dead + `select 'o', e.number, s.number, 1, false, e.number, null, now(), 1, 2, now()
		from {schema}.events e, {schema}.subscriptions s where e.id like 'dead%'`)
	w.exec(dead + `select 'o', e.number + 100000, s.number, 1, false, e.number, e.number, now(), 1, 2, now()
		from {schema}.events e, {schema}.subscriptions s where e.id like 'dead%'`)
	w.exec(`insert into {schema}.replays (org, delivery, subscription, replayed_from, event)
		select org, delivery, subscription, replayed_from, event from {schema}.attempts
		where replayed_from is not null`)
	w.exec(`select setval('{schema}.numbers', 1000000)`)
}

// Whatever waits or lies dead, a change of ten deliveries looks at some hundred pages, and at no table from end to end;
// whether there are statistics or not.
func TestChangesReadTablesByIndex(t *testing.T) {
	if testing.Short() {
		t.Skip("300,000 rows")
	}
	w := open(t)
	if w.count("select current_setting('server_version_num')::int") < 150000 {
		t.Skip("counts pages as Postgres 15 and later can")
	}
	w.backlog()
	few := 1200
	for _, table := range []string{"unfinished_deliveries", "attempts"} {
		pages := w.count("select pg_relation_size('{schema}." + table + "') / 8192")
		require.Greater(t, pages, few, "or the test would not notice")
	}
	selections := map[string]driver.DeliveryQuery{
		"all":          {Org: "o", Limit: 10},
		"subscription": {Org: "o", Limit: 10, Subscription: "s7"},
		"state":        {Org: "o", Limit: 10, States: []driver.State{driver.StatePending, driver.StateDead}},
		"dead":         {Org: "o", Limit: 10, States: []driver.State{driver.StateDead}},
		"another org":  {Org: "x", Limit: 10},
	}
	costs := func(what string, n int, change func() (int, error)) {
		t.Helper()
		before := w.pages()
		changed, err := change()
		touched := w.pages() - before
		require.NoError(t, err)
		require.Equal(t, n, changed, what)
		t.Logf("%s: %d changed, %d pages", what, changed, touched)
		require.Less(t, touched, few, what)
	}
	for _, when := range []string{"without statistics", "with statistics"} {
		for name, q := range selections {
			found, unfinished := 10, 10
			switch name {
			case "dead":
				unfinished = 0
			case "another org":
				found, unfinished = 0, 0
			}
			name += ", " + when
			costs("deliveries, "+name, found, func() (int, error) {
				list, err := w.Deliveries(w.ctx, q)
				return len(list), err
			})
			var made []driver.Replayed
			costs("replay, "+name, found, func() (n int, err error) {
				made, err = w.Replay(w.ctx, driver.ReplayRequest{DeliveryQuery: q})
				return len(made), err
			})
			if len(made) > 0 {
				one := driver.DeliveryQuery{Org: "o", IDs: []string{made[0].New}}
				costs("cancel, one by id, "+when, 1, func() (int, error) {
					list, err := w.Cancel(w.ctx, one)
					return len(list), err
				})
				one.IDs[0] = made[0].Old
				costs("replay, one by id, "+when, 1, func() (int, error) {
					made, err := w.Replay(w.ctx, driver.ReplayRequest{DeliveryQuery: one, Named: true})
					return len(made), err
				})
			}
			costs("retry now, "+name, unfinished, func() (int, error) {
				ids, err := w.RetryNow(w.ctx, q)
				return len(ids), err
			})
			costs("cancel, "+name, unfinished, func() (int, error) {
				list, err := w.Cancel(w.ctx, q)
				return len(list), err
			})
		}
		w.exec("vacuum analyze")
	}
}
