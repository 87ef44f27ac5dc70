package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func queryCases() []func(*world) {
	return []func(*world){
		everyFilterSelects,
		filtersJoin,
		filtersHoldOnEveryPage,
		sinceIsIncludedAndUntilIsNot,
		idsPickDeliveries,
		liveAndTestSelect,
	}
}

// diverse makes four deliveries that differ in all that a query can ask for.
func (w *world) diverse() map[string]driver.Delivery {
	w.Helper()
	made := map[string]driver.Delivery{}
	for _, x := range []struct {
		name, typ, device, channel string
		state                      driver.State
	}{
		{"one", "incoming_message", "6281", "whatsapp", driver.StateDelivered},
		{"two", "incoming_message", "bot", "telegram", driver.StateDead},
		{"three", "message.status", "6281", "whatsapp", driver.StateCancelled},
		{"four", "submission", "6282", "waba", driver.StatePending},
	} {
		w.subscribe("sub_"+x.name, x.name)
		p := publication(acme, "evt_"+x.name, x.name)
		p.Event.Source, p.Event.Type, p.Event.Device, p.Event.Channel = envelope.Kirisan, x.typ, x.device, x.channel
		require.NoError(w, w.enqueue(p)[0].Err)
		o := outcome(w.one(), x.state, attempt(1, 200))
		o.After = time.Hour
		w.settle(o)
		made[x.name] = w.only("evt_" + x.name)
	}
	return made
}

func (w *world) selected(q driver.DeliveryQuery) []string {
	w.Helper()
	var names []string
	for _, d := range w.deliveries(q) {
		names = append(names, d.EventID[len("evt_"):])
	}
	return names
}

func everyFilterSelects(w *world) {
	w.diverse()
	for _, x := range []struct {
		q    driver.DeliveryQuery
		want []string
	}{
		{driver.DeliveryQuery{}, []string{"four", "three", "two", "one"}},
		{driver.DeliveryQuery{Subscription: "sub_two"}, []string{"two"}},
		{driver.DeliveryQuery{Subscription: "unknown"}, nil},
		{driver.DeliveryQuery{EventID: "evt_three"}, []string{"three"}},
		{driver.DeliveryQuery{EventID: "unknown"}, nil},
		{driver.DeliveryQuery{EventType: "incoming_message"}, []string{"two", "one"}},
		{driver.DeliveryQuery{EventType: "incoming"}, nil},
		{driver.DeliveryQuery{Device: "6281"}, []string{"three", "one"}},
		{driver.DeliveryQuery{Channel: "waba"}, []string{"four"}},
		{driver.DeliveryQuery{States: []driver.State{driver.StateDelivered}}, []string{"one"}},
		{driver.DeliveryQuery{States: []driver.State{driver.StateDead, driver.StatePending}}, []string{"four", "two"}},
		{driver.DeliveryQuery{States: []driver.State{driver.StateHeld}}, nil},
	} {
		require.Equal(w, x.want, w.selected(x.q), "%+v", x.q)
	}
}

func filtersJoin(w *world) {
	made := w.diverse()
	require.Equal(w, []string{"one"}, w.selected(driver.DeliveryQuery{Device: "6281", EventType: "incoming_message"}))
	require.Empty(w, w.selected(driver.DeliveryQuery{Device: "bot", Channel: "whatsapp"}))
	require.Empty(w, w.selected(driver.DeliveryQuery{Subscription: "sub_one", EventID: "evt_two"}))
	require.Equal(w, []string{"two"}, w.selected(driver.DeliveryQuery{
		IDs: []string{made["one"].ID, made["two"].ID}, States: []driver.State{driver.StateDead},
	}))
}

func filtersHoldOnEveryPage(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	w.publishMany("evt_", 10, "x")
	seen := map[string]bool{}
	q := driver.DeliveryQuery{Subscription: "a", Limit: 3}
	for range 10 {
		page := w.deliveries(q)
		for _, d := range page {
			require.Equal(w, "a", d.SubscriptionID)
			require.False(w, seen[d.ID])
			seen[d.ID] = true
			q.After = d.ID
		}
		if len(page) < 3 {
			break
		}
	}
	require.Len(w, seen, 10)

	w.publish("last", "x")
	both := w.deliveries(driver.DeliveryQuery{EventID: "last"})
	require.Len(w, both, 2)
	require.Equal(w, ids(both[1:]), ids(w.deliveries(driver.DeliveryQuery{EventID: "last", After: both[0].ID})))
}

func sinceIsIncludedAndUntilIsNot(w *world) {
	w.subscribe("a", "x")
	var at []time.Time
	for _, name := range []string{"one", "two", "three"} {
		w.publish("evt_"+name, "x")
		at = append(at, w.only("evt_"+name).CreatedAt)
		w.pass(w.moment / 10)
	}
	require.Equal(w, []string{"three", "two"}, w.selected(driver.DeliveryQuery{Since: at[1]}))
	require.Equal(w, []string{"one"}, w.selected(driver.DeliveryQuery{Until: at[1]}))
	require.Equal(w, []string{"two"}, w.selected(driver.DeliveryQuery{Since: at[1], Until: at[2]}))
	require.Equal(w, []string{"two"}, w.selected(driver.DeliveryQuery{Since: at[1].In(time.FixedZone("WIB", 7*3600)),
		Until: at[2]}))
	require.Empty(w, w.selected(driver.DeliveryQuery{Since: at[2].Add(time.Hour)}))
	require.Empty(w, w.selected(driver.DeliveryQuery{Until: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}))
	require.Empty(w, w.selected(driver.DeliveryQuery{Since: at[2], Until: at[0]}))
}

func idsPickDeliveries(w *world) {
	all := w.logOf(10)
	pick := []string{all[7], all[2], "00000000000000000000000000", "unknown", "", all[7]}
	require.Equal(w, []string{all[2], all[7]}, ids(w.deliveries(driver.DeliveryQuery{IDs: pick})),
		"newest first, each once")
	require.Equal(w, []string{all[7]}, ids(w.deliveries(driver.DeliveryQuery{IDs: pick, After: all[2]})))
	require.Equal(w, []string{all[2]}, ids(w.deliveries(driver.DeliveryQuery{IDs: pick, Limit: 1})))
	require.Empty(w, w.deliveries(driver.DeliveryQuery{IDs: []string{"unknown"}}))
}

func liveAndTestSelect(w *world) {
	w.subscribe("a", "x")
	w.publish("evt_live", "x")
	p := publication(acme, "evt_test", "x")
	p.Only = "a"
	require.NoError(w, w.enqueue(p)[0].Err)
	var finished []driver.Outcome
	for _, c := range w.claim(request(2)).Claims {
		finished = append(finished, outcome(c, driver.StateDead, attempt(1, 500)))
	}
	w.settleAll(finished...)
	w.publish("evt_new", "x")
	for _, x := range []struct {
		q    driver.DeliveryQuery
		want []string
	}{
		{driver.DeliveryQuery{}, []string{"new", "test", "live"}},
		{driver.DeliveryQuery{Live: true, Test: true}, []string{"new", "test", "live"}},
		{driver.DeliveryQuery{Live: true}, []string{"new", "live"}},
		{driver.DeliveryQuery{Test: true}, []string{"test"}},
		{driver.DeliveryQuery{Live: true, States: deadOnes.States}, []string{"live"}},
		{driver.DeliveryQuery{Test: true, EventID: "evt_live"}, nil},
	} {
		require.Equal(w, x.want, w.selected(x.q), "%+v", x.q)
	}
	require.Len(w, w.replay(driver.DeliveryQuery{Test: true}), 1)
	require.Equal(w, []string{"test", "test"}, w.selected(driver.DeliveryQuery{Test: true}), "so is its replay")
	require.Len(w, w.replay(driver.DeliveryQuery{Live: true}), 1)
}
