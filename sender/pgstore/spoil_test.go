package pgstore_test

import (
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

// spoilings are the ways in which a row can hold what no program wrote: what its columns are free to be. $1 is the org, $2 the
// id; for deliveries and attempts $2 is the event's.
var spoilings = map[storetest.Table][]string{
	storetest.Subscriptions: {
		"update {schema}.subs set version = version + 1, record = record || '{\"Rate\": \"fast\"}' where org = $1 and id = $2",
		"update {schema}.subs set version = version + 1, record = record || '{\"CreatedAt\": \"20000-01-01T00:00:00Z\"}' where org = $1 and id = $2",
		"update {schema}.subs set version = version + 1, record = '[]' where org = $1 and id = $2",
		"update {schema}.subs set version = version + 1, record = '{}' where org = $1 and id = $2",
		"update {schema}.subs set version = version + 1, record = 'null' where org = $1 and id = $2",
		"update {schema}.subs set version = version + 1, topics = topics || null::text where org = $1 and id = $2",
	},
	storetest.Events: {
		"update {schema}.events set created = 'infinity' where org = $1 and id = $2",
		"update {schema}.events set created = '20000-01-01' where org = $1 and id = $2",
		"update {schema}.events set created = '0044-03-15 BC' where org = $1 and id = $2",
		"update {schema}.events set at = '-infinity' where org = $1 and id = $2",
	},
	storetest.Deliveries: {
		"update {schema}.q set at = 'infinity' where org = $1 and slot = (select slot from {schema}.events where id = $2)",
		"update {schema}.q set at = '-infinity' where org = $1 and slot = (select slot from {schema}.events where id = $2)",
		"update {schema}.q set at = '20000-01-01' where org = $1 and slot = (select slot from {schema}.events where id = $2)",
	},
	storetest.Attempts: {
		"update {schema}.log set logged = '-infinity' where org = $1 and slot = (select slot from {schema}.events where id = $2)",
		"update {schema}.log set logged = '0001-01-01 BC' where org = $1 and slot = (select slot from {schema}.events where id = $2)",
	},
	storetest.Minutes: {
		"update {schema}.minutes set durations[3] = null where org = $1 and sub = (select sub from {schema}.subs where id = $2)",
		"update {schema}.minutes set durations = '{1}' where org = $1 and sub = (select sub from {schema}.subs where id = $2)",
		"update {schema}.minutes set at = 'infinity' where org = $1 and sub = (select sub from {schema}.subs where id = $2)",
		"update {schema}.minutes set at = '20000-01-01' where org = $1 and sub = (select sub from {schema}.subs where id = $2)",
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
		w.exec("select {schema}.fold()")
	}
	tag, err := w.pool.Exec(w.ctx, w.in(spoilings[table][n]), org, id)
	require.NoError(w, err)
	require.EqualValues(w, 1, tag.RowsAffected(), "%s %d", table, n)
	w.Forget()
	return true
}
