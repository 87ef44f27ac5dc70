package sqlitestore_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// A change that leaves the topics alone writes as little with 50,000 of them as with one.
func TestAChangeDoesNotWriteTheTopics(t *testing.T) {
	path := file(t)
	s := open(t, path, sqlitestore.Config{MayLoseCommits: true})
	topics := make([]string, 50_000)
	for i := range topics {
		topics[i] = fmt.Sprint("topic ", i)
	}
	subscribe(t, s, "a", topics...)
	for _, status := range []driver.Status{driver.StatusPaused, driver.StatusActive} {
		list, err := s.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
		require.NoError(t, err)
		_, err = s.Pools()["writer"].Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
		require.NoError(t, err)
		list[0].Status, list[0].Description = status, "edited"
		_, err = s.PutSubscription(t.Context(), list[0])
		require.NoError(t, err)
		require.Less(t, walSize(t, path), int64(100<<10), status)
	}
}
