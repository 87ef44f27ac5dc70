package sqlitestore_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		s := open(t, file(t), sqlitestore.Config{})
		return storetest.Subject{Store: s, Advance: s.Advance, Spoil: func(
			table storetest.Table, org, id string, n int,
		) bool {
			return spoil(t, s, table, org, id, n)
		}}
	})
}

// Claims that are too small for everybody go on where the last one ended.
func TestClaimGoesRound(t *testing.T) {
	s := open(t, file(t), sqlitestore.Config{MayLoseCommits: true})
	for i := range 20 {
		subscribe(t, s, fmt.Sprint("s", i), "x")
	}
	enqueue(t, s, small("evt_", 30, "x"))
	took := map[string]int{}
	for range 12 {
		c, err := s.Claim(t.Context(), request(5))
		require.NoError(t, err)
		require.Len(t, c.Claims, 5)
		for _, c := range c.Claims {
			took[c.Delivery.SubscriptionID]++
		}
	}
	require.Len(t, took, 20)
	for id, n := range took {
		require.Equal(t, 3, n, "subscription %s", id)
	}
}

// Lanes from which others have taken the last delivery stay open until a claim finds them empty. However many
// those are, a claim that gives nothing, and does not ask for another, has looked behind them.
func TestEmptyLanesHideNothing(t *testing.T) {
	s := open(t, file(t), sqlitestore.Config{MayLoseCommits: true})
	const empty = 500
	for i := range empty {
		if i == empty/2 {
			subscribe(t, s, "amid", "y")
		}
		subscribe(t, s, fmt.Sprint("s", i), "x")
	}
	enqueue(t, s, small("evt_", 1, "x"))
	r := request(empty)
	r.PerSubscription = 1
	c, err := s.Claim(t.Context(), r)
	require.NoError(t, err)
	require.Len(t, c.Claims, empty, "each has given all it had")
	enqueue(t, s, small("amid_", 1, "y"))
	calls := 0
	for c = (driver.Claims{More: true}); c.More && len(c.Claims) == 0; calls++ {
		c, err = s.Claim(t.Context(), request(10))
		require.NoError(t, err)
	}
	require.Len(t, c.Claims, 1)
	require.Equal(t, "amid", c.Claims[0].Delivery.SubscriptionID)
	require.LessOrEqual(t, calls, empty/10)
}
