package sender_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// A transaction that callers share has bounds.
func TestGroupsOfPublishersAreBounded(t *testing.T) {
	for name, tt := range map[string]struct{ callers, body int }{"many": {600, 10}, "large": {30, 1 << 20}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				store := newHooked()
				gate := make(chan struct{})
				var once sync.Once
				var most, largest int
				store.enqueue = func(pubs []driver.Publication) error {
					once.Do(func() { <-gate })
					bytes := 0
					for i := range pubs {
						bytes += len(pubs[i].Event.Body)
					}
					most, largest = max(most, len(pubs)), max(largest, bytes)
					return nil
				}
				r := newRigOn(t, store, statuses(200), sender.Config{Contracts: []sender.Contract{acme()}})
				var wg sync.WaitGroup
				for range tt.callers {
					wg.Go(func() {
						r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte(`"` + strings.Repeat("x", tt.body-2) + `"`)})
					})
				}
				synctest.Wait()
				close(gate)
				wg.Wait()
				require.LessOrEqual(t, most, 256)
				require.LessOrEqual(t, largest, 8<<20)
				require.Greater(t, most, 1)
			})
		})
	}
}

// overlapping is a store that says how many of its transactions overlap.
type overlapping struct {
	*hooked
	overlap int
}

func (o overlapping) Overlap() int { return o.overlap }

func TestPublishersLeadAsManyGroupsAsTheStoreOverlaps(t *testing.T) {
	for _, want := range []int{1, 2, 5} {
		bubble(t, func(t *testing.T) {
			store := newHooked()
			gate := make(chan struct{})
			var now, most atomic.Int64
			store.enqueue = func([]driver.Publication) error {
				most.Store(max(now.Add(1), most.Load()))
				defer now.Add(-1)
				<-gate
				return nil
			}
			r := newRigOn(t, overlapping{store, want}, statuses(200), sender.Config{})
			var wg sync.WaitGroup
			for range want + 2 { // each crowd that has to wait begins another group, as long as there may be one
				for range 20 {
					wg.Go(func() { r.publish(t, contactCreated(t)) })
				}
				synctest.Wait()
			}
			require.EqualValues(t, want, now.Load())
			close(gate)
			wg.Wait()
			require.EqualValues(t, want, most.Load())
		})
	}
}

// Callers that give up at the very moment at which they are to lead hand the lead on.
func TestPublishersThatGiveUpLeaveNobodyBehind(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		store.enqueue = func([]driver.Publication) error {
			time.Sleep(time.Millisecond)
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		for range 100 {
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+i%3)*time.Millisecond)
					defer cancel()
					_, _ = r.org.Publish(ctx, contactCreated(t))
				})
			}
			wg.Wait()
			began := time.Now()
			r.publish(t, contactCreated(t))
			require.Less(t, time.Since(began), time.Second)
		}
	})
}

// A store that panics takes down the caller on whose goroutine it does, and no other: hosts recover from the panics of
// a request.
func TestStoreThatPanicsEndsOneCallerOfAGroup(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		gate := make(chan struct{})
		var once, bug sync.Once
		store.enqueue = func(pubs []driver.Publication) error {
			once.Do(func() { <-gate })
			if len(pubs) > 1 {
				bug.Do(func() { panic("a bug of the driver") })
			}
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		var wg sync.WaitGroup
		var published, panicked atomic.Int64
		publish := func() {
			defer func() {
				if recover() != nil {
					panicked.Add(1)
				}
			}()
			r.publish(t, contactCreated(t))
			published.Add(1)
		}
		wg.Go(publish)
		synctest.Wait()
		for range 19 {
			wg.Go(publish)
		}
		synctest.Wait() // one is inside the store, 19 wait
		close(gate)
		wg.Wait()
		require.EqualValues(t, 1, panicked.Load())
		require.EqualValues(t, 19, published.Load())
	})
}

// A store that hangs holds callers up for as long as it had held up one of them before, and once more.
func TestStoreThatHangsAnswersAGroupTogether(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &deaf{Store: memstore.New()}
		r := newRigOn(t, store, statuses(200), sender.Config{StoreTimeout: 3 * time.Second})
		store.silent.Store(true)
		began := time.Now()
		var callers sync.WaitGroup
		publish := func() {
			_, err := r.org.Publish(t.Context(), contactCreated(t))
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		}
		callers.Go(publish)
		synctest.Wait() // it is inside the store
		for range 19 {
			callers.Go(publish)
		}
		callers.Wait()
		require.Equal(t, 6*time.Second, time.Since(began))
		store.silent.Store(false)
		r.publish(t, contactCreated(t))
	})
}
