//go:build unix

package harness_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/harness"
	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// outage is a durable store whose database can be away for a while.
type outage struct {
	sender.Store
	begin, end func()
}

// outages are the ways in which it can.
var outages = map[string]func(t *testing.T) outage{
	"Postgres crashes": func(t *testing.T) outage {
		server := pgtest.Start(t)
		return outage{
			onPostgres(t, server.DSN()),
			func() { require.NoError(t, server.Crash()) },
			func() { require.NoError(t, server.Restart()) },
		}
	},
	"Postgres does not answer": func(t *testing.T) outage {
		server := pgtest.Start(t)
		proxy, err := harness.NewProxy(server.Addr())
		require.NoError(t, err)
		t.Cleanup(proxy.Close)
		var thaw func()
		return outage{onPostgres(t, server.DSNVia(proxy.Addr())), func() { thaw = proxy.Freeze() }, func() { thaw() }}
	},
	"SQLite is locked": func(t *testing.T) outage {
		file := sqliteFile(t)
		store, err := sqlitestore.Open(t.Context(), file, sqlitestore.Config{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(60000)")
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		db.SetMaxOpenConns(1)
		do := func(statement string) func() {
			return func() {
				_, err := db.ExecContext(context.Background(), statement)
				require.NoError(t, err)
			}
		}
		return outage{store, do("BEGIN IMMEDIATE"), do("ROLLBACK")}
	},
}

func onPostgres(t *testing.T, dsn string) sender.Store {
	pool, err := pgxpool.New(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	store, err := pgstore.New(pool, pgstore.Config{})
	require.NoError(t, err)
	require.NoError(t, store.Migrate(t.Context()))
	return store
}

// flight is a Sender with an attempt in flight to each of its endpoints, which answer when they are told to.
type flight struct {
	*testing.T
	org     *sender.Org
	arrived chan struct{}
	answer  chan struct{}
	refused chan struct{} // closed when the store refused to settle
	cancel  func()
	ended   chan error
}

const endpoints = 20

func takeOff(t *testing.T, store sender.Store) *flight {
	f := &flight{
		T: t, arrived: make(chan struct{}, 10*endpoints), answer: make(chan struct{}), refused: make(chan struct{}),
		ended: make(chan error, 1),
	}
	refused := sync.OnceFunc(func() { close(f.refused) })
	s, err := sender.New(store, sender.Config{
		Transport: f, Logger: slog.New(slog.DiscardHandler), StoreTimeout: time.Second, ShutdownTimeout: time.Second,
		Lease: 10 * time.Minute, // more than any outage of these
		Hooks: sender.Hooks{StoreFailed: func(_ context.Context, op string, _ error) {
			if op == "settle" {
				refused()
			}
		}},
	})
	require.NoError(t, err)
	f.org = s.Org("acme")
	for i := range endpoints {
		_, _, err := f.org.Subscribe(t.Context(),
			sender.Subscription{URL: fmt.Sprintf("https://s%d.example.com/", i), Events: []string{"*"}})
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	t.Cleanup(cancel)
	go func() { f.ended <- s.Run(ctx) }()
	require.NoError(t, f.publish("evt_1"))
	for range endpoints {
		f.await(f.arrived)
	}
	return f
}

// RoundTrip is the far end of all.
func (f *flight) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	f.arrived <- struct{}{}
	select {
	case <-f.answer:
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func (f *flight) publish(id string) error {
	body := fmt.Appendf(nil, `{"id":%q,"type":"contact.created","created_at":"2026-01-02T03:04:05Z","livemode":true,"data":{}}`, id)
	_, err := f.org.Publish(f.Context(), envelope.Event{Source: envelope.Kirim, Body: body})
	return err
}

func (f *flight) await(c <-chan struct{}) {
	f.Helper()
	select {
	case <-c:
	case <-time.After(time.Minute):
		require.FailNow(f, "nothing came")
	}
}

func (f *flight) states() map[sender.State]int {
	f.Helper()
	n := map[sender.State]int{}
	for d, err := range f.org.Deliveries(f.Context(), sender.DeliveryQuery{EventID: "evt_1"}) {
		require.NoError(f, err)
		n[d.State]++
	}
	return n
}

// land stops the Sender. Its limits are a second for attempts and another for the store; what a hung database would
// be given by itself is a good deal more.
func (f *flight) land() {
	f.Helper()
	f.cancel()
	select {
	case err := <-f.ended:
		require.NoError(f, err)
	case <-time.After(20 * time.Second):
		require.FailNow(f, "Run does not end")
	}
}

// Answers that come while the database is away are written when it is back: nothing is sent again, and nothing ends for
// a fault of ours.
func TestResultsOutliveAnOutage(t *testing.T) {
	for name, open := range outages {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			f := takeOff(t, o)
			o.begin()
			close(f.answer)
			f.await(f.refused)
			require.Error(t, f.publish("evt_2"), "nothing is accepted that is not stored")
			o.end()
			require.Eventually(t, func() bool { return f.states()[sender.StateDelivered] == endpoints }, time.Minute,
				20*time.Millisecond)
			for d, err := range f.org.Deliveries(t.Context(), sender.DeliveryQuery{EventID: "evt_1"}) {
				require.NoError(t, err)
				attempts, err := f.org.Attempts(t.Context(), d.ID)
				require.NoError(t, err)
				require.Len(t, attempts, 1)
				require.Equal(t, http.StatusOK, attempts[0].StatusCode)
			}
			f.land()
		})
	}
}

// Run ends in time although the database is away, and what it could not write stays to be delivered.
func TestStopDuringAnOutage(t *testing.T) {
	for name, open := range outages {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			f := takeOff(t, o)
			o.begin()
			for range endpoints / 2 { // the others are cut off
				f.answer <- struct{}{}
			}
			f.await(f.refused)
			f.land()
			o.end()
			n := f.states()
			require.Equal(t, endpoints, n[sender.StatePending]+n[sender.StateDelivered], "%v", n)
			require.LessOrEqual(t, n[sender.StateDelivered], endpoints/2,
				"what was on its way to the database may have come through")
		})
	}
}
