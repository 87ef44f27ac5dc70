package pgstore_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// written runs a statement and undoes it. It tells how many records and bytes the statement wrote to the log of the
// database, and how many pages it changed.
func (w *world) written(text string, args ...any) (records, bytes, dirtied int) {
	w.Helper()
	tx, err := w.pool.Begin(w.ctx)
	require.NoError(w, err)
	defer tx.Rollback(w.ctx)
	var raw string
	explain := "explain (analyze, buffers, wal, format json) " + w.in(text)
	require.NoError(w, tx.QueryRow(w.ctx, explain, args...).Scan(&raw))
	var plans []struct {
		Plan struct {
			Records int `json:"WAL Records"`
			Bytes   int `json:"WAL Bytes"`
			Dirtied int `json:"Shared Dirtied Blocks"`
		}
	}
	require.NoError(w, json.Unmarshal([]byte(raw), &plans))
	return plans[0].Plan.Records, plans[0].Plan.Bytes, plans[0].Plan.Dirtied
}

func TestTopicsThatStayCostNothingToKeep(t *testing.T) {
	w := open(t)
	var lists [][]string
	for _, n := range []int{1, 50_000} {
		topics := make([]string, n)
		for i := range topics {
			topics[i] = fmt.Sprint("kirisan incoming_message whatsapp device-", i)
		}
		lists = append(lists, topics)
		w.subscribe("a", fmt.Sprint("s", n), driver.StatusActive, topics...)
	}
	w.exec("vacuum analyze {schema}.subscriptions, {schema}.topics")
	w.exec("checkpoint") // each page's first change after it is written whole, alike for both
	const put = "select {schema}.put_subscription('a', $1, 1, $2, $3::text[], '{\"Description\": \"edited\"}')"
	for _, status := range []string{"paused", "active"} {
		var records, bytes [2]int
		for i, topics := range lists {
			for range 2 { // the second time no page is new to the log
				records[i], bytes[i], _ = w.written(put, fmt.Sprint("s", len(topics)), status, topics)
			}
		}
		t.Logf("%s: %d records, %d bytes with one topic; %d, %d with 50,000",
			status, records[0], bytes[0], records[1], bytes[1])
		require.InDelta(t, records[0], records[1], 3, "the server may tidy a page meanwhile")
		require.InDelta(t, bytes[0], bytes[1], 200)
	}
	more := append(lists[1][1:], "another")
	records, _, _ := w.written(put, "s50000", "active", more)
	require.Less(t, records, 50_000/10, "what changed is written, with the list as a whole, in pieces of pages")
}

// What the shortcut leaves out is still right.
func TestTopicsFollowTheList(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x", "y")
	put := func(topics ...string) {
		list, err := w.Subscriptions(w.ctx, driver.SubscriptionQuery{Org: "a"})
		require.NoError(t, err)
		list[0].Topics = topics
		_, err = w.PutSubscription(w.ctx, list[0])
		require.NoError(t, err)
		list, err = w.Subscriptions(w.ctx, driver.SubscriptionQuery{Org: "a"})
		require.NoError(t, err)
		require.Equal(t, topics, list[0].Topics)
	}
	matches := func(want ...string) {
		var got []string
		for _, topic := range []string{"x", "y", "z"} {
			id := fmt.Sprint(topic, w.count("select last_value::int from {schema}.numbers"))
			results, _, err := w.Enqueue(w.ctx, []driver.Publication{publication("a", id, topic)}, nil)
			require.NoError(t, err)
			if results[0].Deliveries == 1 {
				got = append(got, topic)
			}
		}
		require.Equal(t, want, got)
	}
	matches("x", "y")
	put("y", "x")
	matches("x", "y")
	put("y", "y", "z")
	matches("y", "z")
	put("y", "y", "z")
	matches("y", "z")
	put("x")
	matches("x")
}
