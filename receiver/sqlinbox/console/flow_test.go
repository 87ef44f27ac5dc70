package console_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

func TestOverview(t *testing.T) {
	r := newRig(t)
	r.get("/").has(200, "No lane is blocked.", "No dead letter fits.").hasNot("alert")
	r.receive("a1", "bad", "lane-a")
	r.receive("a2", "good", "lane-a")
	r.receive("b1", "good", "lane-b")
	r.receive("c1", "fatal", "")
	r.run(3)
	p := r.get("/").has(200, "lane-a", "the books are closed", `class="alert"`).hasNot("lane-b")
	require.Equal(t, sqlinbox.Counts{Waiting: 2, Done: 1, Dead: 1}, r.counts())
	r.get(p.link("dead")).has(200, "c1")
	r.get(p.link("events.state=done")).has(200, "b1").hasNot(">a1<")
}

func TestBlockedLane(t *testing.T) {
	r := newRig(t)
	r.get("/blocked").has(200, "No lane is blocked.")
	r.receive("a1", "bad", "lane-a")
	r.receive("a2", "good", "lane-a")
	r.receive("a3", "good", "lane-a")
	r.receive("b1", "bad", "")
	r.run(2)
	p := r.get("/blocked").has(200, "lane-a", "a1", "the books are closed", `data-label="Waiting behind">2<`, "in ").
		hasNot("b1", "a2")
	ids := p.ids()
	require.Len(t, ids, 1)
	r.get(p.link("events.lane=")).has(200, "a1", "a2", "a3").hasNot("b1")
	r.get("/events/"+ids[0]).has(200, "Next run", "Last error", "a1")

	r.post("/events", url.Values{"do": {"retry"}, "id": ids}).has(200, "One event is due now.")
	r.run(1) // and it is dead
	r.get("/dead").has(200, "a1")
	require.Equal(t, 1, r.counts().Dead)
}

func TestRetryAndCancelOne(t *testing.T) {
	r := newRig(t)
	r.receive("a1", "bad", "lane-a")
	r.receive("a2", "good", "lane-a")
	r.run(1)
	head := r.get("/blocked").ids()[0]
	behind := r.get("/events").ids()[0]
	r.post("/events/"+behind, url.Values{"do": {"retry"}}).has(409, "Not any more", "waits for its turn in its lane")
	r.post("/events/"+head, url.Values{"do": {"retry"}}).has(200, "It is due now and runs next.")
	r.post("/events/"+head, url.Values{"do": {"cancel"}}).has(200, "Cancelled. Its lane goes on.", ">Replay<")
	r.post("/events/"+head, url.Values{"do": {"cancel"}}).has(409)
	r.post("/events/"+head, url.Values{"do": {"delete"}}).has(400)
	r.post("/events/123", url.Values{"do": {"cancel"}}).has(404)
	r.run(1)
	require.Equal(t, sqlinbox.Counts{Done: 1, Cancelled: 1}, r.counts())
}

func TestReplaySelected(t *testing.T) {
	r := newRig(t)
	for i := range 3 {
		r.receive(fmt.Sprint("dead-", i), "fatal", "")
	}
	r.run(3)
	ids := r.get("/dead").has(200, "dead-0", "dead-1", "dead-2", "Replay selected").ids()
	require.Len(t, ids, 3)
	form := url.Values{"do": {"replay"}, "id": {ids[0], ids[2], ids[0], "999"}}
	r.post("/events", form).has(200, "2 events run again.", "Left out", "not found", "is waiting")
	require.Equal(t, sqlinbox.Counts{Waiting: 2, Dead: 1}, r.counts())
	r.post("/events", url.Values{"do": {"replay"}}).has(200, "Nothing was changed.")
	r.post("/events", url.Values{"do": {"replay"}, "id": make([]string, 51)}).has(400)
	r.post("/events", url.Values{"do": {"replay"}, "id": {"x"}}).has(400)
	r.post("/events", url.Values{"do": {"cancel"}, "id": r.get("/events").ids()}).has(200, "2 events are cancelled.")
	r.post("/events/"+ids[1], url.Values{"do": {"replay"}}).has(200, "It runs again, last in its lane.", "Waiting")
}

func TestPages(t *testing.T) {
	r := newRig(t)
	for i := range 51 {
		r.receive(fmt.Sprintf("ev-%02d", i), "good", "")
	}
	p := r.get("/events?lane=").has(200, "ev-50", "ev-01").hasNot("ev-00", "Newest")
	p = r.get(p.link("before=")).has(200, "ev-00", "Newest").hasNot("ev-01", "Older")
	r.get(p.link("state=waiting")).has(200, "ev-50")
}

func TestOneEvent(t *testing.T) {
	r := newRig(t)
	r.receive("a1", "contact.created", "62811")
	id := r.only(sqlinbox.Waiting)
	p := r.get("/events/"+id).has(200, "contact.created", "wbd_a1", "kirim:a1", "62811", "&#34;n&#34;: 1", "17 bytes")
	require.Contains(t, p.Body.String(), "{&#34;id&#34;:&#34;a1&#34;,&#34;n&#34;:1}", "as it came")
	raw := r.get(p.link("body"))
	require.Equal(t, `{"id":"a1","n":1}`, raw.Body.String())
	require.Contains(t, raw.Header().Get("Content-Disposition"), "attachment")
	r.get(p.link("lane=")).has(200, "a1")
}

// What others wrote cannot become markup, nor pose as another text.
func TestHostileTexts(t *testing.T) {
	r := newRig(t)
	evil := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	r.why = evil
	r.receive(evil, "bad", evil+"\u202e")
	r.receive("dead"+evil, "fatal", "")
	r.receive(evil+"\u202e", "<b>type</b>\u202e", "")
	r.run(3)
	paths := []string{"/", "/events", "/events?state=done", "/blocked", "/dead", "/events?lane=" + url.QueryEscape(evil)}
	for _, id := range []string{"1", "2", "3"} {
		paths = append(paths, "/events/"+id)
	}
	for _, path := range paths {
		r.get(path).has(200).hasNot("<script>", "<img", "<b>", "\u202e")
	}
	p := r.get("/blocked")
	r.get(p.link("events.lane=")).has(200, p.ids()[0]) // found by what stands for its name
	raw := r.get("/events/1/body").has(200)
	require.Equal(t, "text/plain; charset=utf-8", raw.Header().Get("Content-Type"))
	require.Equal(t, "nosniff", raw.Header().Get("X-Content-Type-Options"))
}
