package sender_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// BenchmarkPublish stores events for one subscription, without delivering them.
func BenchmarkPublish(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s, err := sender.New(memstore.New(), sender.Config{})
			require.NoError(b, err)
			org := s.Org("acme")
			_, _, err = org.Subscribe(b.Context(), sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
			require.NoError(b, err)
			ev := contactCreated(b)
			id, body := ev.ID, string(ev.Body)
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(callers)
			publish := func() {
				ev := ev
				ev.ID = fmt.Sprintf("evt_%026d", n.Add(1))
				ev.Body = []byte(strings.Replace(body, id, ev.ID, 1))
				if _, err := org.Publish(b.Context(), ev); err != nil {
					b.Error(err)
				}
			}
			if callers == 1 {
				for b.Loop() {
					publish()
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					publish()
				}
			})
		})
	}
}

// instant answers every request at once.
type instant struct{ left atomic.Int64 }

func (i *instant) RoundTrip(r *http.Request) (*http.Response, error) {
	i.left.Add(-1)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
}

// BenchmarkDeliver drains a backlog in process: claim, sign, send, settle.
func BenchmarkDeliver(b *testing.B) {
	for _, subscriptions := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("subscriptions=%d", subscriptions), func(b *testing.B) { deliver(b, subscriptions) })
	}
}

func deliver(b *testing.B, subscriptions int) {
	far := &instant{}
	done := make(chan struct{}, 1)
	var finished atomic.Int64
	s, err := sender.New(memstore.New(), sender.Config{
		Transport: far, Logger: slog.New(slog.DiscardHandler), MaxSubscriptions: -1,
		Hooks: sender.Hooks{Finished: func(context.Context, sender.Delivery) {
			if finished.Add(1) == int64(b.N) {
				done <- struct{}{}
			}
		}},
	})
	require.NoError(b, err)
	for i := range subscriptions {
		_, _, err := s.Org("acme").Subscribe(b.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{fmt.Sprintf("contact.%d", i), "contact.created"}})
		require.NoError(b, err)
	}
	for published := 0; published < b.N; published += subscriptions {
		_, err := s.Org("acme").Publish(b.Context(), contactCreated(b))
		require.NoError(b, err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	b.ReportAllocs()
	b.ResetTimer()
	go func() { ended <- s.Run(ctx) }()
	<-done
	b.StopTimer()
	cancel()
	require.NoError(b, <-ended)
}
