package meta_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

func seed(f *testing.F) {
	for s := range samples.Corpus() {
		if s.Source == envelope.Meta {
			f.Add(s.Body)
		}
	}
	for _, body := range [][]byte{
		[]byte(everything), value(`{"messages":[{"id":"a","id":"b"}]}`), value(`{"Messages":[{"id":"a"}],"statuses":[{"id":"a","status":"b","timestamp":1}]}`),
		value(`{"messages":[null,{}],"statuses":null}`), []byte(`{"entry":[null,{"changes":[null,{"field":"x","value":{"messages":{}}}]}]}`),
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

		n, err := meta.Parse(body)
		if err != nil {
			return
		}
		want := meta.Summary{Identity: s.Identity, Field: s.Field}
		plain := ""
		for _, st := range n.Statuses() {
			if want.Statuses++; want.Statuses == 1 {
				want.CreatedAt = st.Timestamp.Time()
				plain = strings.TrimRight(st.ID+":"+st.Status+":"+string(st.Timestamp)+":"+st.RecipientParticipantID, ":")
			}
		}
		for _, m := range n.Messages() {
			if want.Messages++; want.Messages == 1 {
				want.CreatedAt = m.Timestamp.Time()
				plain = m.ID
			}
		}
		require.Equal(t, want, s)
		if !strings.HasPrefix(s.Identity, "body:") {
			require.Equal(t, 1, s.Messages+s.Statuses)
			require.Equal(t, plain, s.Identity)
		}
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

// FuzzAgreement holds Parse against encoding/json, which calls every UnmarshalJSON of this package: the same values, and an error for
// the same bodies.
func FuzzAgreement(f *testing.F) {
	seed(f)
	for _, v := range []string{
		`{"metadata":{"phone_number_id":1,"display_phone_number":"\u0031"},"contacts":[{"wa_id":62},{"wa_id":null,"profile":{"name":"\ud83d\ude00"}}]}`,
		`{"metadata":null,"messages":[null,{"id":1,"from":2,"context":null,"text":{"body":"a\nb"}},{"id":{}}]}`,
		`{"messages":[{"id":"a","edit":{"original_message_id":"b","message":{"id":3,"edit":{"message":null}}}}]} `,
		`{"statuses":[{"id":"a","recipient_id":62,"recipient_participant_id":"7","errors":[{"code":"1"},{"code":2,"error_data":{}}]},null]}`,
		`{"messages":[{"id":"a","ID":"b"}],"statuses":[{"id":true}]}`, `{"metadata":[]}`, `{"messages":[{"order":{"product_items":[{"quantity":"2","item_price":1.5}]}}]}`,
	} {
		f.Add(value(v))
	}
	f.Add([]byte(`{"entry":[null,{"id":1,"time":2},{"id":"a","changes":[null,{"field":"x","value":null},{"value":[1]}]}],"kirim":{"contact":null}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := meta.Parse(body)
		m, scanErr := envelope.Scan(body)
		want := new(meta.Notification)
		if scanErr != nil || !bytes.HasPrefix(m.Raw("entry"), []byte("[")) || json.Unmarshal(body, want) != nil {
			require.ErrorIs(t, err, envelope.ErrMalformed)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want, got)
		for _, e := range got.Entry {
			for _, c := range e.Changes {
				var v meta.Value
				if json.Unmarshal(c.Raw, &v) == nil {
					require.Equal(t, v, c.Value)
				}
			}
		}
	})
}
