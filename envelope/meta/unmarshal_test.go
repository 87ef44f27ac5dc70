package meta_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/meta"
)

// A part of a body, kept in a column or a queue, reads by itself as it does within the body.
func TestPartsReadByThemselves(t *testing.T) {
	const contact = `{"wa_id":62811,"profile":{"name":"Budi"},"user_id":{"a":1}}`
	const value = `{"contacts":[` + contact + `],"messages":[{"id":7}],"statuses":[{"id":8}]}`
	const change = `{"field":"messages","value":` + value + `}`
	const entry = `{"id":5,"time":"1782950400","changes":[` + change + `]}`
	whole, err := meta.Parse([]byte(`{"entry":[` + entry + `]}`))
	require.NoError(t, err)
	wantEntry := whole.Entry[0]
	wantChange := wantEntry.Changes[0]
	readsAs(t, entry, wantEntry)
	readsAs(t, change, wantChange)
	readsAs(t, `{"id":7}`, wantChange.Value.Messages[0])
	readsAs(t, `{"id":8}`, wantChange.Value.Statuses[0])
	require.Equal(t, "5", wantEntry.ID)

	var got meta.Contact
	require.NoError(t, json.Unmarshal([]byte(contact), &got))
	require.Equal(t, "62811", got.WaID)
	require.Equal(t, contact, string(got.Raw))
	require.ErrorContains(t, got.Err, "user_id")
}

func readsAs[P any](t *testing.T, text string, want P) {
	t.Helper()
	var got P
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	wantText, err := json.Marshal(want)
	require.NoError(t, err)
	gotText, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, string(wantText), string(gotText))
	require.NotEqual(t, *new(P), got)
}
