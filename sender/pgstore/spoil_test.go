package pgstore_test

import (
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

// What $1 and $2 name, by number.
const (
	its    = "(select number from {schema}.events where org = $1 and id = $2)"
	bump   = "update {schema}.subscriptions set version = version + 1, "
	theirs = "(select number from {schema}.subscriptions where org = $1 and id = $2)"
)

// spoilings are the ways in which a row can hold what no program wrote: what its columns are free to be. $1 is the org,
// $2 the id; for deliveries and attempts $2 is the event's.
var spoilings = map[storetest.Table][]string{
	storetest.Subscriptions: {
		bump + "record = record || '{\"Rate\": \"fast\"}' where org = $1 and id = $2",
		bump + "record = record || '{\"CreatedAt\": \"20000-01-01T00:00:00Z\"}' where org = $1 and id = $2",
		bump + "record = '[]' where org = $1 and id = $2",
		bump + "record = '{}' where org = $1 and id = $2",
		bump + "record = 'null' where org = $1 and id = $2",
		bump + "topics = topics || null::text where org = $1 and id = $2",
	},
	storetest.Events: {
		"update {schema}.events set created_at = 'infinity' where org = $1 and id = $2",
		"update {schema}.events set created_at = '20000-01-01' where org = $1 and id = $2",
		"update {schema}.events set created_at = '0044-03-15 BC' where org = $1 and id = $2",
		"update {schema}.events set published_at = '-infinity' where org = $1 and id = $2",
	},
	storetest.Deliveries: {
		"update {schema}.unfinished_deliveries set created_at = 'infinity' where number = " + its,
		"update {schema}.unfinished_deliveries set created_at = '-infinity' where number = " + its,
		"update {schema}.unfinished_deliveries set created_at = '20000-01-01' where number = " + its,
	},
	storetest.Attempts: {
		"update {schema}.attempts set logged_at = '-infinity' where delivery = " + its,
		"update {schema}.attempts set logged_at = '0001-01-01 BC' where delivery = " + its,
	},
	storetest.Minutes: {
		"update {schema}.minutes set durations[3] = null where subscription = " + theirs,
		"update {schema}.minutes set durations = '{1}' where subscription = " + theirs,
		"update {schema}.minutes set minute = 'infinity' where subscription = " + theirs,
		"update {schema}.minutes set minute = '20000-01-01' where subscription = " + theirs,
	},
}

// spoil is what storetest asks for.
func (w *world) spoil(table storetest.Table, org, id string, n int) bool {
	w.Helper()
	if n >= len(spoilings[table]) {
		return false
	}
	switch table {
	case storetest.Deliveries, storetest.Attempts:
		list, err := w.Store.Deliveries(w.ctx, driver.DeliveryQuery{Org: org, IDs: []string{id}})
		require.NoError(w, err)
		require.Len(w, list, 1)
		id = list[0].EventID
	case storetest.Minutes:
		w.exec("select {schema}.add_minutes()")
	}
	tag, err := w.pool.Exec(w.ctx, w.in(spoilings[table][n]), org, id)
	require.NoError(w, err)
	require.EqualValues(w, 1, tag.RowsAffected(), "%s %d", table, n)
	w.Forget()
	return true
}
