package tracker_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

const two = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{` +
	`"messaging_product":"whatsapp","metadata":{"display_phone_number":"1555","phone_number_id":"106"},"statuses":[` +
	`{"id":"wamid.1","status":"delivered","timestamp":"1700000060","recipient_id":"628"},` +
	`{"id":"wamid.2","status":"failed","timestamp":"1700000000","recipient_id":"629",` +
	`"errors":[{"code":131026,"title":"Message undeliverable"}]}]}}]}]}`

// count counts the events that are passed on.
type count int

func (n *count) HandleEvent(context.Context, *receiver.Event) error { *n++; return nil }

// TestHandlerRecordsEachStatus covers one body with statuses of two messages, and what follows in the chain.
func TestHandlerRecordsEachStatus(t *testing.T) {
	store, next := tracker.NewMemory(), new(count)
	ev := envelope.Event{Source: envelope.Meta, Body: []byte(two)}

	require.Equal(t, http.StatusOK, deliver(t, tracker.Handler(store, next), ev))
	require.EqualValues(t, 1, *next)
	for id, want := range map[string]tracker.Step{"wamid.1": tracker.Delivered, "wamid.2": tracker.Failed} {
		rows, err := store.Get(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, want, rows[0].Step)
	}
	failed, err := store.List(t.Context(), tracker.Query{Step: tracker.Failed, Before: time.Unix(1700000001, 0)})
	require.NoError(t, err)
	require.Len(t, failed, 1)
	require.Equal(t, "wamid.2", failed[0].ID)

	require.Equal(t, http.StatusOK, deliver(t, tracker.Handler(store, nil), ev), "nobody has to follow")
}

// away is a store that cannot be reached.
type away struct{ *tracker.Memory }

var errAway = errors.New("away")

func (away) Record(context.Context, ...tracker.Status) error { return errAway }

// TestHandlerPassesOnOnlyWhatIsRecorded covers a store that is away: the sender has to come again.
func TestHandlerPassesOnOnlyWhatIsRecorded(t *testing.T) {
	next := new(count)
	h := tracker.Handler(away{tracker.NewMemory()}, next)

	ev := envelope.Event{Source: envelope.Meta, Body: []byte(two)}
	require.ErrorIs(t, h.HandleEvent(t.Context(), received(t, ev)), errAway)
	require.Equal(t, http.StatusInternalServerError, deliver(t, h, ev))
	require.Zero(t, *next)

	require.Equal(t, http.StatusOK, deliver(t, h, sample(t, "meta/message_text")), "no status needs the store")
	require.EqualValues(t, 1, *next)

	require.Panics(t, func() { tracker.Handler(nil, next) })
}
