package sender_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// An attempt that shutdown cuts off says nothing of the endpoint. Its delivery waits with the reason that it had, if
// that is a row of own faults, which would begin anew otherwise.
func TestCutOffDeliveriesKeepTheirReason(t *testing.T) {
	for want, faults := range map[string]int32{
		"shutdown": 0, "internal error": 1, "internal error, 2 times since ": 2,
	} {
		t.Run(want, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var left atomic.Int32
				left.Store(faults)
				contract := sender.Kirim()
				sign := contract.Sign
				contract.Sign = func(h http.Header, o sender.Outgoing) error {
					if left.Add(-1) >= 0 {
						return errors.New("no HSM")
					}
					return sign(h, o)
				}
				far := &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) { return hang(req) }}
				r := newRigOn(t, memstore.New(), far, sender.Config{
					Contracts: []sender.Contract{contract}, ShutdownTimeout: time.Second,
				})
				r.subscribe(t, "https://example.com/", "*")
				r.publish(t, contactCreated(t))
				for len(far.requests()) == 0 {
					time.Sleep(time.Second)
				}
				r.stop()
				d := r.only(t)
				require.Equal(t, sender.StatePending, d.State)
				require.Zero(t, d.Attempt)
				require.Equal(t, want, d.Reason[:min(len(want), len(d.Reason))])
			})
		})
	}
}

// A delivery that waits for its first attempt after a fault of ours says until when and why: no worker would help.
func TestExplainOfADeliveryThatWaitsAfterAnOwnFault(t *testing.T) {
	bubble(t, func(t *testing.T) {
		contract := sender.Kirim()
		contract.Sign = func(http.Header, sender.Outgoing) error { return errors.New("no HSM") }
		r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{contract}})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		ev := r.published(t)
		due := r.only(t).NextAt
		require.Equal(t, time.Minute, time.Until(due))
		result, why := r.why(t, ev, sub.ID)
		require.Equal(t, "waiting", result)
		require.Equal(t, "attempt 1 is due at "+due.UTC().Format(time.RFC3339)+", after: internal error", why)
	})
}
