package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

func queryCases() []func(*world) {
	return []func(*world){
		everyFilterSelects,
		filtersJoin,
		filtersHoldOnEveryPage,
		sinceIsIncludedAndUntilIsNot,
		idsPickDeliveries,
	}
}

// diverse makes four deliveries that differ in all that a query can ask for.
func (w *world) diverse() map[string]sender.Delivery {
	w.Helper()
	made := map[string]sender.Delivery{}
	for _, x := range []struct {
		name, typ, device, channel string
		state                      sender.State
	}{
		{"one", "incoming_message", "6281", "whatsapp", sender.StateDelivered},
		{"two", "incoming_message", "bot", "telegram", sender.StateDead},
		{"three", "message.status", "6281", "whatsapp", sender.StateCancelled},
		{"four", "submission", "6282", "waba", sender.StatePending},
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

func (w *world) selected(q sender.DeliveryQuery) []string {
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
		q    sender.DeliveryQuery
		want []string
	}{
		{sender.DeliveryQuery{}, []string{"four", "three", "two", "one"}},
		{sender.DeliveryQuery{Subscription: "sub_two"}, []string{"two"}},
		{sender.DeliveryQuery{Subscription: "unknown"}, nil},
		{sender.DeliveryQuery{EventID: "evt_three"}, []string{"three"}},
		{sender.DeliveryQuery{EventID: "unknown"}, nil},
		{sender.DeliveryQuery{EventType: "incoming_message"}, []string{"two", "one"}},
		{sender.DeliveryQuery{EventType: "incoming"}, nil},
		{sender.DeliveryQuery{Device: "6281"}, []string{"three", "one"}},
		{sender.DeliveryQuery{Channel: "waba"}, []string{"four"}},
		{sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}, []string{"one"}},
		{sender.DeliveryQuery{States: []sender.State{sender.StateDead, sender.StatePending}}, []string{"four", "two"}},
		{sender.DeliveryQuery{States: []sender.State{sender.StateHeld}}, nil},
	} {
		require.Equal(w, x.want, w.selected(x.q), "%+v", x.q)
	}
}

func filtersJoin(w *world) {
	made := w.diverse()
	require.Equal(w, []string{"one"}, w.selected(sender.DeliveryQuery{Device: "6281", EventType: "incoming_message"}))
	require.Empty(w, w.selected(sender.DeliveryQuery{Device: "bot", Channel: "whatsapp"}))
	require.Empty(w, w.selected(sender.DeliveryQuery{Subscription: "sub_one", EventID: "evt_two"}))
	require.Equal(w, []string{"two"}, w.selected(sender.DeliveryQuery{
		IDs: []string{made["one"].ID, made["two"].ID}, States: []sender.State{sender.StateDead},
	}))
}

func filtersHoldOnEveryPage(w *world) {
	w.subscribe("a", "x")
	w.subscribe("b", "x")
	w.publishMany("evt_", 10, "x")
	seen := map[string]bool{}
	q := sender.DeliveryQuery{Subscription: "a", Limit: 3}
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
	both := w.deliveries(sender.DeliveryQuery{EventID: "last"})
	require.Len(w, both, 2)
	require.Equal(w, ids(both[1:]), ids(w.deliveries(sender.DeliveryQuery{EventID: "last", After: both[0].ID})))
}

func sinceIsIncludedAndUntilIsNot(w *world) {
	w.subscribe("a", "x")
	var at []time.Time
	for _, name := range []string{"one", "two", "three"} {
		w.publish("evt_"+name, "x")
		at = append(at, w.only("evt_"+name).CreatedAt)
		w.pass(w.moment / 10)
	}
	require.Equal(w, []string{"three", "two"}, w.selected(sender.DeliveryQuery{Since: at[1]}))
	require.Equal(w, []string{"one"}, w.selected(sender.DeliveryQuery{Until: at[1]}))
	require.Equal(w, []string{"two"}, w.selected(sender.DeliveryQuery{Since: at[1], Until: at[2]}))
	require.Equal(w, []string{"two"}, w.selected(sender.DeliveryQuery{Since: at[1].In(time.FixedZone("WIB", 7*3600)), Until: at[2]}))
	require.Empty(w, w.selected(sender.DeliveryQuery{Since: at[2].Add(time.Hour)}))
	require.Empty(w, w.selected(sender.DeliveryQuery{Until: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}))
	require.Empty(w, w.selected(sender.DeliveryQuery{Since: at[2], Until: at[0]}))
}

func idsPickDeliveries(w *world) {
	all := w.logOf(10)
	pick := []string{all[7], all[2], "00000000000000000000000000", "unknown", "", all[7]}
	require.Equal(w, []string{all[2], all[7]}, ids(w.deliveries(sender.DeliveryQuery{IDs: pick})), "newest first, each once")
	require.Equal(w, []string{all[7]}, ids(w.deliveries(sender.DeliveryQuery{IDs: pick, After: all[2]})))
	require.Equal(w, []string{all[2]}, ids(w.deliveries(sender.DeliveryQuery{IDs: pick, Limit: 1})))
	require.Empty(w, w.deliveries(sender.DeliveryQuery{IDs: []string{"unknown"}}))
}
