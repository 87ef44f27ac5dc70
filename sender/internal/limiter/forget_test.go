package limiter_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

// What is known of endpoints that have nothing to do is bounded. What must be remembered is not forgotten for others
// that come and go.
func TestForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const crowd = 12_000
		r := newRig(t, 10, 2)
		attempt := func(d delivery, how limiter.Reaction) {
			r.StartFresh(limiter.Grant{}, []delivery{d}) // to reserve would go through all lanes each time
			r.done(d.lane, 1, how)
		}
		attempt(delivery{lane: "failing"}, limiter.Success)
		time.Sleep(2 * time.Hour)
		attempt(delivery{lane: "failing"}, limiter.NoAnswer)
		attempt(delivery{lane: "paced", rate: 0.01}, limiter.Success)
		r.healthy(1)
		r.done("a", 1, limiter.Success)
		r.due(of(1))
		r.due(of(1)) // a backlog
		r.done("a", 2, limiter.Success)
		remembers := func() {
			t.Helper()
			require.Zero(t, r.fresh("paced"))
			require.Zero(t, r.fresh("a"), "it has a backlog")
		}
		remembers()
		for i := range crowd {
			attempt(delivery{lane: fmt.Sprint("answers", i)}, limiter.Success)
		}
		remembers()
		require.True(t, r.Remembers("failing"))
		require.LessOrEqual(t, r.Lanes(), 4003)
		for i := range crowd {
			attempt(delivery{lane: fmt.Sprint("silent", i)}, limiter.NoAnswer)
		}
		remembers()
		require.LessOrEqual(t, r.Lanes(), 8003)

		time.Sleep(time.Hour)
		r.due(nil) // what was left out until now is asked for first
		r.due(nil)
		require.LessOrEqual(t, r.Lanes(), 4000)
		require.Equal(t, 1, r.fresh("paced"))
	})
}
