package sender_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// The store's word on the one event is the caller's: an event that a transaction did not take is no success.
func TestPublishTxTellsWhatTheStoreRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := memstore.New()
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		ev := contactCreated(t)
		r.publish(t, ev)
		tx := store.Begin()
		receipt, err := r.org.PublishTx(t.Context(), tx, ev)
		require.NoError(t, err)
		require.True(t, receipt.Duplicate)
		ev.Body = append(ev.Body, ' ')
		_, err = r.org.PublishTx(t.Context(), tx, ev)
		require.ErrorIs(t, err, sender.ErrConflict)
	})
}
