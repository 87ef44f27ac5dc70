package kirisan_test

import (
	"encoding/json"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

func TestFlatBodiesOfTheCloudAPIRead(t *testing.T) {
	whole, ok := samples.Body(envelope.Meta, "message.received", "")
	require.True(t, ok)
	n, err := meta.Parse(whole)
	require.NoError(t, err)
	change := n.Entry[0].Changes[0]

	for name, c := range map[string]struct {
		body   []byte
		sender string
	}{
		"the whole notification": {whole, "Siti Rahma"},
		"the value of a change":  {change.Raw, "Siti Rahma"},
		"a bare message":         {change.Value.Messages[0].Raw, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := kirisan.IncomingMessageEvent.Decode(c.body)
			require.NoError(t, err)
			require.Equal(t, kirisan.Sender{Sender: "6281200000001", Name: c.sender}, m.Sender)
			require.Equal(t, kirisan.Message{Type: "text", Text: change.Value.Messages[0].Text.Body}, m.Message)
			require.Equal(t, kirisan.Timestamp(1782950400), m.Timestamp)
			require.Equal(t, "waba", m.Channel)
			require.True(t, m.Production)
			require.Equal(t, string(c.body), string(m.Cloud))
		})
	}
}

func TestFlatMessagesMap(t *testing.T) {
	for fields, want := range map[string]kirisan.Message{
		`"type":"button","button":{"payload":"YA","text":"Ya"}`: {Type: "button", Text: "Ya",
			Button: &kirisan.Button{ID: "YA", Text: "Ya"}},
		`"type":"image","image":{"id":"1","caption":"Bukti"}`: {Type: "image", Text: "Bukti"},
		`"type":"location","location":{"latitude":-6.2,"longitude":106}`: {Type: "location",
			Location: &kirisan.Location{Latitude: -6.2, Longitude: 106}},
		`"type":"reaction"`: {Type: "reaction"},
	} {
		m, err := kirisan.IncomingMessageEvent.Decode([]byte(`{"from":"628","timestamp":"1",` + fields + `}`))
		require.NoError(t, err)
		require.Equal(t, want, m.Message, fields)
	}
}

func TestOtherFlatBodiesStayRaw(t *testing.T) {
	for _, body := range []string{`{}`, `{"entry":[]}`, `{"messages":[]}`, `{"messages":"none"}`, `{"hello":"world"}`} {
		m, err := kirisan.IncomingMessageEvent.Decode([]byte(body))
		require.NoError(t, err, body)
		require.Equal(t, json.RawMessage(body), m.Cloud)
		require.Zero(t, m.Sender)
	}
}
