package storetest

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func writtenCases() []func(*world) {
	return []func(*world){
		enqueueRefusesWhatCannotBeGivenBack,
		enqueueGivesEveryTimeBack,
		putRefusesWhatCannotBeGivenBack,
		putGivesEveryTimeBack,
		settleTakesAnyText,
	}
}

// notText is what not every store can keep.
var notText = map[string]string{
	"NUL":                 "whats\x00app",
	"not UTF-8":           "whats\xffapp",
	"half of a surrogate": "\xed\xa0\x80",
	"1 MiB":               strings.Repeat("x", 1<<20),
}

// notTimes lie outside the years 1 to 9999, in UTC.
var notTimes = map[string]time.Time{
	"milliseconds taken for seconds": time.Unix(1_760_000_000_000, 0),
	"the year 10000":                 time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC),
	"9999 here, 10000 in UTC":        time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -5*3600)),
	"the year 0":                     time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC),
	"the end of time":                time.Unix(math.MaxInt64, 0),
	"the beginning of time":          time.Unix(math.MinInt64, 0),
}

// times can be kept, as far as the store's clock ticks: all are whole microseconds.
var times = map[string]time.Time{
	"the first":           time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC),
	"the last":            time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	"a zone with seconds": time.Date(1900, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 7*3600+7*60+12)),
	"a zone past a day":   time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 30*3600)),
	"0 here, 1 in UTC":    time.Date(1, 1, 1, 1, 0, 0, 0, time.FixedZone("", -5*3600)),
}

func enqueueRefusesWhatCannotBeGivenBack(w *world) {
	w.subscribe("a", "x")
	odd := map[string]func(p *driver.Publication){}
	for name, text := range notText {
		for field, at := range map[string]func(p *driver.Publication) *string{
			"ID": func(p *driver.Publication) *string { return &p.Event.ID }, "Type": func(p *driver.Publication) *string { return &p.Event.Type },
			"Source": func(p *driver.Publication) *string { return (*string)(&p.Event.Source) },
			"Device": func(p *driver.Publication) *string { return &p.Event.Device }, "Channel": func(p *driver.Publication) *string { return &p.Event.Channel },
			"Trace": func(p *driver.Publication) *string { return &p.Trace }, "Only": func(p *driver.Publication) *string { return &p.Only },
			"Org": func(p *driver.Publication) *string { return &p.Org }, "a topic": func(p *driver.Publication) *string { return &p.Topics[0] },
		} {
			odd[field+": "+name] = func(p *driver.Publication) { *at(p) = text }
		}
	}
	for name, at := range notTimes {
		odd["CreatedAt: "+name] = func(p *driver.Publication) { p.Event.CreatedAt = at }
	}
	n := 0
	for name, change := range odd {
		n++
		p := publication(acme, fmt.Sprint("odd_", n), "x")
		change(&p)
		results := w.enqueue(publication(acme, fmt.Sprint("before_", n), "x"), p, publication(acme, fmt.Sprint("after_", n), "x"))
		require.ErrorIs(w, results[1].Err, driver.ErrInvalid, name)
		require.Zero(w, results[1].Deliveries, name)
		for _, i := range []int{0, 2} {
			require.NoError(w, results[i].Err, "%s takes no other along", name)
		}
	}
	require.Len(w, w.take(2*len(odd)), 2*len(odd))
	w.nothing()
}

func enqueueGivesEveryTimeBack(w *world) {
	w.subscribe("a", "x")
	for name, at := range times {
		p := publication(acme, "evt_"+strings.ReplaceAll(name, " ", "_"), "x")
		p.Event.CreatedAt = at
		require.NoError(w, w.enqueue(p)[0].Err, name)
		got, err := w.Event(w.ctx, acme, p.Event.ID)
		require.NoError(w, err, name)
		require.True(w, at.Equal(got.Event.CreatedAt), "%s: %s is not %s", name, got.Event.CreatedAt, at)
		claimed := w.one().Event.Event.CreatedAt
		require.True(w, at.Equal(claimed), "%s: %s is not %s", name, claimed, at)
	}
}

func putRefusesWhatCannotBeGivenBack(w *world) {
	odd := map[string]func(r *driver.SubscriptionRecord){}
	for name, text := range notText {
		for field, change := range map[string]func(r *driver.SubscriptionRecord){
			"ID": func(r *driver.SubscriptionRecord) { r.ID = text }, "Org": func(r *driver.SubscriptionRecord) { r.Org = text },
			"Name": func(r *driver.SubscriptionRecord) { r.Name = text }, "URL": func(r *driver.SubscriptionRecord) { r.URL = text },
			"Description":  func(r *driver.SubscriptionRecord) { r.Description = text },
			"Contract":     func(r *driver.SubscriptionRecord) { r.Contract = text },
			"StatusReason": func(r *driver.SubscriptionRecord) { r.StatusReason = text },
			"Events":       func(r *driver.SubscriptionRecord) { r.Events = []string{text} },
			"Topics":       func(r *driver.SubscriptionRecord) { r.Topics = []string{"x", text} },
			"Devices":      func(r *driver.SubscriptionRecord) { r.Devices = []driver.Device{{ID: text}} },
			"Channel":      func(r *driver.SubscriptionRecord) { r.Devices = []driver.Device{{ID: "1", Channel: text}} },
			"Headers":      func(r *driver.SubscriptionRecord) { r.Headers = map[string]string{"X-A": text} },
			"Sealed":       func(r *driver.SubscriptionRecord) { r.Sealed = []driver.SecretRecord{{ID: text}} },
		} {
			odd[field+": "+name] = change
		}
	}
	for name, at := range notTimes {
		odd["CreatedAt: "+name] = func(r *driver.SubscriptionRecord) { r.CreatedAt = at }
		odd["ActivatedAt: "+name] = func(r *driver.SubscriptionRecord) { r.ActivatedAt = at }
		odd["Sealed.CreatedAt: "+name] = func(r *driver.SubscriptionRecord) { r.Sealed = []driver.SecretRecord{{ID: "1", CreatedAt: at}} }
		odd["Sealed.ExpiresAt: "+name] = func(r *driver.SubscriptionRecord) { r.Sealed = []driver.SecretRecord{{ID: "1", ExpiresAt: at}} }
	}
	for name, rate := range map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)} {
		odd["Rate: "+name] = func(r *driver.SubscriptionRecord) { r.Rate = rate }
	}
	for name, change := range odd {
		r := record(acme, "a", "x")
		change(&r)
		_, err := w.PutSubscription(w.ctx, r)
		require.ErrorIs(w, err, driver.ErrInvalid, name)
	}
	require.Empty(w, w.listed(driver.SubscriptionQuery{Org: acme}))
	w.subscribe("a", "x")
}

func putGivesEveryTimeBack(w *world) {
	for name, at := range times {
		r := record(acme, "a_"+strings.ReplaceAll(name, " ", "_"), "x")
		r.CreatedAt, r.ActivatedAt = at, at
		r.Sealed = []driver.SecretRecord{{ID: "sec_1", Sealed: []byte("s"), CreatedAt: at, ExpiresAt: at}}
		got := w.create(r)
		for _, t := range []time.Time{got.CreatedAt, got.ActivatedAt, got.Sealed[0].CreatedAt, got.Sealed[0].ExpiresAt} {
			require.True(w, at.Equal(t), "%s: %s is not %s", name, t, at)
		}
	}
}

// What became of a delivery is written down whatever its texts: nobody sends a request again for the sake of a character.
func settleTakesAnyText(w *world) {
	w.subscribe("a", "x")
	for name, text := range notText {
		w.publish("evt_"+name, "x")
		a := attempt(1, 500)
		a.ErrorClass, a.Response = text, text
		o := outcome(w.one(), driver.StateDead, a)
		o.Reason = text
		w.settle(o)
		d := w.only("evt_" + name)
		log := w.attempts(d.ID)
		require.Len(w, log, 1, name)
		for field, got := range map[string]string{"Reason": d.Reason, "ErrorClass": log[0].ErrorClass, "Response": log[0].Response} {
			require.True(w, utf8.ValidString(got) && !strings.ContainsRune(got, 0), "%s, %s: %.20q", field, name, got)
			require.NotEmpty(w, got, "%s, %s", field, name)
		}
	}
}
