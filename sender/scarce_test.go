package sender_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

// An endpoint that answers is no stranger, whatever it answers: many that refuse, slowly, may have all workers.
func TestEndpointsThatRefuseAreNoStrangers(t *testing.T) {
	for _, status := range []int{400, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) { bubble(t, func(t *testing.T) { refuseSlowly(t, status) }) })
	}
}

func refuseSlowly(t *testing.T, status int) {
	var now, peak atomic.Int64
	var slow atomic.Bool
	r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
		if slow.Load() {
			peak.Store(max(now.Add(1), peak.Load()))
			defer now.Add(-1)
			time.Sleep(900 * time.Millisecond)
		}
		return reply(status), nil
	}}, sender.Config{Workers: 8, Contracts: []sender.Contract{acme()}})
	for i := range 20 {
		r.subscribe(t, fmt.Sprintf("https://example.com/%d", i), "*")
	}
	publish := func() { r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte("1")}) }
	publish()
	time.Sleep(time.Second)
	slow.Store(true)
	publish()
	time.Sleep(5 * time.Second)
	require.EqualValues(t, 8, peak.Load())
}

// An endpoint that answers slowly has all workers, and more waiting. One that answers at once gets its share of them
// as soon as the first is free: it need not wait until many are.
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

// Explain tells an endpoint that answers from those that do not, also while these have all slots that they may have.
func TestExplainOfOneThatAnswersBesideOnesThatHang(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) {
			if req.URL.Path != "/answers" {
				return hang(req)
			}
			time.Sleep(5 * time.Second)
			return reply(200), nil
		}}, sender.Config{Workers: 8})
		for i := range 3 {
			r.subscribe(t, fmt.Sprintf("https://example.com/%d", i), "*")
		}
		answers, _ := r.subscribe(t, "https://example.com/answers", "*")
		r.published(t)
		time.Sleep(11 * time.Second)
		for range 3 {
			r.published(t)
		}
		_, why := r.why(t, r.published(t), answers.ID)
		require.Contains(t, why, "its endpoint has 2 requests at once, as many as it may get now")
	})
}
