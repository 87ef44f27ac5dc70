package sender_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

func TestCounts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404, 503), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		r.publish(t, contactCreated(t))
		synctest.Wait()
		counts, err := r.org.Counts(t.Context())
		require.NoError(t, err)
		require.Equal(t, sender.Counts{Waiting: 1, Dead: 1}, counts)
		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		r.publish(t, contactCreated(t))
		counts, err = r.org.Counts(t.Context())
		require.NoError(t, err)
		require.Equal(t, sender.Counts{Held: 2, Dead: 1}, counts)
		counts, err = r.Org("other").Counts(t.Context())
		require.NoError(t, err)
		require.Zero(t, counts)
	})
}

func TestCountsOfAStoreThatCannot(t *testing.T) {
	s, err := sender.New(struct{ sender.Store }{memstore.New()}, sender.Config{})
	require.NoError(t, err)
	_, err = s.Org("acme").Counts(t.Context())
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorContains(t, err, "sender: counts: the store has no Counts")
}
