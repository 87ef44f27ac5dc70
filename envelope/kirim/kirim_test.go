package kirim_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/leaves"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

// reencode decodes a body with a kind and writes its data again.
type reencode func(body []byte) ([]byte, error)

func of[P any](k envelope.Kind[P]) (string, reencode) {
	return k.Type(), func(body []byte) ([]byte, error) {
		data, err := k.Decode(body)
		if err != nil {
			return nil, err
		}
		return json.Marshal(data)
	}
}

func kinds() map[string]reencode {
	all := map[string]reencode{}
	add := func(typ string, r reencode) { all[typ] = r }
	add(of(kirim.ContactCreated))
	add(of(kirim.ContactUpdated))
	add(of(kirim.ContactIdentityUpdated))
	add(of(kirim.ConversationAssigned))
	add(of(kirim.ConversationClosed))
	add(of(kirim.MessageCreated))
	add(of(kirim.MessageSent))
	add(of(kirim.MessageEdited))
	add(of(kirim.MessageRevoked))
	add(of(kirim.CustomerCreated))
	add(of(kirim.CustomerUpdated))
	add(of(kirim.CustomerArchived))
	add(of(kirim.CustomerOnboarded))
	add(of(kirim.CustomerSetupLinkCreated))
	add(of(kirim.CustomerSetupLinkConsumed))
	return all
}

func TestTypesReachEveryField(t *testing.T) {
	seen := map[string]bool{}
	for s := range samples.Corpus() {
		if s.Source != envelope.Kirim {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			ev, err := kirim.ParseEvent(s.Body)
			require.NoError(t, err)
			require.Equal(t, s.Headers.Get("X-Kirim-Event-Id"), ev.ID)
			require.Equal(t, s.Headers.Get("X-Kirim-Event"), ev.Type)
			again, known := kinds()[ev.Type]
			if s.Name == "kirim/unknown_event" {
				require.False(t, known)
				return
			}
			require.True(t, known)
			seen[ev.Type] = true

			filled, err := leaves.Fill(s.Body)
			require.NoError(t, err)
			encoded, err := again(filled)
			require.NoError(t, err)
			missing, err := leaves.Missing(data(t, filled), encoded)
			require.NoError(t, err)
			require.Empty(t, missing)

			encoded, err = again(s.Body)
			require.NoError(t, err)
			require.JSONEq(t, string(data(t, s.Body)), string(encoded), "a sender writes what Kirim writes")
		})
	}
	for typ := range kinds() {
		require.True(t, seen[typ], "no sample of %s", typ)
	}
}

func data(t *testing.T, body []byte) []byte {
	t.Helper()
	m, err := envelope.Scan(body)
	require.NoError(t, err)
	return m.Raw("data")
}

func TestParseEvent(t *testing.T) {
	at := time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		body string
		want envelope.Event
	}{
		"full": {`{"id":"evt_1","type":"a.b","created_at":"2026-07-02T00:00:00.000Z","livemode":true,"data":{}}`,
			envelope.Event{ID: "evt_1", Type: "a.b", CreatedAt: at}},
		"seconds, zone": {`{"id":"evt_1","type":"a.b","created_at":"2026-07-02T07:00:00+07:00"}`,
			envelope.Event{ID: "evt_1", Type: "a.b", CreatedAt: at}},
		"sandbox": {`{"id":"evt_1","type":"a.b","livemode":false}`,
			envelope.Event{ID: "evt_1", Type: "a.b", Test: true}},
		"no livemode":       {`{"id":"evt_1","type":"a.b"}`, envelope.Event{ID: "evt_1", Type: "a.b"}},
		"livemode null":     {`{"id":"evt_1","type":"a.b","livemode":null}`, envelope.Event{ID: "evt_1", Type: "a.b"}},
		"livemode a string": {`{"id":"evt_1","type":"a.b","livemode":"false"}`, envelope.Event{ID: "evt_1", Type: "a.b"}},
		"odd date": {`{"id":"evt_1","type":"a.b","created_at":"yesterday"}`,
			envelope.Event{ID: "evt_1", Type: "a.b"}},
		"date a number": {`{"id":"evt_1","type":"a.b","created_at":1782950400}`,
			envelope.Event{ID: "evt_1", Type: "a.b"}},
		"opaque id": {`{"id":"any thing ~!","type":"a"}`, envelope.Event{ID: "any thing ~!", Type: "a"}},
		"escaped":   {`{"\u0069d":"evt\u005f1","type":"a"}`, envelope.Event{ID: "evt_1", Type: "a"}},
		"longest": {`{"id":"` + strings.Repeat("i", 255) + `","type":"` + strings.Repeat("t", 128) + `"}`,
			envelope.Event{ID: strings.Repeat("i", 255), Type: strings.Repeat("t", 128)}},
	} {
		t.Run(name, func(t *testing.T) {
			ev, err := kirim.ParseEvent([]byte(c.body))
			require.NoError(t, err)
			c.want.Source, c.want.Body = envelope.Kirim, []byte(c.body)
			require.Equal(t, c.want, ev)
		})
	}
}

func TestParseEventRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON":            `{"id":}`,
		"array":              `[]`,
		"id twice":           `{"id":"1","type":"a","ID":"2"}`,
		"no id":              `{"type":"a"}`,
		"no type":            `{"id":"1"}`,
		"id empty":           `{"id":"","type":"a"}`,
		"type empty":         `{"id":"1","type":""}`,
		"id a number":        `{"id":1,"type":"a"}`,
		"type null":          `{"id":"1","type":null}`,
		"id of 256":          `{"id":"` + strings.Repeat("i", 256) + `","type":"a"}`,
		"type of 129":        `{"id":"1","type":"` + strings.Repeat("t", 129) + `"}`,
		"id with line feed":  `{"id":"1\n2","type":"a"}`,
		"id with DEL":        `{"id":"1\u007f","type":"a"}`,
		"id not ASCII":       `{"id":"é","type":"a"}`,
		"id begins in space": `{"id":" 1","type":"a"}`,
		"type ends in space": `{"id":"1","type":"a "}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := kirim.ParseEvent([]byte(body))
			require.ErrorIs(t, err, envelope.ErrMalformed)
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON":       `{`,
		"no data":       `{"id":"1","type":"contact.created"}`,
		"data null":     `{"data":null}`,
		"data an array": `{"data":["98765"]}`,
		"data empty":    `{"data":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := kirim.ContactCreated.Decode([]byte(body))
			require.ErrorIs(t, err, envelope.ErrMalformed)
			require.NotContains(t, err.Error(), "98765", "the body stays out of errors")
		})
	}
}

func TestOtherTypesOfMembersRead(t *testing.T) {
	name := "77"
	for data, want := range map[string]kirim.ContactData{
		`{"contact":{"id":1,"name":77,"labels":[]}}`: {Contact: kirim.Contact{ID: "1", Name: &name,
			Labels: []kirim.Label{}}},
		`{"contact":{"id":"ctc_1","whatsapp_account":[],"labels":{}}}`: {Contact: kirim.Contact{ID: "ctc_1"}},
		`{"contact":{"id":"ctc_1","email":[]},"changed_fields":["a",2]}`: {Contact: kirim.Contact{ID: "ctc_1"},
			ChangedFields: []string{"a", "2"}},
		`{"contact":{"labels":[{"id":7,"name":8}],"created_at":7}}`:       {Contact: kirim.Contact{Labels: []kirim.Label{{ID: "7", Name: "8"}}}},
		`{"contact":[],"acquisition_source":1e3,"changed_fields":""}`:     {AcquisitionSource: "1e3"},
		`{"contact":{"whatsapp_account":{"phone_number":628},"name":{}}}`: {Contact: kirim.Contact{WhatsAppAccount: &kirim.WhatsAppAccount{PhoneNumber: text("628")}}},
	} {
		got, err := kirim.ContactCreated.Decode([]byte(`{"id":"evt_1","type":"contact.created","data":` + data + `}`))
		require.NoError(t, err, data)
		require.Equal(t, want, got, data)
	}
}

func text(s string) *string { return &s }

// Each payload gives what could be read, and tells by its path what could not.
func TestOddMembersCostThemselvesAlone(t *testing.T) {
	contact, err := kirim.ContactUpdated.Decode([]byte(`{"data":{"contact":{"id":{"98765":1},"phone_number":"+628","labels":["98765",{"id":"lbl_1"}]},"changed_fields":["name"]}}`))
	require.NoError(t, err)
	tells(t, contact.Err, "data.contact.id: an object does not read as text")
	require.Equal(t, text("+628"), contact.Contact.PhoneNumber)
	require.Equal(t, []kirim.Label{{}, {ID: "lbl_1"}}, contact.Contact.Labels)
	require.Equal(t, []string{"name"}, contact.ChangedFields)

	contact, err = kirim.ContactCreated.Decode([]byte(`{"data":{"contact":"98765","acquisition_source":"ad"}}`))
	require.NoError(t, err)
	tells(t, contact.Err, "data.contact: text does not read as an object")
	require.Equal(t, "ad", contact.AcquisitionSource)

	identity, err := kirim.ContactIdentityUpdated.Decode([]byte(`{"data":{"previous":["98765"],"current":{"bsuid":7}}}`))
	require.NoError(t, err)
	tells(t, identity.Err, "data.previous: an array does not read as an object")
	require.Nil(t, identity.Previous)
	require.Equal(t, &kirim.Identity{BSUID: text("7")}, identity.Current)

	conversation, err := kirim.ConversationAssigned.Decode([]byte(`{"data":{"conversation":{"id":5,"status":["98765"]},"assignee":{"user_id":6}}}`))
	require.NoError(t, err)
	tells(t, conversation.Err, "data.conversation.status: an array does not read as text")
	require.Equal(t, "5", conversation.Conversation.ID)
	require.Equal(t, text("6"), conversation.Assignee.UserID)

	message, err := kirim.MessageSent.Decode([]byte(`{"data":{"session":9,"message":{"id":1,"template":"98765","body":2},"contact":{"phone_number":628},"meta":[]}}`))
	require.NoError(t, err)
	tells(t, message.Err, "data.message.template: text does not read as an object")
	message.Err = nil
	require.Equal(t, kirim.MessageData{Session: "9", Message: kirim.Message{ID: "1", Body: "2"},
		Contact: &kirim.MessageContact{PhoneNumber: "628"}}, message)

	customer, err := kirim.CustomerOnboarded.Decode([]byte(`{"data":{"customer":{"id":"cus_1","archived_at":{}},"phone_number":98765,"setup_link":{"id":3}}}`))
	require.NoError(t, err)
	tells(t, customer.Err, "data.phone_number: a number does not read as an object")
	require.Equal(t, "cus_1", customer.Customer.ID)
	require.Equal(t, &kirim.SetupLink{ID: "3"}, customer.SetupLink)
}

func tells(t *testing.T, err error, text string) {
	t.Helper()
	require.EqualError(t, err, text)
	require.ErrorIs(t, err, envelope.ErrMalformed)
}

func TestOwnTypesMayKeepWhatDoesNotRead(t *testing.T) {
	body := []byte(`{"data":{"id":7,"parts":[{"n":"1"},{"n":"98765x"},{"n":3}]}}`)
	type part struct{ N int }
	_, err := kirim.NewKind[struct{ Parts []part }]("a.b").Decode(body)
	require.EqualError(t, err, "kirim: data.Parts[1].N: text does not read as a number that fits")
	require.ErrorIs(t, err, envelope.ErrMalformed)

	type keeper struct {
		ID    string
		Parts []part
		Err   error `json:"-" wire:"err"`
	}
	k, err := kirim.NewKind[keeper]("a.b").Decode(body)
	require.NoError(t, err)
	require.Equal(t, "7", k.ID)
	require.Equal(t, []part{{1}, {}, {3}}, k.Parts)
	require.ErrorContains(t, k.Err, "data.Parts[1].N")
}

func TestDecodeIgnoresWhatItDoesNotKnow(t *testing.T) {
	d, err := kirim.ContactCreated.Decode([]byte(`{"new":1,"data":{"new":{},"contact":{"id":"ctc_1","new":[],"created_at":"soon"}}}`))
	require.NoError(t, err)
	require.Equal(t, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1"}}, d)
}

func TestNewEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(1234567 * time.Microsecond)
		name := "Siti <Rahma> & \u2028"
		want := kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1", Name: &name, Metadata: json.RawMessage(`{"a":1}`)}}

		for _, live := range []bool{true, false} {
			make := kirim.NewEvent[kirim.ContactData]
			if !live {
				make = kirim.NewTestEvent[kirim.ContactData]
			}
			ev, err := make(kirim.ContactCreated, want)
			require.NoError(t, err)
			require.Regexp(t, `^evt_[0-9A-HJKMNP-TV-Z]{26}$`, ev.ID)
			require.Equal(t, envelope.Kirim, ev.Source)
			require.Equal(t, "contact.created", ev.Type)
			require.Equal(t, !live, ev.Test)
			require.Equal(t, time.Now().UTC().Truncate(time.Millisecond), ev.CreatedAt)
			require.Contains(t, string(ev.Body), `"created_at":"2000-01-01T00:00:01.234Z"`)

			parsed, err := kirim.ParseEvent(ev.Body)
			require.NoError(t, err)
			require.Equal(t, ev, parsed)
			got, err := kirim.ContactCreated.Decode(ev.Body)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	})
}

func TestNewEventRefuses(t *testing.T) {
	_, err := kirim.NewEvent(meta.MessageReceived, &meta.Notification{})
	require.ErrorContains(t, err, `kind "message.received" is of source "meta"`)
	_, err = kirim.NewEvent(kirim.NewKind[any]("a.b"), nil)
	require.ErrorContains(t, err, "null")
	_, err = kirim.NewEvent(kirim.NewKind[func()]("a.b"), func() {})
	require.ErrorContains(t, err, `data of "a.b"`)
	for _, typ := range []string{"", "a\n", " a", strings.Repeat("t", 129)} {
		_, err = kirim.NewEvent(kirim.NewKind[int](typ), 1)
		require.ErrorIs(t, err, envelope.ErrMalformed, typ)
	}
	_, err = kirim.NewEvent(kirim.NewKind[json.RawMessage]("a.b"),
		json.RawMessage(strings.Repeat("[", 64)+strings.Repeat("]", 64)))
	require.ErrorIs(t, err, envelope.ErrMalformed, "no reader would take it")
}

type picky struct{}

var errPicky = errors.New("picky")

func (*picky) UnmarshalJSON([]byte) error { return errPicky }

func TestErrorsOfOwnTypesCanBeTold(t *testing.T) {
	_, err := kirim.NewKind[picky]("a.b").Decode([]byte(`{"data":1}`))
	require.ErrorIs(t, err, errPicky)
	require.ErrorIs(t, err, envelope.ErrMalformed)
}
