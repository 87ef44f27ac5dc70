package console_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

func TestLogsOfNothing(t *testing.T) {
	r := newRig(t)
	r.get("/logs").ok().has(200, "No delivery fits.", "Deliveries appear here")
	require.NotContains(t, r.get("/logs?state=dead").text(), "Deliveries appear here")
}

func TestLogsComeInPages(t *testing.T) {
	r := newRig(t)
	r.subscribe(sender.Subscription{Name: "CRM", URL: "https://example.com/", Events: []string{"*"}})
	r.publish(120)
	seen := 0
	p := r.get("/logs").ok()
	for range 2 {
		require.Len(t, p.rows(), 50)
		seen += len(p.rows())
		p = r.get(p.link("Older")).ok()
	}
	require.Len(t, p.rows(), 20)
	require.NotContains(t, p.text(), "Older")
	require.Equal(t, "/logs?", p.link("Newest"))
	r.get("/logs?after=wbd_unknown").has(404)
}

func TestLogsFilter(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(200))
	r := newRig(t, e)
	crm := r.subscribe(sender.Subscription{Name: "CRM", URL: e.URL, Events: []string{"contact.created"}})
	paused := r.subscribe(sender.Subscription{Name: "Paused", URL: e.URL, Events: []string{"contact.*"}})
	require.NoError(t, r.org.Pause(t.Context(), paused.ID))
	event := r.publish(1)
	r.run()
	_, err := r.org.Test(t.Context(), crm.ID, sender.TestRequest{})
	require.NoError(t, err)
	for query, want := range map[string]int{
		"":                                  3,
		"state=delivered":                   2,
		"state=held":                        1,
		"state=nonsense":                    3,
		"webhook=" + crm.ID:                 2,
		"webhook=unknown":                   0,
		"kind=test":                         1,
		"kind=live":                         2,
		"type=contact.created":              3,
		"type=contact.updated":              0,
		"event=" + event:                    2,
		"span=1h":                           3,
		"until=2020-01-01T00:00":            0,
		"since=2020-01-01T00:00":            3,
		"since=2020-01-01&until=2999-01-01": 3,
		"channel=waba":                      0,
		"device=62812":                      0,
	} {
		require.Len(t, r.get("/logs?"+query).ok().rows(), want, query)
	}
	r.get("/logs?since=yesterday").has(200, "Write it as 2026-01-31T09:30.")
	row := r.get("/logs?state=delivered&kind=live").rows()[0]
	require.True(t, strings.HasPrefix(row, "Delivered contact.created"), row)
	require.Contains(t, row, "CRM")
	require.NoError(t, r.org.Unsubscribe(t.Context(), crm.ID))
	require.Contains(t, r.get("/logs?kind=test").rows()[0], "removed")
}
