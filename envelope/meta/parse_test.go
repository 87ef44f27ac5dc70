package meta_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/leaves"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

func value(value string) []byte {
	return []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":` + value +
		`,"field":"messages"}]}]}`)
}

func message(fields string) []byte {
	return value(`{"messages":[{"id":"wamid.A","from":"628","timestamp":"1782950400",` + fields + `}]}`)
}

func only(t *testing.T, body []byte) *meta.Message {
	t.Helper()
	n, err := meta.Parse(body)
	require.NoError(t, err)
	for _, m := range n.Messages() {
		return m
	}
	t.Fatal("no message")
	return nil
}

// everything shows the published fields that no body of the corpus has.
const everything = `{
 "object":"whatsapp_business_account",
 "kirim":{"media_url":"https://media.example.com/1","media_status":"ready"},
 "entry":[{"id":"1","time":"1782950400","changes":[{"field":"messages","value":{
  "messaging_product":"whatsapp",
  "metadata":{"display_phone_number":"6285100000001","phone_number_id":"2"},
  "errors":[{"code":130429,"title":"t","message":"m","error_data":{"details":"d","messaging_product":"whatsapp"},
    "href":"h","details":"old","type":"OAuthException","error_subcode":2494055,"fbtrace_id":"f"}],
  "message_echoes":[{"id":"e","from":"1","to":"2","to_user_id":"ID.1","to_parent_user_id":"ID.ENT.1","timestamp":"3","type":"text","text":{"body":"echo"}}],
  "messages":[
   {"id":"1","timestamp":"1","type":"order","order":{"catalog_id":"c","text":"t","product_items":[
     {"product_retailer_id":"p","quantity":2,"item_price":7.99,"currency":"IDR"}]}},
   {"id":"2","timestamp":"1","type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"a\":1}"}}},
   {"id":"3","timestamp":"1","type":"system","system":{"body":"b","type":"user_changed_user_id","wa_id":"1","new_wa_id":"2","identity":"i","customer":"c",
     "user_id":"ID.1","parent_user_id":"ID.ENT.1","previous_user_id":"ID.0"}},
   {"id":"4","timestamp":"1","type":"text","text":{"body":"b"},"origin":"contact_request/button","history_context":{"status":"READ"},
     "identity":{"acknowledged":true,"created_timestamp":"1782950400","hash":"h"},
     "context":{"type":"t","from_user_id":"ID.1","from_parent_user_id":"ID.ENT.1"},
     "referral":{"video_url":"v","thumbnail_url":"t","ref":"r","source_type":"post"}},
   {"id":"5","timestamp":"1","type":"contacts","contacts":[{"name":{"formatted_name":"f"},"vcard":"BEGIN:VCARD"}]}
  ]}}]}]}`

func TestTypesReachEveryField(t *testing.T) {
	for name, body := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			body, err := leaves.Fill(body)
			require.NoError(t, err)
			n, err := meta.Parse(body)
			require.NoError(t, err)
			require.Empty(t, errs(reflect.ValueOf(n)))
			for _, entry := range n.Entry {
				for i := range entry.Changes {
					c := &entry.Changes[i]
					written := !reflect.ValueOf(c.Value).IsZero() || c.Account != nil || c.Template != nil || c.PhoneNumber != nil ||
						c.Handover != nil
					require.True(t, written || c.Field == "flows" || c.Field == "my field", "else nothing could be missing")
				}
			}
			encoded, err := json.Marshal(n)
			require.NoError(t, err)
			require.Empty(t, missing(flat(t, body), flat(t, encoded)))
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON":            `{"entry":[}`,
		"two entry keys":     `{"entry":[],"Entry":[]}`,
		"no entry":           `{"object":"whatsapp_business_account"}`,
		"entry is null":      `{"entry":null}`,
		"entry is an object": `{"entry":{"98765":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := meta.MessageReceived.Decode([]byte(body))
			require.ErrorIs(t, err, envelope.ErrMalformed)
			require.NotContains(t, err.Error(), "98765", "the body stays out of errors")
		})
	}
}

func TestParseIsLenient(t *testing.T) {
	for name, body := range map[string]string{
		"unknown fields":  `{"entry":[{"new":1,"changes":[{"new":2}]}],"new":{}}`,
		"no entries":      `{"entry":[]}`,
		"null everywhere": `{"object":null,"entry":[null,{"id":null,"changes":[null,{"field":null,"value":null}]}],"kirim":null}`,
		"another shape":   `{"entry":[{"changes":[{"field":"flows","value":{"metadata":{"phone_number_id":"1"},"errors":"many","contacts":5,"statuses":{}}}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			n, err := meta.Parse([]byte(body))
			require.NoError(t, err)
			if name == "another shape" {
				require.Zero(t, n.Entry[0].Changes[0].Value, "half a value would mislead")
				require.NotEmpty(t, n.Entry[0].Changes[0].Raw)
			}
			for range n.Messages() {
				t.Fatal("no message expected")
			}
			for range n.Statuses() {
				t.Fatal("no status expected")
			}
		})
	}
}

func TestStringsAndNumbersMix(t *testing.T) {
	n, err := meta.Parse([]byte(`{"entry":[{"id":1000,"time":1782950400,"changes":[{"field":"messages","value":{
		"metadata":{"phone_number_id":2000,"display_phone_number":6285},
		"contacts":[{"wa_id":628}],
		"messages":[{"id":1,"from":628,"timestamp":1782950400,"type":"order",
			"order":{"product_items":[{"quantity":"2","item_price":"7.90"},{"quantity":3,"item_price":10000.10}]}}],
		"statuses":[{"id":2,"recipient_id":629,"recipient_participant_id":630,"timestamp":1782950401,
			"errors":[{"code":"131047","error_subcode":"12"}]}]}}]}]}`))
	require.NoError(t, err)
	require.Equal(t, "1000", n.Entry[0].ID)
	require.Equal(t, time.Unix(1782950400, 0).UTC(), n.Entry[0].Time.Time())
	v := n.Entry[0].Changes[0].Value
	require.Equal(t, meta.Metadata{PhoneNumberID: "2000", DisplayPhoneNumber: "6285"}, v.Metadata)
	require.Equal(t, "628", v.Contacts[0].WaID)
	m, s := v.Messages[0], v.Statuses[0]
	require.Equal(t, []string{"1", "628", "1782950400"}, []string{m.ID, m.From, string(m.Timestamp)})
	require.Equal(t, []string{"2", "629", "630"}, []string{s.ID, s.RecipientID, s.RecipientParticipantID})
	require.Equal(t, meta.Error{Code: 131047, Subcode: 12}, s.Errors[0])
	require.Equal(t, 2, m.Order.ProductItems[0].Quantity)
	require.Equal(t, json.Number("7.90"), m.Order.ProductItems[0].ItemPrice)
	require.Equal(t, json.Number("10000.10"), m.Order.ProductItems[1].ItemPrice)
}

func TestTimestamp(t *testing.T) {
	for text, want := range map[meta.Timestamp]time.Time{
		"1782950400":              time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC),
		"253402300799":            time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"253402300800":            {},
		"":                        {},
		"0":                       {},
		"-1":                      {},
		"soon":                    {},
		"99999999999999999999999": {},
		"1782950400123":           time.Date(2026, 7, 2, 0, 0, 0, 123e6, time.UTC), // milliseconds
		"999999999999":            {},
		"253402300800000":         {},
	} {
		require.Equal(t, want, text.Time(), text)
	}
}

func TestRawKeepsWhatTypesDoNotName(t *testing.T) {
	m := only(t, message(`"type":"poll","poll":{"question":"Kapan?"}`))
	require.Equal(t, "poll", m.Type)
	require.JSONEq(t, `{"id":"wamid.A","from":"628","timestamp":"1782950400","type":"poll","poll":{"question":"Kapan?"}}`,
		string(m.Raw))

	n, err := meta.Parse(value(`{"statuses":[{"id":"wamid.A","new": 1}]}`))
	require.NoError(t, err)
	for _, s := range n.Statuses() {
		require.Equal(t, `{"id":"wamid.A","new": 1}`, string(s.Raw))
	}
	require.Equal(t, `{"statuses":[{"id":"wamid.A","new": 1}]}`, string(n.Entry[0].Changes[0].Raw))
}

func TestRawIsACopy(t *testing.T) {
	const text = `{"id":"wamid.A","type":"poll"}`
	body := []byte(text)
	var m meta.Message
	require.NoError(t, json.Unmarshal(body, &m))
	var s meta.Status
	require.NoError(t, json.Unmarshal(body, &s))
	clear(body)
	require.Equal(t, text, string(m.Raw))
	require.Equal(t, text, string(s.Raw))
}

func TestMarshalWritesWhatWasChanged(t *testing.T) {
	n, err := meta.Parse(message(`"type":"text","text":{"body":"before"}`))
	require.NoError(t, err)
	for _, m := range n.Messages() {
		m.Text.Body = "after"
	}
	encoded, err := json.Marshal(n)
	require.NoError(t, err)
	require.Contains(t, string(encoded), `"body":"after"`)
}

func TestMessagesAndStatusesCrossEntries(t *testing.T) {
	n, err := meta.Parse(sample(t, "meta/batch_two_messages_two_entries"))
	require.NoError(t, err)
	var seen []string
	for line, m := range n.Messages() {
		seen = append(seen, line.PhoneNumberID+" "+m.Text.Body)
	}
	for line, s := range n.Statuses() {
		seen = append(seen, line.PhoneNumberID+" "+s.Status)
	}
	require.Equal(t, []string{"100000000000201 Satu", "100000000000201 Dua", "100000000000201 sent"}, seen)

	for range n.Messages() {
		break
	}
	for range n.Statuses() {
		break
	}
}

func TestMedia(t *testing.T) {
	for _, typ := range []string{"image", "video", "audio", "document", "sticker"} {
		require.Equal(t, "M", only(t, message(`"type":"`+typ+`","`+typ+`":{"id":"M"}`)).Media().ID, typ)
	}
	require.Nil(t, only(t, message(`"type":"text","text":{"body":"hai"}`)).Media())
}

func TestDeepEditsDecode(t *testing.T) {
	body := message(`"type":"edit"` + strings.Repeat(`,"edit":{"message":{"type":"edit"`, 20) + strings.Repeat("}}", 20))
	require.Equal(t, "edit", only(t, body).Edit.Message.Edit.Message.Type)
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	for s := range samples.Corpus() {
		if s.Name == name {
			return s.Body
		}
	}
	t.Fatalf("no sample %s", name)
	return nil
}

// Should a type fall out of what is read directly, this shows it.
func TestParseAllocatesLess(t *testing.T) {
	body, ok := samples.Body(envelope.Meta, meta.TypeMessageReceived, "")
	require.True(t, ok)
	var err error
	plain := testing.AllocsPerRun(100, func() { err = json.Unmarshal(body, new(any)) })
	require.NoError(t, err)
	ours := testing.AllocsPerRun(100, func() { _, err = meta.Parse(body) })
	require.NoError(t, err)
	t.Logf("%v and %v", ours, plain)
	require.Less(t, ours, plain*2/3)
}
