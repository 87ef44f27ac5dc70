package sender_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// slowToDisable is a store in which two processes that disable a subscription have both read it before either writes.
type slowToDisable struct {
	sender.Store
	tried *atomic.Int64
}

func (s slowToDisable) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
	if r.Status == sender.StatusDisabled {
		s.tried.Add(1)
		time.Sleep(time.Second)
	}
	return s.Store.PutSubscription(ctx, r)
}

// Of several processes that find a subscription unfit at once, one disables it and tells.
func TestOneOfManyProcessesDisables(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var tried, notices atomic.Int64
		cfg := sender.Config{Hooks: sender.Hooks{Disabled: func(context.Context, sender.Subscription) { notices.Add(1) }}}
		store := slowToDisable{memstore.New(), &tried}
		far := &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			time.Sleep(100 * time.Millisecond) // so that both processes get their part
			return reply(404), nil
		}}
		publisher := newRigOn(t, store, far, cfg)
		publisher.stop()
		newRigOn(t, store, far, cfg)
		newRigOn(t, store, far, cfg)
		sub, _ := publisher.subscribe(t, "https://example.com/", "*")
		for range 60 {
			publisher.publish(t, contactCreated(t))
		}
		time.Sleep(time.Minute)
		require.Equal(t, sender.StatusDisabled, publisher.status(t, sub.ID))
		require.GreaterOrEqual(t, tried.Load(), int64(2))
		require.EqualValues(t, 1, notices.Load())
	})
}

// Who has no hook finds in the log that a subscription was disabled, which, and why.
func TestDisablingIsLogged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		for range 24 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Minute)
		require.Equal(t, sender.StatusDisabled, r.status(t, sub.ID))
		line := `level=WARN msg="subscription disabled" org=acme subscription=` + sub.ID + ` reason="keeps failing: `
		require.Contains(t, r.logs.String(), line)
	})
}
