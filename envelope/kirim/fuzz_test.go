package kirim_test

import (
	"encoding/json"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

// FuzzDecode proves that reading is total, and that what it reads survives being sent and read again.
func FuzzDecode(f *testing.F) {
	for s := range samples.Corpus() {
		if s.Source == envelope.Kirim {
			f.Add(s.Body)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if ev, err := kirim.ParseEvent(body); err == nil {
			require.NotEmpty(t, ev.ID)
			require.NotEmpty(t, ev.Type)
		} else {
			require.ErrorIs(t, err, envelope.ErrMalformed)
		}
		survives(t, kirim.ContactUpdated, body)
		survives(t, kirim.ContactIdentityUpdated, body)
		survives(t, kirim.ConversationAssigned, body)
		survives(t, kirim.MessageSent, body)
		survives(t, kirim.CustomerOnboarded, body)
	})
}

func survives[P any](t *testing.T, k envelope.Kind[P], body []byte) {
	data, err := k.Decode(body)
	if err != nil {
		require.ErrorIs(t, err, envelope.ErrMalformed)
		return
	}
	want, err := json.Marshal(data)
	require.NoError(t, err)
	ev, err := kirim.NewEvent(k, data)
	require.NoError(t, err)
	again, err := k.Decode(ev.Body)
	require.NoError(t, err)
	got, err := json.Marshal(again)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got))
}
