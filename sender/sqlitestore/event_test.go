package sqlitestore_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// claimOne claims the only delivery there is.
func claimOne(t *testing.T, s driver.Store) driver.Claim {
	t.Helper()
	c, err := s.Claim(t.Context(), request(10))
	require.NoError(t, err)
	require.Len(t, c.Claims, 1)
	return c.Claims[0]
}

// What the publisher does to its buffer afterwards, and which process claims, makes no difference to what is claimed.
func TestAnEventIsClaimedAsItWasPublished(t *testing.T) {
	path := file(t)
	publisher, other := open(t, path, sqlitestore.Config{}), open(t, path, sqlitestore.Config{})
	subscribe(t, publisher, "a", "x")
	for i, claimer := range []*sqlitestore.Store{publisher, other} {
		pubs := batch(fmt.Sprint("evt_", i, "_"), 1, "x")
		p := pubs[0]
		p.Event.CreatedAt, p.Event.Channel, p.Event.Device, p.Trace = time.Date(2025, 1, 2, 3, 4, 5, 6, time.UTC), "waba",
			"628", "00-1-2-01"
		want := p.Event
		want.Body = bytes.Clone(p.Event.Body)
		enqueue(t, publisher, []driver.Publication{p})
		clear(p.Event.Body)

		got := claimOne(t, claimer)
		require.Equal(t, want, got.Event.Event)
		require.Equal(t, "acme", got.Event.Org)
		require.Equal(t, p.Trace, got.Event.Trace)
		require.Equal(t, got.Delivery.CreatedAt, got.Event.PublishedAt)
	}
}

// The number of an event that another process has purged is given to the next, which must not be taken for it.
func TestAPurgedEventIsNotTakenForTheNext(t *testing.T) {
	path := file(t)
	s, other := open(t, path, sqlitestore.Config{}), open(t, path, sqlitestore.Config{})
	subscribe(t, s, "a", "x")
	for i := range 3 {
		pubs := batch(fmt.Sprint("evt_", i, "_"), 1, "x")
		enqueue(t, []driver.Store{s, other}[i%2], pubs)
		c := claimOne(t, s)
		require.Equal(t, pubs[0].Event, c.Event.Event)
		_, err := s.Settle(t.Context(), delivered([]driver.Claim{c}))
		require.NoError(t, err)
		other.Advance(48 * time.Hour)
		purged := purge(t, other, driver.PurgeRequest{Finished: time.Hour, Identity: 24 * time.Hour, Limit: 100})
		require.Equal(t, driver.Purged{Deliveries: 1, Events: 1}, purged)
	}
}

func TestEventsInMemoryAreBounded(t *testing.T) {
	s := open(t, file(t), sqlitestore.Config{MayLoseCommits: true})
	subscribe(t, s, "a", "x")
	const size = 1 << 20
	for i := range 2 * sqlitestore.MaxCached / size {
		pubs := batch(fmt.Sprint("evt_", i, "_"), 1, "x")
		pubs[0].Event.Body = bytes.Repeat([]byte{'0' + byte(i%10)}, size)
		enqueue(t, s, pubs)
		require.LessOrEqual(t, s.Cached(), sqlitestore.MaxCached)
	}
	require.Greater(t, s.Cached(), sqlitestore.MaxCached/2)
	seen := 0
	for seen < 2*sqlitestore.MaxCached/size {
		c, err := s.Claim(t.Context(), request(10))
		require.NoError(t, err)
		require.NotEmpty(t, c.Claims)
		for _, c := range c.Claims {
			require.Equal(t, bytes.Repeat([]byte{'0' + byte(seen%10)}, size), []byte(c.Event.Event.Body), "%s",
				c.Delivery.EventID)
			seen++
		}
	}
}
