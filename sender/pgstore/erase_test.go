package pgstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// erase calls Erase until nothing is left.
func (w *world) erase(org string, limit int) (rows int) {
	w.Helper()
	for {
		n, err := w.Erase(w.ctx, org, limit)
		require.NoError(w, err)
		if n == 0 {
			return rows
		}
		rows += n
	}
}

// rowsOf counts the rows of an org in all tables that have one.
func (w *world) rowsOf(org string) map[string]int {
	w.Helper()
	rows, err := w.pool.Query(w.ctx, `select c.table_name from information_schema.columns c
		join information_schema.tables t using (table_schema, table_name)
		where c.table_schema = $1 and c.column_name = 'org' and t.table_type = 'BASE TABLE'`, w.schema)
	require.NoError(w, err)
	var tables []string
	for rows.Next() {
		var name string
		require.NoError(w, rows.Scan(&name))
		tables = append(tables, name)
	}
	require.NoError(w, rows.Err())
	counts := map[string]int{}
	for _, name := range tables {
		counts[name] = w.count("select count(*) from {schema}."+name+" where org = $1", org)
	}
	return counts
}

// live makes rows of an org in every table: of deliveries that are delivered, dead, replayed, in flight, waiting and
// due, and of a subscription that was removed.
func (w *world) live(org string) (inFlight driver.Claim) {
	w.Helper()
	w.subscribe(org, org+"_s", driver.StatusActive, "x")
	w.subscribe(org, org+"_gone", driver.StatusActive, "y")
	w.publish(publications(org, "e", 5, "x", "y")...)
	require.NoError(w, w.DeleteSubscription(w.ctx, org, org+"_gone"))
	claims := w.claim(request(4)).Claims
	require.Len(w, claims, 4)
	again := died(claims[2])
	again.State, again.After, again.Health = driver.StatePending, time.Hour, driver.HealthUnchanged
	w.settle(delivered(claims[0]), died(claims[1]), again)
	w.exec("select {schema}.add_minutes()")
	dead := driver.DeliveryQuery{Org: org, States: []driver.State{driver.StateDead}}
	made, err := w.Replay(w.ctx, driver.ReplayRequest{DeliveryQuery: dead})
	require.NoError(w, err)
	require.Len(w, made, 1)
	w.settle(delivered(w.claim(request(1)).Claims[0])) // a row of minutes_to_add
	return claims[3]
}

func TestEraseLeavesNoRowOfTheOrg(t *testing.T) {
	w := open(t)
	w.live("other")
	w.all() // in flight
	before := w.rowsOf("other")
	for _, limit := range []int{1, 1000} {
		flight := w.live("a")
		for table, n := range w.rowsOf("a") {
			require.Positive(t, n, table)
		}
		require.Positive(t, w.count("select count(*) from {schema}.minutes_to_add"))
		w.erase("a", limit)
		require.False(t, w.settle(died(flight))[0].Applied)
		for table, n := range w.rowsOf("a") {
			require.Zero(t, n, table)
		}
		require.Zero(t, w.count(`select count(*) from {schema}.minutes_to_add
			where subscriptions && array(select number from {schema}.subscriptions where org = '')`))
		require.Zero(t, w.count("select count(*) from {schema}.subscriptions where id like 'a%'"))
	}
	after := w.rowsOf("other")
	require.GreaterOrEqual(t, after["minutes"], before["minutes"])
	after["minutes"] = before["minutes"]
	require.Equal(t, before, after)
	w.advance(2 * day)
	w.purge(keepAll())
	require.Zero(t, w.count("select count(*) from {schema}.subscriptions where org = ''"), "nor a number")
}

// A publication that saw a subscription before it was erased may commit after it.
func TestALatePublicationOfAnErasedOrgIsNotDelivered(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	tx := w.begin()
	_, _, err := tx.Enqueue(w.ctx, []driver.Publication{publication("a", "e", "x")}, nil)
	require.NoError(t, err)
	require.Equal(t, 2, w.erase("a", 10), "the subscription, and its name")
	require.NoError(t, tx.commit())
	require.Empty(t, w.claim(request(1)).Claims)
	w.purge(keepAll())
	require.Zero(t, w.count("select count(*) from {schema}.unfinished_deliveries"))
	w.erase("a", 10)
	for table, n := range w.rowsOf("a") {
		require.Zero(t, n, table)
	}
}

// waiting erases an org while somebody holds some of it, and returns once that one was waited for.
func (w *world) waiting(org string, holder hostTx) {
	w.Helper()
	done := make(chan error)
	go func() {
		for {
			n, err := w.Erase(w.ctx, org, 1000)
			if n == 0 || err != nil {
				done <- err
				return
			}
		}
	}()
	w.untilBlocked(1)
	require.NoError(w, holder.commit())
	require.NoError(w, <-done)
}

// Whatever somebody holds: Erase takes the rest, then waits for him, and has not finished before.
func TestEraseWaitsForWhatOthersHold(t *testing.T) {
	for _, table := range []string{
		"subscriptions", "unfinished_deliveries", "attempts", "replays", "minutes", "health", "topics", "events",
	} {
		t.Run(table, func(t *testing.T) {
			w := open(t)
			w.live("a")
			tx := w.begin()
			require.NoError(t, tx.exec(w.in("select 1 from {schema}."+table+" where org = 'a' for update")))
			w.waiting("a", tx)
			for table, n := range w.rowsOf("a") {
				require.Zero(t, n, table)
			}
		})
	}
}

// An outcome whose lease was lost is being written down: its attempt goes too.
func TestEraseWaitsForLateOutcomes(t *testing.T) {
	w := open(t)
	w.live("a")
	tx := w.begin()
	require.NoError(t, tx.exec(w.in(`select * from {schema}.settle_late(array['a'],
		(select array_agg(delivery) from (select delivery from {schema}.attempts where state = 1 limit 1) a),
		(select array_agg(subscription) from (select subscription from {schema}.attempts where state = 1 limit 1) a),
		array[12345], array[2::smallint], array[1], array[1::bigint], array[500], array['late'], array[''::bytea],
		array[false])`)))
	w.waiting("a", tx)
	for table, n := range w.rowsOf("a") {
		require.Zero(t, n, table)
	}
}
