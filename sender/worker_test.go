package sender_test

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Whoever looks into the store sees which process has a delivery.
func TestClaimsNameTheirProcess(t *testing.T) {
	host, err := os.Hostname()
	require.NoError(t, err)
	for given, want := range map[string]string{"": fmt.Sprintf("%s:%d", host, os.Getpid()), "worker 7": "worker 7"} {
		bubble(t, func(t *testing.T) {
			store := newHooked()
			var worker atomic.Value
			store.claim = func(r driver.ClaimRequest) error { worker.Store(r.Worker); return nil }
			newRigOn(t, store, statuses(200), sender.Config{Worker: given})
			synctest.Wait()
			require.Equal(t, want, worker.Load())
		})
	}
}
