package meta_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/stretchr/testify/require"
)

func seed(f *testing.F) {
	for _, body := range corpus(f) {
		f.Add(body)
	}
	for _, body := range [][]byte{
		value(`{"messages":[{"id":"a","id":"b"}]}`),
		value(`{"Messages":[{"id":"a"}],"statuses":[{"id":"a","status":"b","timestamp":1}]}`),
		value(`{"messages":[null,{}],"statuses":null}`),
		[]byte(`{"entry":[null,{"changes":[null,{"field":"x","value":{"messages":{}}}]}]}`),
		[]byte(`{"entry":[{"changes":[{"field":"history","value":{"messages":[{"id":"a"}]},"field":"messages"}]}]}`),
		[]byte(`{"entry":[{"changes":[{"value":{"messages":[{"id":"a"}]},"Field":"calls"},{"field":5,"value":{"statuses":[5]}}]}]}`),
		[]byte(`{"entry":[{"changes":[{"field":true,"value":{"messages":[{"id":true,"timestamp":true}]}},{"field":{},"value":[]}]}]}`),
		value(`{"statuses":[{"type":"payment","id":"a","status":"failed","timestamp":1,"recipient_participant_user_id":"US.1"}]}`),
	} {
		f.Add(body)
	}
}

// FuzzIdentity holds the walk over entry against the decoded body: both count the same, a plain identity is the one
// that the decoded body shows, and what Kirim adds beside entry changes nothing.
func FuzzIdentity(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := meta.Summarize(body)
		if err != nil {
			require.ErrorIs(t, err, envelope.ErrMalformed)
			return
		}
		require.LessOrEqual(t, len(s.Identity), 255)
		ev, err := meta.NewEvent(body)
		require.NoError(t, err)
		require.Equal(t, s.Identity, ev.ID)

		enriched := append(bytes.Clone(body[:bytes.LastIndexByte(body, '}')]), `,"kirim":{"message_id":"msg_1"}}`...)
		again, err := meta.Identity(enriched)
		require.Equal(t, hasKirim(t, body), err != nil, "a second enrichment is refused, the first is not")
		if err == nil {
			require.Equal(t, s.Identity, again)
		}

		agree(t, body)
	})
}

func hasKirim(t *testing.T, body []byte) bool {
	m, err := envelope.Scan(body)
	require.NoError(t, err)
	for key := range m.All() {
		if strings.EqualFold(key, "kirim") {
			return true
		}
	}
	return false
}

// FuzzDecode proves that decoding is total, and that what it reads survives being written and read again.
func FuzzDecode(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := meta.Parse(body)
		if err != nil {
			require.ErrorIs(t, err, envelope.ErrMalformed)
			return
		}
		first, err := json.Marshal(n)
		require.NoError(t, err)
		again, err := meta.Parse(first)
		require.NoError(t, err, "%s", first)
		second, err := json.Marshal(again)
		require.NoError(t, err)
		require.JSONEq(t, string(first), string(second))
	})
}

// FuzzAgreement holds json.Unmarshal, which calls the UnmarshalJSON of this package, against Parse: the same values.
func FuzzAgreement(f *testing.F) {
	seed(f)
	for _, v := range []string{
		`{"metadata":{"phone_number_id":1,"display_phone_number":"\u0031"},"contacts":[{"wa_id":62},{"wa_id":null,"profile":{"name":"\ud83d\ude00"}}]}`,
		`{"metadata":null,"messages":[null,{"id":1,"from":2,"context":null,"text":{"body":"a\nb"}},{"id":{}}]}`,
		`{"messages":[{"id":"a","edit":{"original_message_id":"b","message":{"id":3,"edit":{"message":null}}}}]} `,
		`{"statuses":[{"id":"a","recipient_id":62,"recipient_participant_id":"7","errors":[{"code":"1"},{"code":2,"error_data":{}}]},null]}`,
		`{"messages":[{"id":"a","ID":"b"}],"statuses":[{"id":true}]}`, `{"metadata":[]}`,
		`{"messages":[{"order":{"product_items":[{"quantity":"2","item_price":1.5}]}}]}`,
	} {
		f.Add(value(v))
	}
	f.Add([]byte(`{"entry":[null,{"id":1,"time":2},{"id":"a","changes":[null,{"field":"x","value":null},{"value":[1]}]}],"kirim":{"contact":null}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := meta.Parse(body)
		if err != nil {
			require.ErrorIs(t, err, envelope.ErrMalformed)
			return
		}
		again := new(meta.Notification)
		require.NoError(t, json.Unmarshal(body, again))
		require.Equal(t, n, again)
		for _, m := range n.Messages() {
			var alone meta.Message
			if m.Err == nil && bytes.HasPrefix(m.Raw, []byte("{")) {
				require.NoError(t, json.Unmarshal(m.Raw, &alone))
				require.Equal(t, *m, alone)
			}
			_, _ = m.PlainText(), n.Contact(m).Name()
		}
	})
}
