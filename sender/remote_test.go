package sender_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// remote is a store over a network: what it is asked happens, whether or not the caller waits for the reply.
type remote struct {
	sender.Store
	latency time.Duration
}

func (r remote) Claim(ctx context.Context, req driver.ClaimRequest) (driver.Claims, error) {
	claims, err := r.Store.Claim(context.WithoutCancel(ctx), req)
	select {
	case <-time.After(r.latency):
		return claims, err
	case <-ctx.Done():
		return driver.Claims{}, ctx.Err()
	}
}

// A shutdown while the store is leasing leaves no lease behind that nobody knows of.
func TestShutdownDuringAClaim(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := remote{memstore.New(), 100 * time.Millisecond}
		quiet := newRigOn(t, store, statuses(200), sender.Config{})
		quiet.stop()
		quiet.subscribe(t, "https://example.com/", "*")
		receipt := quiet.publish(t, contactCreated(t))

		quiet.run(t)
		time.Sleep(50 * time.Millisecond) // leased, and the reply is on its way
		quiet.stop()
		quiet.run(t)
		time.Sleep(time.Second)
		synctest.Wait()
		require.Len(t, quiet.far.requests(), 1)
		for _, d := range quiet.deliveries(t, sender.DeliveryQuery{EventID: receipt.EventID}) {
			require.Equal(t, sender.StateDelivered, d.State)
			attempts, err := quiet.org.Attempts(t.Context(), d.ID)
			require.NoError(t, err)
			require.Len(t, attempts, 1, "no lease ran out")
		}
	})
}
