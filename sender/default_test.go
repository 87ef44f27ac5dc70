package sender_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// What the zero Config bounds: 100 subscriptions of an org, 256 attempts at once.
func TestDefaultLimits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var hanging atomic.Bool
		var now atomic.Int64
		r := newRig(t, &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) {
			if !hanging.Load() {
				return reply(200), nil
			}
			now.Add(1)
			defer now.Add(-1)
			return hang(req)
		}}, sender.Config{})
		for org := range 3 {
			for i := range 100 {
				_, _, err := r.Org(fmt.Sprint(org)).Subscribe(t.Context(),
					sender.Subscription{URL: fmt.Sprintf("https://example.com/%d/%d", org, i), Events: []string{"*"}})
				require.NoError(t, err)
			}
			_, _, err := r.Org(fmt.Sprint(org)).Subscribe(t.Context(),
				sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
			require.ErrorIs(t, err, sender.ErrLimit)
		}
		publish := func() {
			for org := range 3 {
				_, err := r.Org(fmt.Sprint(org)).Publish(t.Context(), contactCreated(t))
				require.NoError(t, err)
			}
			time.Sleep(time.Second)
		}
		publish() // every endpoint is known to answer
		hanging.Store(true)
		publish()
		require.EqualValues(t, 256, now.Load())
	})
}

// purgeAsked notes what a Purge is to let go.
type purgeAsked struct {
	sender.Store
	last driver.PurgeRequest
}

func (p *purgeAsked) Purge(_ context.Context, r driver.PurgeRequest) (sender.Purged, error) {
	p.last = r
	return sender.Purged{}, nil
}

// What the zero Retention keeps: finished deliveries for 30 days, ids for 48 h, held events for 24 h and 10,000 at
// most.
func TestDefaultRetention(t *testing.T) {
	store := &purgeAsked{Store: memstore.New()}
	s, err := sender.New(store, sender.Config{})
	require.NoError(t, err)
	_, err = s.Purge(t.Context())
	require.NoError(t, err)
	store.last.Limit = 0 // how much at once is nobody's business
	require.Equal(t, driver.PurgeRequest{Finished: 30 * 24 * time.Hour, Identity: 48 * time.Hour, HeldAge: 24 * time.Hour,
		HeldMax: 10_000}, store.last)
}

// What the zero Config forgives: ten leases of a delivery that run out.
func TestDefaultLapses(t *testing.T) {
	for lapses, want := range map[int]sender.State{10: sender.StateDelivered, 11: sender.StateDead} {
		bubble(t, func(t *testing.T) {
			store := newHooked()
			r := newRigOn(t, store, statuses(200), sender.Config{})
			r.stop()
			r.subscribe(t, "https://example.com/", "*")
			r.publish(t, contactCreated(t))
			for range lapses {
				_, err := store.Store.Claim(t.Context(), driver.ClaimRequest{Limit: 1, PerSubscription: 1, Lease: time.Second})
				require.NoError(t, err)
				time.Sleep(2 * time.Second)
			}
			r.run(t)
			time.Sleep(time.Minute)
			require.Equal(t, want, r.only(t).State)
		})
	}
}

// What a contract that states nothing waits for, and when it gives up on an endpoint.
func TestDefaultContract(t *testing.T) {
	contract := acme()
	contract.Schedule = sender.Once
	publish := func(t *testing.T, r *rig) {
		r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte("1")})
		time.Sleep(time.Minute)
	}
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) { return hang(req) }},
			sender.Config{Contracts: []sender.Contract{contract}})
		r.subscribe(t, "https://example.com/", "*")
		publish(t, r)
		require.Equal(t, 15*time.Second, r.attempts(t, r.only(t).ID)[0].Duration)
	})
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404), sender.Config{Contracts: []sender.Contract{contract}})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		for range 8 {
			publish(t, r)
		}
		time.Sleep(6 * 24 * time.Hour)
		publish(t, r)
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID), "9 in a row, over 6 days")
		publish(t, r)
		require.Equal(t, sender.StatusDisabled, r.status(t, sub.ID))
	})
}
