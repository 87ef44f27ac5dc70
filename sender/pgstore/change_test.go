package pgstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// backlog makes 100 subscriptions with 1,000 deliveries each that wait for a retry, and as many dead ones of the same events, each
// of which was replayed once in vain.
func (w *world) backlog() {
	w.Helper()
	w.seed(100, 1000, 0)
	w.exec(`update {schema}.q set ready = false, due = now() + interval '1 hour' + slot * interval '1 second', attempt = 1, token = -1`)
	w.exec(`insert into {schema}.events (slot, at, org, id, source, type, device, channel, test, trace, digest, body, idle)
		select nextval('{schema}.slots'), now(), 'o', 'dead' || g, 'k', 't', '', '', false, '', '', '', false from generate_series(1, 1000) g`)
	const dead = `insert into {schema}.log (org, slot, sub, token, lapse, event, parent, created, live, attempt, state, logged) `
	w.exec(dead + `select 'o', e.slot, s.sub, 1, false, e.slot, null, now(), true, 1, 2, now() from {schema}.events e, {schema}.subs s where e.id like 'dead%'`)
	w.exec(dead + `select 'o', e.slot + 100000, s.sub, 1, false, e.slot, e.slot, now(), true, 1, 2, now() from {schema}.events e, {schema}.subs s where e.id like 'dead%'`)
	w.exec(`insert into {schema}.replays (org, slot, sub, parent, event)
		select org, slot, sub, parent, event from {schema}.log where parent is not null`)
	w.exec(`select setval('{schema}.slots', 1000000)`)
}

// Whatever waits or lies dead, a change of ten deliveries looks at some hundred pages, and at no table from end to end; whether
// there are statistics or not.
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
	require.Greater(t, w.count("select pg_relation_size('{schema}.q') / 8192"), few, "or the test would not notice")
	require.Greater(t, w.count("select pg_relation_size('{schema}.log') / 8192"), few)
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
