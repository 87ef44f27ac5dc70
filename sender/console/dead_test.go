package console_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

// deadLetters makes n of them, for a subscription that is paused then so that replays stay where they are.
func (r *rig) deadLetters(url string, n int) sender.Subscription {
	r.Helper()
	sub := r.subscribe(sender.Subscription{Name: "broken", URL: url, Events: []string{"*"}})
	r.publish(n)
	r.run()
	require.NoError(r, r.org.Pause(r.Context(), sub.ID))
	return sub
}

func (r *rig) held() (n int) {
	r.Helper()
	for _, err := range r.org.Deliveries(r.Context(), sender.DeliveryQuery{States: []sender.State{sender.StateHeld}}) {
		require.NoError(r, err)
		n++
	}
	return n
}

func TestReplaySelected(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(500))
	r := newRig(t, e)
	r.get("/dead").has(200, "No dead letter fits.")
	r.deadLetters(e.URL, 3)
	p := r.get("/dead").has(200, "exhausted: status 500", "broken")
	require.Len(t, p.rows(), 3)
	var ids []string
	for _, box := range p.all("input", "name", "id") {
		ids = append(ids, attrOf(box, "value"))
	}
	require.Len(t, ids, 3)
	p = r.post("/dead", url.Values{"id": {ids[0], ids[2], ids[0], "wbd_unknown"}}).
		has(200, "2 deliveries are sent again.", "Left out", "unfinished", "not found")
	require.Equal(t, 2, r.held())
	for _, a := range p.all("a", "class", "code") {
		r.get("/logs/" + inner(a)).ok()
	}
	r.get("/dead").has(200, "replayed")
	r.post("/dead", nil).has(200, "Nothing was sent again.")
	r.post("/dead", url.Values{"id": make([]string, 51)}).has(400)
}

func TestReplayByFilter(t *testing.T) {
	e, other := sendertest.NewEndpoint(t, sendertest.Status(500)), sendertest.NewEndpoint(t, sendertest.Status(404))
	r := newRig(t, e, other)
	r.deadLetters(e.URL, 1100)
	gone := r.deadLetters(other.URL, 1)
	p := r.get("/dead?webhook=" + gone.ID)
	require.Len(t, p.rows(), 1)
	require.Len(t, p.all("select", "name", "state"), 0)
	r.get(p.link("Replay all that fit…")).has(200, "One dead letter fits.")
	before := r.held() // what was published while the first was paused

	p = r.get("/dead/all?span=1h&kind=live").
		has(200, "1,101 dead letters fit.", "Live or test: live", "The newest of them")
	require.Equal(t, before, r.held(), "a preview changes nothing")
	form := p.fields()
	require.NotEmpty(t, form.Get("until"))
	require.Empty(t, form.Get("span"), "the time of what was counted stands still")
	for _, done := range []string{"500", "1,000"} {
		p = r.post("/dead/all", form).has(200, done+" deliveries are sent again.")
		require.Len(t, p.all("form"), 1)
		form = p.fields()
	}
	p = r.post("/dead/all", form).has(200, "1,101 deliveries are sent again. That is all.")
	require.Empty(t, p.all("form"))
	require.Equal(t, 1101, r.held()-before)
	r.post("/dead/all", r.get("/dead/all").fields()).has(200, "0 deliveries are sent again. That is all.")
}

func TestReplayByFilterRefuses(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(500))
	r := newRig(t, e)
	r.deadLetters(e.URL, 2)
	r.get("/dead/all?since=yesterday").has(400)
	r.post("/dead/all", url.Values{"until": {"tomorrow"}}).has(400)
	r.post("/dead/all", nil).has(400)
	r.post("/dead/all", url.Values{"until": {"2999-01-01T00:00"}, "after": {"wbd_unknown"}}).has(404)
	r.handler = mounted(t, r.sender, console.Config{Org: acme})
	require.Empty(t, r.get("/dead").ok().all("form", "method", "post"))
	r.get("/dead/all").has(403)
	r.post("/dead/all", url.Values{"until": {"2999-01-01T00:00"}}).has(403)
	r.post("/dead", nil).has(403)
	require.Zero(t, r.held())
}
