package sqlinbox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// parsed is an event as its dialect reads it.
func parsed(t testing.TB, source envelope.Source, body string) *receiver.Event {
	t.Helper()
	var ev envelope.Event
	var err error
	switch source {
	case envelope.Meta:
		ev, err = meta.NewEvent([]byte(body))
	case envelope.Kirim:
		ev, err = kirim.ParseEvent([]byte(body))
	default:
		ev, err = kirisan.ParseEvent([]byte(body))
	}
	require.NoError(t, err)
	return &receiver.Event{Event: ev}
}

func metaBody(values ...string) string {
	changes := make([]string, len(values))
	for i, value := range values {
		changes[i] = `{"field":"messages","value":{"metadata":{"phone_number_id":"201"},` + value + `}}`
	}
	return `{"entry":[{"id":"1","changes":[` + strings.Join(changes, ",") + `]}]}`
}

func TestByConversation(t *testing.T) {
	for _, c := range []struct {
		name   string
		source envelope.Source
		body   string
		lane   string
	}{
		{"number", envelope.Meta,
			metaBody(`"contacts":[{"wa_id":"62810"}],"messages":[{"id":"w1","from":"6281","type":"text"}]`),
			"meta:201:6281"},
		{"BSUID", envelope.Meta,
			metaBody(`"messages":[{"id":"w1","from":"6281","from_user_id":"ID.1","type":"text"}]`),
			"meta:201:ID.1"},
		{"BSUID of the contact", envelope.Meta,
			metaBody(`"contacts":[{"wa_id":"6281","user_id":"ID.1"}],"messages":[{"id":"w1","from":"6281","type":"text"}]`),
			"meta:201:ID.1"},
		{"BSUID alone", envelope.Meta,
			metaBody(`"messages":[{"id":"w1","from_user_id":"ID.1","type":"text"}]`),
			"meta:201:ID.1"},
		{"group", envelope.Meta,
			metaBody(`"messages":[{"id":"w1","from":"6281","group_id":"g","type":"text"}]`),
			"meta:201:g"},
		{"nobody", envelope.Meta, metaBody(`"messages":[{"id":"w1","type":"text"}]`), ""},
		{"status", envelope.Meta,
			metaBody(`"statuses":[{"id":"w1","status":"read","timestamp":"1","recipient_id":"6281"}]`),
			"status:w1"},
		{"status before a message", envelope.Meta,
			metaBody(`"statuses":[{"id":"w1","status":"read","timestamp":"1"}]`, `"messages":[{"id":"w2","from":"6281"}]`),
			"meta:201:6281"},
		{"several messages", envelope.Meta,
			metaBody(`"messages":[{"id":"w1","from":"6281"},{"id":"w2","from":"6282"}]`),
			"meta:201:6281"},
		{"another field", envelope.Meta, `{"entry":[{"changes":[{"field":"account_update","value":{}}]}]}`, ""},
		{"contact", envelope.Kirim,
			`{"id":"evt_1","type":"contact.identity_updated","data":{"contact":{"id":"ctc_1"}}}`,
			"kirim:contact:ctc_1"},
		{"sent message", envelope.Kirim,
			`{"id":"evt_1","type":"message.sent","data":{"message":{"id":"msg_1"}}}`,
			"kirim:message:msg_1"},
		{"unknown type", envelope.Kirim, `{"id":"evt_1","type":"order.paid","data":[]}`, ""},
		{"Kirisan's message", envelope.Kirisan,
			`{"event":"incoming_message","device":"+62 851","channel":"whatsapp","sender":{"sender":"6281"}}`,
			"kirisan:62851:6281"},
		{"Kirisan's submission", envelope.Kirisan,
			`{"event":"submission","device":"62851","channel":"whatsapp","sender":"6281"}`, "kirisan:62851:6281"},
		{"Kirisan's status", envelope.Kirisan,
			`{"event":"message_status","device":"62851","channel":"waba","recipient":"6281","message_id":"w1","status":"read"}`,
			"status:w1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.lane, sqlinbox.ByConversation(parsed(t, c.source, c.body)))
		})
	}
}

// Every message and every status of the corpus has a lane, and none of them shares one.
func TestStatusesHaveLanesOfTheirOwn(t *testing.T) {
	kinds := map[string]string{}
	for s := range samples.Corpus() {
		ev := parsed(t, s.Source, string(s.Body))
		kind := "message"
		switch {
		case strings.Contains(s.Name, "status"):
			kind = "status"
		case !strings.Contains(s.Name, "message") && !strings.Contains(s.Name, "submission"):
			continue
		}
		lane := sqlinbox.ByConversation(ev)
		if strings.Contains(s.Name, "message_template") || ev.Test && lane == "" {
			continue
		}
		require.NotEmpty(t, lane, s.Name)
		if kinds[lane] == "" {
			kinds[lane] = kind
		}
		require.Equal(t, kinds[lane], kind, fmt.Sprint(s.Name, " is in lane ", lane))
	}
}
