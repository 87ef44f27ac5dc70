package pgstore_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// farEnd is an endpoint in this process.
type farEnd func(r *http.Request) int

func (f farEnd) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	status := f(r)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func config(f farEnd) sender.Config {
	return sender.Config{Transport: f, Logger: slog.New(slog.DiscardHandler), MaxSubscriptions: -1}
}

// run runs a sender until the test is over, or stop is called.
func run(t testing.TB, store driver.Store, cfg sender.Config) (s *sender.Sender, stop func()) {
	t.Helper()
	s, err := sender.New(store, cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
	t.Cleanup(stop)
	return s, stop
}

func native(id string) envelope.Event {
	body := `{"id":"` + id + `","type":"contact.created","created_at":"2026-01-01T00:00:00Z","livemode":true,` +
		`"data":{"pad":"` + strings.Repeat("x", 900) + `"}}`
	return envelope.Event{ID: id, Source: envelope.Kirim, Type: "contact.created", Body: []byte(body)}
}

// Two processes share a database: each event arrives once though its first attempt fails, and one of the two is stopped
// halfway.
func TestTwoSendersShareOneDatabase(t *testing.T) {
	w := open(t)
	const events, subs = 300, 3
	var mu sync.Mutex
	seen := map[string]int{}
	var arrived atomic.Int64
	far := farEnd(func(r *http.Request) int {
		key := r.URL.Host + r.Header.Get("X-Kirim-Event-Id")
		mu.Lock()
		defer mu.Unlock()
		seen[key]++
		if seen[key] == 1 && len(seen)%10 == 0 {
			return http.StatusServiceUnavailable
		}
		arrived.Add(1)
		return http.StatusOK
	})
	cfg := config(far)
	contract := sender.Kirim()
	contract.Schedule, contract.Jitter = sender.Waits{time.Millisecond, time.Millisecond}, -1
	cfg.Contracts = []sender.Contract{contract}
	one, stop := run(t, w.peer(), cfg)
	two, _ := run(t, w.peer(), cfg)
	publisher, err := sender.New(w.Store, cfg) // it never runs: others deliver
	require.NoError(t, err)
	org := func(s *sender.Sender) *sender.Org { return s.Org("a") }
	for i := range subs {
		_, _, err := org(publisher).Subscribe(t.Context(), everything(fmt.Sprint("s", i)))
		require.NoError(t, err)
	}
	var wg sync.WaitGroup
	for i, s := range []*sender.Sender{one, two, publisher} {
		wg.Go(func() {
			for n := range events / 3 {
				if _, err := org(s).Publish(t.Context(), native(fmt.Sprintf("evt_%d_%d", i, n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	stop()
	require.Eventually(t, func() bool { return arrived.Load() == events*subs }, 30*time.Second, 10*time.Millisecond)
	done := func() bool { return w.count("select count(*) from {schema}.unfinished_deliveries") == 0 }
	require.Eventually(t, done, 30*time.Second, 10*time.Millisecond)
	require.EqualValues(t, events*subs, arrived.Load(), "none twice")
	require.Equal(t, events*subs, w.count("select count(*) from {schema}.attempts where state = 1"))
	require.Zero(t, w.count("select count(*) from {schema}.attempts where state <> 1 and state <> 0 or lapsed"))
}

// An event that a host published in its own transaction is delivered by whoever runs, soon.
func TestAnEventOfATransactionWakesARunningSender(t *testing.T) {
	w := open(t)
	arrived := make(chan string, 1)
	cfg := config(func(r *http.Request) int {
		arrived <- r.Header.Get("X-Kirim-Event-Id")
		return http.StatusOK
	})
	cfg.PollInterval = time.Hour
	s, _ := run(t, w.peer(), cfg)
	_, _, err := s.Org("a").Subscribe(t.Context(), everything("s"))
	require.NoError(t, err)
	listening := func() bool { return w.count("select count(*) from {schema}.processes") == 1 }
	require.Eventually(t, listening, 10*time.Second, 10*time.Millisecond)
	w.publishTx(cfg, "evt_1")
	select {
	case id := <-arrived:
		require.Equal(t, "evt_1", id)
	case <-time.After(20 * time.Second):
		t.Fatal("nobody was woken")
	}
}

// publishTx publishes in a transaction of the host, in a process that delivers nothing.
func (w *world) publishTx(cfg sender.Config, id string) {
	w.Helper()
	host, err := sender.New(w.Store, cfg)
	require.NoError(w, err)
	tx, err := w.pool.Begin(w.ctx)
	require.NoError(w, err)
	_, err = host.Org("a").PublishTx(w.ctx, w.Tx(tx), native(id))
	require.NoError(w, err)
	require.NoError(w, tx.Commit(w.ctx))
}

// Nobody is woken by anything here: polling finds what others published.
func TestPollingIsEnough(t *testing.T) {
	w := open(t)
	arrived := make(chan string, 10)
	cfg := config(func(r *http.Request) int {
		arrived <- r.Header.Get("X-Kirim-Event-Id")
		return http.StatusOK
	})
	cfg.PollInterval = 10 * time.Millisecond
	s, _ := run(t, struct{ driver.Store }{w.peer()}, cfg)
	_, _, err := s.Org("a").Subscribe(t.Context(), everything("s"))
	require.NoError(t, err)
	for i := range 5 {
		id := fmt.Sprintf("evt_%d", i)
		w.publishTx(cfg, id)
		select {
		case got := <-arrived:
			require.Equal(t, id, got)
		case <-time.After(20 * time.Second):
			t.Fatal("nobody looks")
		}
	}
}
