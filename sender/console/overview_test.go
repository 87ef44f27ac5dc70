package console_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

func (p *page) card(name string) string {
	p.t.Helper()
	for _, dt := range p.all("dt") {
		if inner(dt) == name {
			return inner(dt.NextSibling)
		}
	}
	require.FailNow(p.t, "no card", name)
	return ""
}

func TestOverview(t *testing.T) {
	good := sendertest.NewEndpoint(t, sendertest.Delay(30*time.Millisecond, sendertest.Status(200)))
	bad := sendertest.NewEndpoint(t, sendertest.Status(500))
	r := newRig(t, good, bad)
	r.get("/").has(200, "Nothing was sent in this time.", "No webhook yet.")
	r.subscribe(sender.Subscription{Name: "good", URL: good.URL, Events: []string{"*"}})
	r.subscribe(sender.Subscription{Name: "broken", URL: bad.URL, Events: []string{"*"}})
	paused := r.subscribe(sender.Subscription{Name: "off", URL: good.URL, Events: []string{"*"}})
	require.NoError(t, r.org.Pause(t.Context(), paused.ID))
	r.subscribe(sender.Subscription{
		Contract: "kirisan", URL: good.URL, Events: []string{"submission"},
		Devices: []sender.Device{{ID: "1", Channel: "waba"}},
	})
	r.publish(3)
	r.run()
	for _, path := range []string{"/", "/?span=6h", "/?span=24h", "/?span=nonsense"} {
		p := r.get(path).has(200, "Look at these", "One webhook waits for a test.")
		require.Equal(t, "50 %", p.card("Success"))
		require.Equal(t, "6", p.card("Attempts"))
		require.Equal(t, "3", p.card("Held"))
		require.Equal(t, "3", p.card("Dead letters"))
		require.Equal(t, "0", p.card("Due now"))
		require.Regexp(t, `^≤ `, p.card("Median"))
		require.Regexp(t, `^≤ \d+ ms$`, p.card("95th percentile"))
		require.Len(t, p.rows(), 1)
		require.Contains(t, p.rows()[0], "broken")
		require.Len(t, p.all("svg"), 3)
	}
	require.Len(t, r.get(r.get("/").link("3")).rows(), 3)
}

// noCounts is a store that cannot count, and perhaps tells no minutes either.
type noCounts struct {
	sender.Store
	fails error
}

func (s noCounts) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]driver.Minute, error) {
	if s.fails != nil {
		return nil, s.fails
	}
	return s.Store.Minutes(ctx, org, sub, back)
}

func TestOverviewOfOtherStores(t *testing.T) {
	open := func(fails error) *rig {
		s, err := sender.New(noCounts{memstore.New(), fails}, sender.Config{Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		return &rig{t, s, s.Org("acme"), mounted(t, s, console.Config{Org: acme})}
	}
	p := open(nil).get("/").ok()
	require.NotContains(t, p.text(), "Due now")
	p = open(errors.New("a text of the database's")).get("/").has(500, "Something went wrong")
	require.NotContains(t, p.Body.String(), "database's")
}
