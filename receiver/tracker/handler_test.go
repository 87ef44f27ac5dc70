package tracker_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/signature"
)

const failed = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{` +
	`"messaging_product":"whatsapp","metadata":{"display_phone_number":"1555","phone_number_id":"106"},"statuses":[` +
	`{"id":"wamid.1","status":"delivered","timestamp":"1700000060","recipient_id":"628"},` +
	`{"id":"wamid.2","status":"failed","timestamp":"1700000000","recipient_id":"629",` +
	`"errors":[{"code":131026,"title":"Message undeliverable"}]}]}}]}]}`

// TestHandlerRecordsEachStatus covers one body with statuses of two messages, and what follows in the chain.
func TestHandlerRecordsEachStatus(t *testing.T) {
	store, passed := tracker.NewMemory(), 0
	next := receiver.HandlerFunc(func(context.Context, *receiver.Event) error { passed++; return nil })
	secret := signature.NewSecret("whsec_0123456789abcdef")
	h, err := receiver.Handler(tracker.Handler(store, next), receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))},
	})
	require.NoError(t, err)

	w := httptest.NewRecorder()
	h.ServeHTTP(w, receivertest.Kirim(t, secret, envelope.Event{Source: envelope.Meta, Body: []byte(failed)}))

	require.Equal(t, 200, w.Code)
	require.Equal(t, 1, passed)
	one, err := store.Get(t.Context(), "wamid.1")
	require.NoError(t, err)
	require.Len(t, one, 1)
	require.Equal(t, tracker.Delivered, one[0].Step)
	two, err := store.Get(t.Context(), "wamid.2")
	require.NoError(t, err)
	require.Len(t, two, 1)
	require.Equal(t, tracker.Failed, two[0].Step)
	require.Equal(t, 131026, two[0].Code)

	stuck, err := store.List(t.Context(), tracker.Query{Step: tracker.Failed, Before: time.Unix(1700000001, 0)})
	require.NoError(t, err)
	require.Len(t, stuck, 1)
}
