package sender_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

// An endpoint that answers slowly has all workers, and more waiting. One that answers at once gets its share of them as
// soon as the first is free: it need not wait until many are.
func TestScarceWorkersAreShared(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var slow atomic.Int64
		r := newRig(t, &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) {
			if req.URL.Path == "/slow" {
				n := slow.Add(1)
				time.Sleep(2*time.Second + time.Duration(n%16)*300*time.Millisecond) // they end one by one
			}
			return reply(200), nil
		}}, sender.Config{Workers: 16, PerSubscription: 16, Contracts: []sender.Contract{acme()}})
		r.subscribe(t, "https://example.com/slow", "slow")
		quick, _ := r.subscribe(t, "https://example.com/quick", "quick")
		publish := func(eventType string, n int) {
			for range n {
				r.publish(t, envelope.Event{Source: "acme", Type: eventType, Body: []byte("1")})
			}
		}
		publish("quick", 1)
		publish("slow", 300)
		time.Sleep(time.Minute)
		publish("quick", 8)
		time.Sleep(10 * time.Second)
		list := r.deliveries(t, sender.DeliveryQuery{Subscription: quick.ID})
		first, last := list[7].FinishedAt, list[0].FinishedAt
		require.False(t, last.IsZero())
		require.Less(t, last.Sub(first), 200*time.Millisecond, "the others follow the first at once")
		require.Less(t, slow.Load(), int64(300), "there was more waiting all the time")
	})
}
