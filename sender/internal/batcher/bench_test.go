package batcher_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/internal/batcher"
)

// BenchmarkCallers is as many callers as named, each of which calls again once it is answered. A call takes as long as
// a commit of a database does. items/call is how well they share.
func BenchmarkCallers(b *testing.B) {
	for _, callers := range []int{1, 4, 16, 64} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			var calls, n atomic.Int64
			shared := batcher.New(batcher.Config[[]byte, int]{
				Write: func(_ context.Context, items [][]byte) ([]int, error) {
					calls.Add(1)
					time.Sleep(time.Millisecond)
					return make([]int, len(items)), nil
				},
				Own: bytes.Clone, Bytes: func(item []byte) int { return len(item) },
				MaxBytes: 1 << 20, Size: batcher.NewSize(256, time.Second),
			})
			b.ReportAllocs()
			b.ResetTimer()
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for n.Add(1) <= int64(b.N) {
						_, _ = shared.Do(b.Context(), make([]byte, 100))
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/float64(calls.Load()), "items/call")
		})
	}
}
