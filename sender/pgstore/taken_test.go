package pgstore_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// events gives the claimed events by id.
func events(claims []driver.Claim) map[string]driver.StoredEvent {
	got := map[string]driver.StoredEvent{}
	for _, c := range claims {
		got[c.Event.Event.ID] = *c.Event
	}
	return got
}

// What a process has published itself it need not fetch; what it claims must be the same as what another one fetches.
func TestClaimsAreTheSameInEveryProcess(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	p := publication("a", "e1", "x")
	p.Event.Device, p.Event.Channel, p.Event.Test, p.Trace = "d", "c", true, "t"
	p.Event.CreatedAt = time.Date(2024, 2, 3, 4, 5, 6, 123456789, time.FixedZone("", 3600))
	w.publish(p, publication("a", "e2", "x"))
	r := request(2)
	r.Lease = time.Second
	own := w.claim(r).Claims
	w.advance(time.Minute)
	foreign, err := w.peer().Claim(w.ctx, r)
	require.NoError(t, err)
	require.Len(t, own, 2)
	require.Equal(t, events(own), events(foreign.Claims))
	for i, c := range foreign.Claims {
		require.Equal(t, 1, c.Lapses)
		require.True(t, c.Delivery.CreatedAt.Equal(own[i].Delivery.CreatedAt))
	}
}

func TestABodyIsTheStoresOwn(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	p := publication("a", "e", "x")
	want := string(p.Event.Body)
	w.publish(p)
	copy(p.Event.Body, "spoilt")
	require.Equal(t, want, string(w.claim(request(1)).Claims[0].Event.Event.Body))
}

// More bodies than are kept at hand.
func TestBodiesThatWereDroppedAreFetched(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	want := map[string]string{}
	for i := range 50 {
		p := publication("a", fmt.Sprint("e", i), "x")
		p.Event.Body = []byte(`"` + strings.Repeat(fmt.Sprint(i%10), 512<<10) + `"`)
		p.Digest = sha256.Sum256(p.Event.Body)
		w.publish(p)
		want[p.Event.ID] = string(p.Event.Body)
	}
	claims := w.claim(request(50)).Claims
	require.Len(t, claims, 50)
	for id, e := range events(claims) {
		require.True(t, want[id] == string(e.Event.Body), id)
	}
}
