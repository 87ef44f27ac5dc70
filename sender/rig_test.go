package sender_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// farEnd is an endpoint in process: a RoundTripper that keeps what it got and answers as told.
type farEnd struct {
	answer func(n int, r *http.Request) (*http.Response, error) // n counts from 1

	mu  sync.Mutex
	got []received
}

type received struct {
	at     time.Time
	url    string
	header http.Header
	body   []byte
}

func (f *farEnd) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.got = append(f.got, received{at: time.Now(), url: r.URL.String(), header: r.Header.Clone(), body: body})
	n := len(f.got)
	f.mu.Unlock()
	if f.answer == nil {
		return reply(200), nil
	}
	return f.answer(n, r)
}

func (f *farEnd) requests() []received {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]received(nil), f.got...)
}

// statuses answers with one status after the other, the last one for ever.
func statuses(codes ...int) *farEnd {
	return &farEnd{answer: func(n int, _ *http.Request) (*http.Response, error) {
		return reply(codes[min(n, len(codes))-1]), nil
	}}
}

func reply(code int) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("ok"))}
}

// hang answers when the request is given up.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// rig is a Sender over a memory store that delivers to a farEnd.
type rig struct {
	*sender.Sender
	org   *sender.Org
	store sender.Store
	far   *farEnd
	logs  *lockedBuffer
	stop  func() // ends Run and waits for it
}

// newRig makes a Sender and runs it until the test ends. It belongs inside a synctest bubble.
func newRig(t *testing.T, far *farEnd, cfg sender.Config) *rig {
	t.Helper()
	return newRigOn(t, memstore.New(), far, cfg)
}

func newRigOn(t *testing.T, store sender.Store, far *farEnd, cfg sender.Config) *rig {
	t.Helper()
	r := &rig{store: store, far: far, logs: &lockedBuffer{}}
	cfg.Transport = far
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	s, err := sender.New(store, cfg)
	require.NoError(t, err)
	r.Sender, r.org = s, s.Org("acme")
	r.run(t)
	return r
}

// run starts Run; it ends with the test, or with r.stop.
func (r *rig) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(r.stop)
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (r *rig) subscribe(t *testing.T, url string, events ...string) (sender.Subscription, string) {
	t.Helper()
	sub, secret, err := r.org.Subscribe(t.Context(), sender.Subscription{URL: url, Events: events})
	require.NoError(t, err)
	return sub, secret.Reveal()
}

func (r *rig) publish(t *testing.T, ev envelope.Event) sender.Receipt {
	t.Helper()
	receipt, err := r.org.Publish(t.Context(), ev)
	require.NoError(t, err)
	return receipt
}

// only returns the one delivery of the org.
func (r *rig) only(t *testing.T) sender.Delivery {
	t.Helper()
	list := r.deliveries(t, sender.DeliveryQuery{})
	require.Len(t, list, 1)
	return list[0]
}

func (r *rig) deliveries(t *testing.T, q sender.DeliveryQuery) []sender.Delivery {
	t.Helper()
	var list []sender.Delivery
	for d, err := range r.org.Deliveries(t.Context(), q) {
		require.NoError(t, err)
		list = append(list, d)
	}
	return list
}

func (r *rig) attempts(t *testing.T, id string) []sender.Attempt {
	t.Helper()
	list, err := r.org.Attempts(t.Context(), id)
	require.NoError(t, err)
	return list
}

func contactCreated(t testing.TB) envelope.Event {
	t.Helper()
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1"}})
	require.NoError(t, err)
	return ev
}

// empty is an event of a kind with nothing in it.
func empty[P any](t testing.TB, kind envelope.Kind[P]) envelope.Event {
	t.Helper()
	var payload P
	ev, err := kirim.NewEvent(kind, payload)
	require.NoError(t, err)
	return ev
}

// bubble runs a test with its own clock.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}
