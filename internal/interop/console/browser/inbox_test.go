package browser_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	inboxconsole "github.com/kirimhooks/kirimhooks/receiver/sqlinbox/console"
)

// desk is a program that receives, and mounts the console of its inbox.
type desk struct {
	*testing.T
	inbox *sqlinbox.Inbox
	base  string // of the console
	open  atomic.Bool
}

// newDesk starts one whose handler fails until it is open.
func newDesk(t *testing.T) *desk {
	d := &desk{T: t}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "inbox.db")+
		"?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	d.inbox, err = sqlinbox.New(db, sqlinbox.SQLite, receiver.HandlerFunc(d.handle), sqlinbox.Config{
		Key: func(ev *receiver.Event) string { return ev.Device }, Waits: []time.Duration{time.Hour, time.Hour},
		Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	require.NoError(t, d.inbox.Migrate(t.Context()))
	dashboard, err := inboxconsole.New(d.inbox, inboxconsole.Config{
		Changes: func(*http.Request) bool { return true }, Title: "Acme", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/admin/inbox/", http.StripPrefix("/admin/inbox", dashboard))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	d.base = server.URL + "/admin/inbox/"
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.inbox.Run(ctx) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-ended) })
	return d
}

func (d *desk) handle(_ context.Context, ev *receiver.Event) error {
	switch {
	case d.open.Load():
		return nil
	case ev.Type == "order.final":
		return receiver.Permanent(errors.New("<b>no such order</b>"))
	}
	return errors.New("<b>the books are closed</b>")
}

func (d *desk) receive(id, kind, lane string) {
	d.Helper()
	require.NoError(d, d.inbox.HandleEvent(d.Context(), &receiver.Event{
		Event: envelope.Event{ID: id, Source: envelope.Kirim, Type: kind, Device: lane, Body: []byte(`{"id":"` + id + `"}`)},
		Key:   "kirim:" + id, Dialect: "kirim", ReceivedAt: time.Now(),
	}))
}

func (d *desk) counts() sqlinbox.Counts {
	d.Helper()
	c, err := d.inbox.Counts(d.Context())
	require.NoError(d, err)
	return c
}

// filled has a blocked lane with two behind, and a dead letter.
func (d *desk) filled() *desk {
	d.Helper()
	for _, id := range []string{"evt_1", "evt_2", "evt_3"} {
		d.receive(id, "order.paid", "62811")
	}
	d.receive("evt_4", "order.final", "")
	eventually(d.T, func() bool {
		lanes, err := d.inbox.Blocked(d.Context(), 0)
		return err == nil && len(lanes) == 1 && lanes[0].Behind == 2 && d.counts().Dead == 1
	})
	return d
}

// A lane is blocked and an event dead; once the handler is mended, both are run again.
func TestRepairTheInbox(t *testing.T) {
	d := newDesk(t).filled()
	b := newTab(t, d.base)
	b.open("")
	b.await("<b>the books are closed</b>")
	b.picture("inbox-overview")
	b.click("Blocked lanes")
	b.await("The others of a lane wait until it succeeds")
	b.picture("inbox-blocked")
	d.open.Store(true)
	b.tick("All on this page")
	b.click("Retry selected now")
	b.await("One event is due now.")
	eventually(t, func() bool { return d.counts().Done == 3 })

	b.click("Dead letters")
	b.await("<b>no such order</b>")
	b.picture("inbox-dead")
	b.click("order.final")
	b.await(`"id": "evt_4"`)
	b.picture("inbox-event")
	b.click("Replay")
	b.await("It runs again, last in its lane.")
	eventually(t, func() bool { return d.counts() == sqlinbox.Counts{Done: 4} })
	b.click("Overview")
	b.await("No lane is blocked.")
}

// Its pages pass axe-core's rules, on a large screen and on a phone.
func TestAccessibilityOfTheInbox(t *testing.T) {
	d := newDesk(t).filled()
	rules := axe(t)
	b := newTab(t, d.base)
	for _, width := range []int64{1280, 390} {
		b.do(chromedp.EmulateViewport(width, 900))
		for _, path := range []string{"", "events", "blocked", "dead", "events/1", "events/4", "nothing"} {
			b.open(path)
			b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
			b.check(rules, "inbox "+path)
			fits := `String(document.documentElement.scrollWidth <= document.documentElement.clientWidth)`
			require.Equal(t, "true", b.value(fits), "%q is wider than %d px", path, width)
		}
		if width == 390 {
			b.open("blocked")
			b.picture("inbox-blocked-phone")
		}
	}
}
