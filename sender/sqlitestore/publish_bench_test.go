package sqlitestore_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// BenchmarkPublish is one event for one subscription, by as many callers at once, each of which calls again once
// answered.
func BenchmarkPublish(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s, err := sender.New(open(b, file(b), sqlitestore.Config{}), sender.Config{})
			require.NoError(b, err)
			org := s.Org("a")
			_, _, err = org.Subscribe(b.Context(), sender.Subscription{URL: "https://s.example.com/", Events: []string{"*"}})
			require.NoError(b, err)
			var n atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range callers {
				wg.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						body := fmt.Sprintf(`{"id":"evt_%d","type":"contact.created","created_at":"2026-01-01T00:00:00Z","data":{}}`, i)
						if _, err := org.Publish(b.Context(), envelope.Event{Source: envelope.Kirim, Body: []byte(body)}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
