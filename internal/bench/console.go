package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
)

const (
	consolePage = 50   // rows
	deepPage    = 1000 // that the cursor goes to
	consoleMs   = 50   // within which 99 of 100 pages must be there
)

// consoles is how long a person waits for a page of the dashboard, and what that costs the deliveries.
func consoles() measurement {
	return measurement{
		name: "console",
		what: "pages of the dashboard with many deliveries of one organisation, and deliveries while it is open",
		run: func(ctx context.Context, b *bench) error {
			n := b.pick(100_000, 1_000_000)
			pg, err := b.postgres()
			if err != nil {
				return err
			}
			for _, open := range []func(context.Context, int) (*filled, func(), error){pg.filled, sqliteFilled} {
				f, done, err := open(ctx, n)
				if err != nil {
					return err
				}
				err = b.looks(ctx, f)
				done()
				if err != nil {
					return fmt.Errorf("%s: %w", f.name, err)
				}
			}
			return b.delivers(ctx)
		},
	}
}

// looks loads each page of the dashboard many times.
func (b *bench) looks(ctx context.Context, f *filled) error {
	pages, err := f.pages(ctx)
	if err != nil {
		return err
	}
	h, err := dashboard(f.hooks)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "%d deliveries, %s\n", f.n, f.name)
	t := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\trows\tp50 ms\tp99 ms\tmax ms\t")
	var budgets []budget
	for _, p := range pages {
		took, rows, err := load(ctx, h, p.path, b.pick(50, 200))
		if err != nil {
			return err
		}
		p99 := millis(quantile(took, 0.99))
		fmt.Fprintf(t, "%s\t%d\t%.2f\t%.2f\t%.2f\t\n", p.name, rows, millis(quantile(took, 0.5)), p99,
			millis(quantile(took, 1)))
		budgets = append(budgets, atMost(fmt.Sprintf("console-%s-%s-ms", f.name, p.name), p99, consoleMs))
	}
	t.Flush()
	b.judge(budgets...)
	return nil
}

// dashboard shows the org of this command.
func dashboard(s *sender.Sender) (http.Handler, error) {
	return console.New(s, console.Config{
		Org:    func(*http.Request) (string, error) { return "bench", nil },
		Logger: slog.New(slog.DiscardHandler),
	})
}

// load asks for a page n times, but no longer than some seconds. It counts the rows that the page shows.
func load(ctx context.Context, h http.Handler, path string, n int) (took []time.Duration, rows int, err error) {
	const most, least = 5 * time.Second, 5
	end := time.Now().Add(most)
	for i := 0; i <= n && (i <= least || time.Now().Before(end)); i++ {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		w := httptest.NewRecorder()
		began := time.Now()
		h.ServeHTTP(w, r)
		if i > 0 { // the first one is to warm up
			took = append(took, time.Since(began))
		}
		if w.Code != http.StatusOK {
			return nil, 0, fmt.Errorf("%s: status %d", path, w.Code)
		}
		rows = max(strings.Count(w.Body.String(), "<tr>")-1, 0)
	}
	slices.Sort(took)
	return took, rows, nil
}

// page is one of the dashboard.
type page struct{ name, path string }

// pages are the lists with each filter, for what there is much of and for what is rare, and far down.
func (f *filled) pages(ctx context.Context) ([]page, error) {
	now := time.Now().UTC()
	at := func(days float64) string {
		return now.Add(-time.Duration(days * 24 * float64(time.Hour))).Format("2006-01-02T15:04:05")
	}
	list := []page{{"logs", "logs"}, {"dead", "dead"}, {"events", "events"}}
	for _, x := range []struct{ name, filter, value string }{
		{"subscription", "webhook", f.subs[3]},
		{"type", "type", "load.e4"}, {"type-rare", "type", "load.rare"},
		{"device", "device", "device4"}, {"device-rare", "device", "rare"},
		{"channel", "channel", "whatsapp"}, {"channel-rare", "channel", "telegram"},
		{"delivered", "state", "delivered"}, {"pending", "state", "pending"}, {"cancelled", "state", "cancelled"},
		{"live", "kind", "live"}, {"test", "kind", "test"},
		{"hour", "span", "1h"}, {"since", "since", at(0.01)}, {"until", "until", at(5)},
		{"event", "event", fmt.Sprint("evt_", f.n/2)},
	} {
		query := url.Values{x.filter: {x.value}}.Encode()
		list = append(list, page{"logs-" + x.name, "logs?" + query})
		if x.filter != "state" {
			list = append(list, page{"dead-" + x.name, "dead?" + query})
		}
		if !slices.Contains([]string{"state", "kind", "webhook", "event"}, x.filter) {
			list = append(list, page{"events-" + x.name, "events?" + query})
		}
	}
	deep, err := f.deep(ctx)
	for i := range list {
		list[i].path = "/" + list[i].path
	}
	return append(list, deep...), err
}

// deep are the lists after the rows of the pages before.
func (f *filled) deep(ctx context.Context) ([]page, error) {
	last, err := f.after(ctx, sender.DeliveryQuery{})
	if err != nil {
		return nil, err
	}
	dead, err := f.after(ctx, sender.DeliveryQuery{States: []sender.State{sender.StateDead}})
	return []page{
		{"logs-deep", "/logs?after=" + last},
		{"dead-deep", "/dead?after=" + dead},
		{"events-deep", "/events?after=" + fmt.Sprint("evt_", f.n-f.deepest(f.n))},
	}, err
}

// deepest is how many of so many rows stand before the page far down.
func (f *filled) deepest(n int) int { return min((deepPage-1)*consolePage, n-consolePage-1) }

func (f *filled) after(ctx context.Context, q sender.DeliveryQuery) (last string, err error) {
	n := f.n
	if len(q.States) > 0 {
		n /= 10 // one of ten is dead
		n -= f.n / 100
	}
	q.Limit = f.deepest(n)
	for d, err := range f.org.Deliveries(ctx, q) {
		if err != nil {
			return "", err
		}
		last = d.ID
	}
	if last == "" {
		err = errors.New("no delivery is listed")
	}
	return last, err
}
