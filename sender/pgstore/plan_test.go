package pgstore_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// buffers runs a statement under EXPLAIN (ANALYZE, BUFFERS) and tells how many pages it touched, in a transaction that
// is rolled back. It is the least of some runs: the first of a connection also reads the catalogue. So does any that
// comes after enough changes of it by others, in whatever database of the server.
func (w *world) buffers(text string, args ...any) int {
	w.Helper()
	tx, err := w.pool.Begin(w.ctx)
	require.NoError(w, err)
	defer tx.Rollback(w.ctx)
	least := math.MaxInt
	for range 4 {
		run, err := tx.Begin(w.ctx)
		require.NoError(w, err)
		var raw string
		explain := "explain (analyze, buffers, format json) " + w.in(text)
		require.NoError(w, run.QueryRow(w.ctx, explain, args...).Scan(&raw))
		require.NoError(w, run.Rollback(w.ctx))
		var plans []struct {
			Plan struct {
				Hit  int `json:"Shared Hit Blocks"`
				Read int `json:"Shared Read Blocks"`
			}
		}
		require.NoError(w, json.Unmarshal([]byte(raw), &plans))
		least = min(least, plans[0].Plan.Hit+plans[0].Plan.Read)
	}
	return least
}

// claimBuffers adds up claims from places all around the lanes.
func (w *world) claimBuffers(limit, each int, quota map[string]int) (sum int) {
	w.Helper()
	q, err := json.Marshal(quota)
	require.NoError(w, err)
	for i := range 20 {
		sum += w.buffers(`select * from {schema}.claim($1::int, $2::int, $3::bigint, 60000000, $4::bigint, $5::jsonb,
			$6::int, $7::int, $8::int, 0, '')`,
			limit, each, 1+i, int64(i)<<58>>1, string(q), max(4*limit, 256), max(limit, 200), (limit+1)/2)
	}
	return sum
}

// seed makes subs subscriptions with each deliveries due, and hung more for the first.
func (w *world) seed(subs, each, hung int) {
	w.Helper()
	w.directory(subs)
	w.exec(`insert into {schema}.events (number, published_at, org, id, source, type, device, channel, is_test, trace,
			digest, body, unreferenced)
		select nextval('{schema}.numbers'), now(), 'o', 'e' || g, 'k', 't', '', '', false, '', '', '', false
		from generate_series(1, $1::int) g`, max(each, 1))
	w.exec(`insert into {schema}.unfinished_deliveries (number, subscription, event, org, created_at, due_at)
		select e.number, s.number, e.number, 'o', now(), now() - interval '1 hour' + e.number * interval '1 microsecond'
		from {schema}.events e, {schema}.subscriptions s
		where $1::int > 0`, each)
	w.exec(`insert into {schema}.unfinished_deliveries (number, subscription, event, org, created_at, due_at)
		select 1000000 + g, (select number from {schema}.subscriptions where id = 's0'),
			(select min(number) from {schema}.events), 'o', now(),
			now() - interval '2 hour' + g * interval '1 microsecond'
		from generate_series(1, $1::int) g`, hung)
}

func TestAHungBacklogCostsTheOthersNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("a million rows")
	}
	none, hung := alone(t), alone(t)
	none.seed(100, 1000, 0)
	hung.seed(100, 1000, 1_000_000)
	for _, w := range []*world{none, hung} {
		w.exec("vacuum analyze {schema}.unfinished_deliveries")
	}
	blocked := map[string]int{"s0": 0}
	for _, c := range []struct {
		limit, each int
		quota       map[string]int
	}{{100, 10, map[string]int{}}, {100, 10, blocked}, {500, 64, blocked}, {10, 10, blocked}} {
		with, without := hung.claimBuffers(c.limit, c.each, c.quota), none.claimBuffers(c.limit, c.each, c.quota)
		t.Logf("limit %d, %d each, quota %v: %d pages a claim with 1,000,000 due of one subscription, %d without: %.2f",
			c.limit, c.each, c.quota, with/20, without/20, float64(with)/float64(without))
		require.Less(t, 10*with, 13*without)
	}
}

func TestAHeldBacklogCostsTheOthersNothing(t *testing.T) {
	cost := func(status driver.Status, quota map[string]int) int {
		w := alone(t)
		w.seed(100, 100, 100_000)
		w.exec("vacuum analyze {schema}.unfinished_deliveries")
		w.exec("update {schema}.subscriptions set status = $1 where id = 's0'", status)
		return w.claimBuffers(100, 10, quota)
	}
	blocked, held := cost(driver.StatusActive, map[string]int{"s0": 0}), cost(driver.StatusPaused, map[string]int{})
	t.Logf("%d pages a claim where 100,000 are held, %d where they are not", held/20, blocked/20)
	require.Less(t, 10*held, 13*blocked)
}

// pages is how many pages of the schema's tables and their indexes were touched so far. Each connection says so for
// itself.
func (w *world) pages() (n int) {
	w.Helper()
	for _, c := range w.pool.AcquireAllIdle(w.ctx) {
		_, err := c.Exec(w.ctx, "select pg_stat_force_next_flush()")
		c.Release()
		require.NoError(w, err)
	}
	require.NoError(w, w.pool.QueryRow(w.ctx, `
		select sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0))
		from pg_statio_user_tables where schemaname = $1`, w.schema).Scan(&n))
	return n
}

// Plans made while the tables were empty must serve when rows have come: nobody analyzes in between, and connections
// live for long.
func TestPlansMadeOfEmptyTablesServe(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	w := open(t)
	var version int
	require.NoError(t, w.pool.QueryRow(w.ctx, "select current_setting('server_version_num')::int").Scan(&version))
	if version < 150000 {
		t.Skip("counts pages as Postgres 15 and later can")
	}
	for i := range 50 {
		w.subscribe("a", fmt.Sprint("s", i), driver.StatusActive, fmt.Sprint("x", i))
	}
	n := 0
	cycle := func(size int) (touched [3]int) {
		pubs := make([]driver.Publication, size)
		for i := range pubs {
			n++
			pubs[i] = publication("a", fmt.Sprint("e", n), fmt.Sprint("x", i%50))
		}
		r := request(500)
		r.PerSubscription = 3
		before := w.pages()
		_, leased, err := w.Enqueue(w.ctx, pubs, &r)
		require.NoError(t, err)
		enqueued := w.pages()
		claims := w.claim(request(500)).Claims
		claimed := w.pages()
		var done []driver.Outcome
		for _, c := range append(claims, leased...) {
			done = append(done, delivered(c))
		}
		w.settle(done...)
		return [3]int{enqueued - before, claimed - enqueued, w.pages() - claimed}
	}
	sum := func() (sum [3]int) {
		for range 15 {
			for i, n := range cycle(500) {
				sum[i] += n
			}
		}
		return sum
	}
	for _, table := range []string{
		"unfinished_deliveries", "attempts", "events", "minutes", "health", "topics", "subscriptions",
	} {
		w.exec("vacuum analyze {schema}." + table)
	}
	for range 12 {
		cycle(1)
	}
	w.publish(publications("a", "bulk", 15_000, "x1", "x2")...)
	stale := sum()
	w.exec("analyze")
	w.pool.Reset()
	fresh := sum()
	t.Logf("pages of 15 times enqueue, claim and settle of 500: %v with stale plans, %v with fresh ones", stale, fresh)
	for i := range stale {
		require.Positive(t, fresh[i])
		require.Less(t, stale[i], 2*fresh[i])
	}
}

// A directory that grew from nothing to 10,000 subscriptions under one connection.
func TestFanOutOfALargeDirectory(t *testing.T) {
	w := open(t)
	for i := range 10 {
		w.publish(publication("o", fmt.Sprint("w", i), "u1"))
	}
	w.directory(10_000)
	one := w.publishBuffers("u77")
	t.Logf("1 of 10,000 matches: %d pages", one)
	require.Less(t, one, 400)
	results, _, err := w.Enqueue(w.ctx, []driver.Publication{publication("o", "all", "all")}, nil)
	require.NoError(t, err)
	require.Equal(t, 10_000, results[0].Deliveries)
}

func (w *world) publishBuffers(topics ...string) int {
	w.Helper()
	var in []string
	var of, which []int32
	for i := range topics {
		in, of, which = append(in, "o"), append(of, 1), append(which, int32(i+1))
	}
	return w.buffers(`select * from {schema}.enqueue(array['o'], array['e' || random()], array['k'], array['t'],
		array[''], array[''], array[false], array[null::timestamptz], array[''::bytea], array[''::bytea], array[''],
		null, $1::text[], $2::text[], $3::int[], $4::int[], 0, 0, 0, 0, '{}')`, in, topics, of, which)
}

// A page of events costs what is in it: for an org with nearly all events there are, and for one with next to none.
func TestAPageOfEventsCostsWhatItShows(t *testing.T) {
	w := open(t)
	const page, small = 300, 60 // in pages of the database, for 100 events and for 10
	list := func(org string, before any, kind string, unreferenced bool) int {
		return w.buffers(`select * from {schema}.list_events($1, $2, '', $3, '', '', $4, null, null, 100)`,
			org, before, kind, unreferenced)
	}
	erase := func(org string) int { return w.buffers(`select {schema}.erase_rows('events', $1, 100)`, org) }
	require.Less(t, list("big", nil, "", false)+erase("big"), page, "planned while there are none")
	w.exec(`insert into {schema}.events (number, published_at, org, id, source, type, device, channel, is_test, trace,
			digest, body, unreferenced)
		select g, now(), case when g % 5000 = 0 then 'small' else 'big' end, 'e' || g, 'k', 't', '', '', false, '', '',
			repeat('x', 200)::bytea, g % 10 = 0
		from generate_series(1, 50000) g`)
	measure := func(plans string) {
		first, middle := list("big", nil, "", false), list("big", 25_000, "", true)
		few, none, erased := list("small", nil, "", false), list("small", nil, "other", false), erase("small")
		t.Logf("%s plans: pages for 100 events: %d, for 100 of 1,000: %d; for 10: %d, for 0 of 10: %d, to erase 10: %d",
			plans, first, middle, few, none, erased)
		require.Less(t, first, page)
		require.Less(t, middle, page)
		for _, n := range []int{few, none, erased} {
			require.Less(t, n, small)
		}
	}
	measure("stale")
	w.exec("analyze {schema}.events")
	w.pool.Reset()
	measure("fresh")
}

// How old the oldest due delivery is costs a look at each lane, however long it is.
func TestTheOldestDueCostsALookAtEachLane(t *testing.T) {
	few, many := alone(t), alone(t)
	few.seed(20, 10, 0)
	many.seed(20, 1000, 50_000)
	for _, w := range []*world{few, many} {
		w.exec("vacuum analyze {schema}.unfinished_deliveries")
	}
	a, b := few.buffers(pgstore.SQLOldestDue), many.buffers(pgstore.SQLOldestDue)
	t.Logf("%d pages with 200 due, %d with 70,000", a, b)
	require.Less(t, b, 2*a+20*8)
}
