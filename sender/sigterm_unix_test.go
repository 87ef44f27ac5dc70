//go:build unix

package sender_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// A pod that ends under load: not ready at once, alive until Run has returned, and each event arrives once, the rest by
// the next process.
func TestSIGTERMUnderLoad(t *testing.T) {
	const before, after = 300, 200
	var mu sync.Mutex
	got := map[string]int{}
	some := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		if got[r.Header.Get("X-Kirim-Event-Id")]++; len(got) == before/3 {
			close(some)
		}
	}))
	defer server.Close()
	store := memstore.New()
	cfg := sender.Config{AllowPrivate: loopback}
	s, err := sender.New(store, cfg)
	require.NoError(t, err)
	r := &rig{Sender: s, org: s.Org("acme")}
	r.subscribe(t, server.URL, "*")

	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	for range before {
		r.publish(t, contactCreated(t))
	}
	<-some
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGTERM))
	<-ctx.Done()
	status, _ := probe(s.Ready())
	require.Equal(t, 503, status)
	for range after { // calls that are still under way
		r.publish(t, contactCreated(t))
	}
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		require.FailNow(t, "Run did not return")
	}
	status, body := probe(s.Live())
	require.Equal(t, 503, status)
	require.JSONEq(t, `{"run":"stopped"}`, body)

	next, err := sender.New(store, cfg)
	require.NoError(t, err)
	again, cancel := context.WithCancel(t.Context())
	go func() { ended <- next.Run(again) }()
	require.Eventually(t, func() bool {
		counts, err := next.Org("acme").Counts(t.Context())
		mu.Lock()
		defer mu.Unlock()
		return err == nil && counts == (sender.Counts{}) && len(got) == before+after
	}, time.Minute, time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
	for id, n := range got {
		require.Equal(t, 1, n, "event %s", id)
	}
}
