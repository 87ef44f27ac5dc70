package storetest

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func writtenCases() []func(*world) {
	return []func(*world){
		enqueueGivesEveryTextBack,
		enqueueGivesEveryTimeBack,
		putGivesEveryTextBack,
		putGivesEveryTimeBack,
		settleTakesAnyText,
	}
}

// notText is what not every store can keep as it is.
var notText = map[string]string{
	"NUL":                 "whats\x00app",
	"not UTF-8":           "whats\xffapp",
	"half of a surrogate": "\xed\xa0\x80",
	"1 MiB":               strings.Repeat("x", 1<<20),
}

// texts are as odd and as long as those of an index may be.
var texts = map[string]string{
	"quotes":  `"'` + "`\\%_;--\t\r\n\x01",
	"letters": "ÿé 漢字 🙂 e\u0301 \u202e\ufeff",
	"1 KiB":   strings.Repeat("1234567é", 1<<10/9) + "1234567",
}

// times can be kept, as far as the store's clock ticks: all are whole microseconds.
var times = map[string]time.Time{
	"the first":           time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC),
	"the last":            time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	"a zone with seconds": time.Date(1900, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 7*3600+7*60+12)),
	"a zone past a day":   time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 30*3600)),
	"0 here, 1 in UTC":    time.Date(1, 1, 1, 1, 0, 0, 0, time.FixedZone("", -5*3600)),
}

func enqueueGivesEveryTextBack(w *world) {
	w.subscribe("a", "x")
	for name, text := range texts {
		p := publication(acme, text, "x", text)
		e := &p.Event
		e.Source, e.Type, e.Device, e.Channel, p.Trace = envelope.Source(text), text, text, text, text
		require.NoError(w, w.enqueue(p)[0].Err, name)
		got, err := w.Event(w.ctx, acme, text)
		require.NoError(w, err, name)
		require.Equal(w, *e, got.Event, name)
		require.Equal(w, text, got.Trace, name)
		c := w.one()
		require.Equal(w, *e, c.Event.Event, name)
		require.Equal(w, text, c.Delivery.EventType, name)
		require.Equal(w, []string{c.Delivery.ID}, ids(w.deliveries(driver.DeliveryQuery{EventID: text, Device: text})), name)
		require.Equal(w, []string{text}, w.eventNames(driver.EventQuery{Source: e.Source, Type: text, Channel: text}), name)
	}
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

func putGivesEveryTextBack(w *world) {
	for name, text := range texts {
		r := record(acme, text, text)
		r.Name, r.Description, r.URL, r.Contract, r.StatusReason = text, text, text, text, text
		r.Events, r.Headers = []string{text}, map[string]string{text: text}
		r.Devices = []driver.Device{{ID: text, Channel: text}}
		r.Sealed = []driver.SecretRecord{{ID: text, Sealed: []byte(text)}}
		got := w.create(r)
		got.Version = 0
		require.Equal(w, r, got, name)
		require.Equal(w, 1, w.publish("evt_"+name, text).Deliveries, name)
	}
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

// What became of a delivery is written down whatever its texts: nobody sends a request again for the sake of a
// character.
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
		for field, got := range map[string]string{"Reason": d.Reason, "ErrorClass": log[0].ErrorClass,
			"Response": log[0].Response} {
			require.True(w, utf8.ValidString(got) && !strings.ContainsRune(got, 0), "%s, %s: %.20q", field, name, got)
			require.NotEmpty(w, got, "%s, %s", field, name)
		}
	}
}
