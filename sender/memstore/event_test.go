package memstore_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

func purge(t *testing.T, s *memstore.Store) driver.Purged {
	t.Helper()
	p, err := s.Purge(t.Context(), driver.PurgeRequest{Identity: 24 * time.Hour, Limit: 1000})
	require.NoError(t, err)
	return p
}

// Events are forgotten each in its time, those whose last delivery went later with it, and the others stay.
func TestEventsAreForgottenOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 40
		s := open(t)
		exists := map[string]bool{}
		check := func() {
			t.Helper()
			for id, want := range exists {
				_, err := s.Event(t.Context(), "acme", id)
				require.Equal(t, want, err == nil, id)
			}
		}
		name := func(i int) string { return fmt.Sprint("evt_", i) }
		for i := range n {
			p := pub(name(i), 1)
			if i%3 > 0 {
				p.Topics = nil // no delivery keeps it
			}
			enqueue(t, s, []driver.Publication{p})
			exists[name(i)] = true
			time.Sleep(time.Minute)
		}
		time.Sleep(24*time.Hour - n*time.Minute)
		for i := range n {
			forgotten := purge(t, s).Events
			if i%3 > 0 {
				require.Equal(t, 1, forgotten)
				exists[name(i)] = false
			}
			check()
			time.Sleep(time.Minute)
		}

		c, err := s.Claim(t.Context(), request(n))
		require.NoError(t, err)
		for _, c := range c.Claims {
			_, err := s.Settle(t.Context(), []driver.Outcome{{
				Org: "acme", DeliveryID: c.Delivery.ID, Token: c.Token, State: driver.StateDead,
			}})
			require.NoError(t, err)
			require.Equal(t, driver.Purged{Deliveries: 1, Events: 1}, purge(t, s))
			exists[c.Delivery.EventID] = false
			check()
		}
		for id, stays := range exists {
			require.False(t, stays, id)
		}
	})
}

// Bodies that nearly fill what they are stored in, and words that no other event has, are given back too.
func TestPurgeGivesBackBodiesAndTexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memstore.New()
		round := func(i int) {
			pubs := batch("acme", fmt.Sprintf("evt_%d_", i), 8, "x")
			for n := range pubs {
				pubs[n].Event.Body = make([]byte, 8000)
				pubs[n].Event.Device = fmt.Sprint(i, n, strings.Repeat("x", 1000))
				pubs[n].Event.Channel = fmt.Sprint(i, n, strings.Repeat("y", 1000))
			}
			enqueue(t, s, pubs)
			time.Sleep(25 * time.Hour)
			require.Equal(t, 8, purge(t, s).Events)
		}
		round(0)
		before := heap()
		for i := range 200 {
			round(i + 1)
		}
		require.Less(t, heap(), before+1<<20)
		runtime.KeepAlive(s)
	})
}

// What a claim holds does not change when its event is forgotten and others come.
func TestClaimedBodiesOutliveTheirEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		p := pub("evt_1", 1)
		p.Event.Body = []byte("the body of evt_1")
		enqueue(t, s, []driver.Publication{p})
		r := request(1)
		r.Lease = time.Minute
		c, err := s.Claim(t.Context(), r)
		require.NoError(t, err)
		require.NoError(t, s.DeleteSubscription(t.Context(), "acme", "a"))
		time.Sleep(25 * time.Hour)
		require.Equal(t, driver.Purged{Deliveries: 1, Events: 1}, purge(t, s))
		for i := range 200 {
			enqueue(t, s, batch("acme", fmt.Sprintf("new_%d_", i), 10, "x"))
		}
		require.Equal(t, "the body of evt_1", string(c.Claims[0].Event.Event.Body))
		require.Equal(t, "evt_1", c.Claims[0].Event.Event.ID)
		_ = append(c.Claims[0].Event.Event.Body, "more"...)
		e, err := s.Event(t.Context(), "acme", "new_0_0")
		require.NoError(t, err)
		require.Equal(t, make([]byte, 1024), []byte(e.Event.Body))
	})
}
