package sender_test

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// A store that takes long for each row is asked for fewer at once, until it gets done in time; then for more again.
func TestASlowStoreShrinksBatches(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var perRow atomic.Int64
		var mu sync.Mutex
		published, settled := []int{}, []int{}
		store := newHooked()
		store.enqueue = func(pubs []driver.Publication) error {
			time.Sleep(time.Duration(len(pubs)) * time.Duration(perRow.Load()))
			mu.Lock()
			defer mu.Unlock()
			published = append(published, len(pubs))
			return nil
		}
		store.settle = func(outcomes []driver.Outcome) error {
			time.Sleep(time.Duration(len(outcomes)) * time.Duration(perRow.Load()))
			mu.Lock()
			defer mu.Unlock()
			settled = append(settled, len(outcomes))
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{PerSubscription: 256})
		r.subscribe(t, "https://example.com/", "*")
		publish := func(n int) {
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() { r.publish(t, contactCreated(t)) })
			}
			wg.Wait()
		}
		perRow.Store(int64(35 * time.Millisecond)) // 256 rows take 9 s, and 2.5 s are slow
		for range 4 {
			publish(600)
		}
		time.Sleep(time.Hour)
		mu.Lock()
		for _, list := range [][]int{published, settled} {
			for _, n := range list[len(list)-10:] {
				require.LessOrEqual(t, n, 128)
			}
		}
		published = nil
		mu.Unlock()
		perRow.Store(int64(time.Microsecond))
		for range 6 {
			publish(600)
		}
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, 256, slices.Max(published), "once it is quick again")
	})
}

// All endpoints are down for hours and come back at once. What is due for them is spread, and each is met with one
// attempt first; two processes together never pass twice the bound of one.
func TestTheHerdAfterAnOutageOfAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const endpoints, each, perSubscription = 50, 12, 4
		var down atomic.Bool
		down.Store(true)
		var mu sync.Mutex
		now, peak, perSecond := map[string]int{}, 0, map[int64]int{}
		far := &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if down.Load() {
				return reply(503), nil
			}
			mu.Lock()
			now[r.URL.Path]++
			peak = max(peak, now[r.URL.Path])
			perSecond[time.Now().Unix()]++
			mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			now[r.URL.Path]--
			return reply(200), nil
		}}
		store := newHooked()
		cfg := sender.Config{PerSubscription: perSubscription}
		r := newRigOn(t, store, far, cfg)
		other := newRigOn(t, store, far, cfg)
		defer other.stop()
		for i := range endpoints {
			r.subscribe(t, "https://example.com/"+string(rune('A'+i)), "*")
		}
		for range each {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(90 * time.Minute)
		down.Store(false)
		mu.Lock()
		clear(perSecond)
		mu.Unlock()
		time.Sleep(6 * time.Hour)
		mu.Lock()
		defer mu.Unlock()
		arrived, busiest := 0, 0
		for _, n := range perSecond {
			arrived, busiest = arrived+n, max(busiest, n)
		}
		require.Equal(t, endpoints*each, arrived)
		require.Less(t, busiest, arrived/10, "they do not come in one second")
		require.LessOrEqual(t, peak, 2*perSubscription)
	})
}
