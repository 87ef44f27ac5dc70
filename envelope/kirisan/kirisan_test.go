package kirisan_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/internal/leaves"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

func reencode(typ string, body []byte) (encoded []byte, known bool, err error) {
	var payload any
	switch typ {
	case kirisan.IncomingMessageEvent.Type():
		payload, err = kirisan.IncomingMessageEvent.Decode(body)
	case kirisan.SubmissionEvent.Type():
		payload, err = kirisan.SubmissionEvent.Decode(body)
	case kirisan.MessageStatusEvent.Type():
		payload, err = kirisan.MessageStatusEvent.Decode(body)
	default:
		return nil, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	encoded, err = json.Marshal(payload)
	return encoded, true, err
}

func TestTypesReachEveryField(t *testing.T) {
	seen := 0
	for s := range samples.Corpus() {
		if s.Source != envelope.Kirisan {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			ev, err := kirisan.ParseEvent(s.Body)
			require.NoError(t, err)
			require.Equal(t, s.Headers.Get("X-Kirisan-Device"), ev.Device)
			require.Equal(t, strings.TrimSuffix(s.Headers.Get("X-Kirisan-Event"), ".completed"), ev.Type)
			encoded, known, err := reencode(ev.Type, s.Body)
			require.NoError(t, err)
			require.Equal(t, s.Name != "kirisan/unknown_event", known)
			if !known {
				return
			}
			seen++
			require.JSONEq(t, string(s.Body), string(encoded), "a sender writes what Kirisan writes")

			filled, err := leaves.Fill(s.Body)
			require.NoError(t, err)
			encoded, _, err = reencode(ev.Type, filled)
			require.NoError(t, err)
			missing, err := leaves.Missing(filled, encoded)
			require.NoError(t, err)
			require.Empty(t, missing)
		})
	}
	require.Equal(t, 33, seen)
}

func TestParseEvent(t *testing.T) {
	at := time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		body string
		want envelope.Event
	}{
		"full": {`{"event":"submission","device":"d","channel":"telegram","timestamp":1782950400,"production":true}`,
			envelope.Event{Type: "submission", Device: "d", Channel: "telegram", CreatedAt: at}},
		"test": {`{"event":"submission","device":"d","channel":"telegram","production":false}`,
			envelope.Event{Type: "submission", Device: "d", Channel: "telegram", Test: true}},
		"production a string": {`{"event":"submission","device":"d","channel":"telegram","production":"false"}`,
			envelope.Event{Type: "submission", Device: "d", Channel: "telegram"}},
		"timestamp a string": {`{"event":"submission","device":"d","channel":"waba","timestamp":"1782950400"}`,
			envelope.Event{Type: "submission", Device: "d", Channel: "waba", CreatedAt: at}},
		"timestamp odd": {`{"event":"submission","device":"d","channel":"waba","timestamp":"soon"}`,
			envelope.Event{Type: "submission", Device: "d", Channel: "waba"}},
		"unknown event": {`{"event":"device_gone","device":"d","channel":"email"}`,
			envelope.Event{Type: "device_gone", Device: "d", Channel: "email"}},
		"null device":     {`{"event":"submission","device":null}`, envelope.Event{Type: "submission"}},
		"empty names":     {`{"event":"","device":"","channel":"telegram"}`, envelope.Event{Channel: "telegram"}},
		"all names empty": {`{"event":"","device":" ","channel":""}`, envelope.Event{Channel: "waba"}},
		"numbers": {`{"event":7,"device":6281100000001,"channel":8}`,
			envelope.Event{Type: "7", Device: "6281100000001", Channel: "8"}},
		"spaces at the ends": {`{"event":" submission","device":"628\n","channel":"waba "}`,
			envelope.Event{Type: "submission", Device: "628", Channel: "waba"}},
		"not printable": {`{"event":"submission","device":"62\u00008"}`, envelope.Event{Type: "submission"}},
		"longest device": {`{"event":"submission","device":"` + strings.Repeat("d", 512) + `"}`,
			envelope.Event{Type: "submission", Device: strings.Repeat("d", 512)}},
		"too long a device": {`{"event":"submission","device":"` + strings.Repeat("d", 513) + `"}`,
			envelope.Event{Type: "submission"}},
		"no names": {`{"event":[],"device":{},"channel":true}`, envelope.Event{Channel: "waba"}},
		"flat":     {`{"object":"whatsapp_business_account","entry":[]}`, envelope.Event{Channel: "waba"}},
		"empty":    {`{}`, envelope.Event{Channel: "waba"}},
	} {
		t.Run(name, func(t *testing.T) {
			ev, err := kirisan.ParseEvent([]byte(c.body))
			require.NoError(t, err)
			c.want.Source, c.want.Body = envelope.Kirisan, []byte(c.body)
			require.Equal(t, c.want, ev)
		})
	}
}

func TestParseEventRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON":     `{"event"}`,
		"no object":   `["98765"]`,
		"event twice": `{"event":"98765","Event":"incoming_message"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := kirisan.ParseEvent([]byte(body))
			require.ErrorIs(t, err, envelope.ErrMalformed)
			require.NotContains(t, err.Error(), "98765", "the body stays out of errors")
			_, err = kirisan.IncomingMessageEvent.Decode([]byte(body))
			require.ErrorIs(t, err, envelope.ErrMalformed)
			require.NotContains(t, err.Error(), "98765", "the body stays out of errors")
		})
	}
}

func TestStringsAndNumbersMix(t *testing.T) {
	m, err := kirisan.IncomingMessageEvent.Decode([]byte(`{"event":"incoming_message","timestamp":"1782950400",
		"sender":{"sender":912345678},"message":{"location":{"latitude":"-6.175","longitude":106.5}}}`))
	require.NoError(t, err)
	require.Equal(t, "912345678", m.Sender.Sender)
	require.Equal(t, &kirisan.Location{Latitude: -6.175, Longitude: 106.5}, m.Message.Location)
	require.Equal(t, kirisan.Timestamp(1782950400), m.Timestamp)

	s, err := kirisan.SubmissionEvent.Decode([]byte(`{"sender":912345678,"started_at":"17"}`))
	require.NoError(t, err)
	require.Equal(t, "912345678", s.Sender)
	require.Equal(t, time.Unix(17, 0).UTC(), s.StartedAt.Time())
	require.True(t, s.CompletedAt.Time().IsZero())
	s, err = kirisan.SubmissionEvent.Decode([]byte(`{"started_at":253402300799,"completed_at":253402300800,"timestamp":-1}`))
	require.NoError(t, err)
	require.Equal(t, 9999, s.StartedAt.Time().Year())
	require.Zero(t, s.CompletedAt, "no date can write it")
	require.Zero(t, s.Timestamp)

	st, err := kirisan.MessageStatusEvent.Decode([]byte(`{"metadata":{"errors":[{"code":"131026"},{"code":"?"}]}}`))
	require.NoError(t, err)
	require.Equal(t, []kirisan.Error{{Code: 131026}, {}}, st.Metadata.Errors)
}

func TestProductionIsLiveUnlessTheBodySaysFalse(t *testing.T) {
	for mark, live := range map[string]bool{
		``: true, `,"production":null`: true, `,"production":true`: true, `,"production":false`: false,
		`,"production":"true"`: true, `,"production":1`: true, `,"production":"yes"`: true, `,"production":"false"`: true,
		`,"production":0`:  true,
		`,"production":[]`: true, `,"production":{"a":false}`: true, `,"production":""`: true,
	} {
		body := []byte(`{"channel":"waba"` + mark + `}`)
		ev, err := kirisan.ParseEvent(body)
		require.NoError(t, err, mark)
		require.Equal(t, live, !ev.Test, mark)
		m, err := kirisan.IncomingMessageEvent.Decode(body)
		require.NoError(t, err)
		require.Equal(t, &kirisan.IncomingMessage{Channel: "waba", Production: live}, m, mark)
		s, err := kirisan.SubmissionEvent.Decode(body)
		require.NoError(t, err)
		require.Equal(t, &kirisan.Submission{Channel: "waba", Production: live}, s, mark)
		st, err := kirisan.MessageStatusEvent.Decode(body)
		require.NoError(t, err)
		require.Equal(t, &kirisan.MessageStatus{Channel: "waba", Production: live}, st, mark)
	}
}

func TestWhatsApp(t *testing.T) {
	m := &kirisan.IncomingMessage{
		Channel:  "whatsapp",
		Sender:   kirisan.Sender{Details: json.RawMessage(`{"type":"personal","sender":"628","pushname":"Siti","from_me":true}`)},
		Metadata: json.RawMessage(`{"inboxid":48121,"isgroup":true,"isforwarded":true}`),
	}
	w, ok := m.WhatsApp()
	require.True(t, ok)
	require.Equal(t, kirisan.WhatsApp{Type: "personal", Sender: "628", Pushname: "Siti", FromMe: true, InboxID: 48121,
		IsGroup: true, IsForwarded: true}, w)

	for name, broken := range map[string]kirisan.IncomingMessage{
		"another channel": {Channel: "telegram", Sender: m.Sender, Metadata: m.Metadata},
		"no details":      {Channel: "whatsapp", Metadata: m.Metadata},
		"no metadata":     {Channel: "whatsapp", Sender: m.Sender},
		"other metadata":  {Channel: "whatsapp", Sender: m.Sender, Metadata: json.RawMessage(`{"isgroup":"yes"}`)},
	} {
		w, ok := broken.WhatsApp()
		require.False(t, ok, name)
		require.Zero(t, w, name)
	}
}

func TestNewEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := kirisan.Submission{Device: "wa-1", Channel: "whatsapp", Sender: "628",
			Answers: []kirisan.Answer{{Question: "?", Answer: kirisan.Reply{Type: "text"}}}}
		given := sent
		ev, err := kirisan.NewEvent(kirisan.SubmissionEvent, &given)
		require.NoError(t, err)
		require.Equal(t, sent, given, "the caller's payload is not touched")
		require.Equal(t, envelope.Event{Source: envelope.Kirisan, Type: "submission", Device: "wa-1", Channel: "whatsapp",
			CreatedAt: time.Now().UTC(), Body: ev.Body}, ev)

		got, err := kirisan.SubmissionEvent.Decode(ev.Body)
		require.NoError(t, err)
		sent.Event, sent.Production, sent.Timestamp = "submission", true, kirisan.Timestamp(time.Now().Unix())
		require.Equal(t, &sent, got)
		require.Contains(t, string(ev.Body), `{"type":"text","text":""}`, "a skipped question")

		given.Timestamp = 17
		ev, err = kirisan.NewTestEvent(kirisan.SubmissionEvent, &given)
		require.NoError(t, err)
		require.True(t, ev.Test)
		require.Equal(t, time.Unix(17, 0).UTC(), ev.CreatedAt)
		require.Contains(t, string(ev.Body), `"production":false`)

		ev, err = kirisan.NewEvent(kirisan.MessageStatusEvent, &kirisan.MessageStatus{Device: "w", Status: "read"})
		require.NoError(t, err)
		require.Equal(t, "waba", ev.Channel)
		ev, err = kirisan.NewEvent(kirisan.IncomingMessageEvent, &kirisan.IncomingMessage{Device: "w", Channel: "telegram"})
		require.NoError(t, err)
		require.Equal(t, "incoming_message", ev.Type)
	})
}

func TestNewEventRefuses(t *testing.T) {
	_, err := kirisan.NewEvent(kirisan.SubmissionEvent, nil)
	require.ErrorContains(t, err, "nil")
	_, err = kirisan.NewEvent(kirisan.SubmissionEvent, &kirisan.Submission{Channel: "whatsapp"})
	require.ErrorIs(t, err, envelope.ErrMalformed)
	require.ErrorContains(t, err, "device")
	_, err = kirisan.NewEvent(kirisan.SubmissionEvent, &kirisan.Submission{Device: "d"})
	require.ErrorContains(t, err, "channel")
	_, err = kirisan.NewEvent(kirisan.SubmissionEvent, &kirisan.Submission{Device: "98\x00", Channel: "waba"})
	require.ErrorContains(t, err, "device")
	_, err = kirisan.NewEvent(kirisan.IncomingMessageEvent,
		&kirisan.IncomingMessage{Device: "d", Channel: "waba", Metadata: json.RawMessage("{")})
	require.ErrorContains(t, err, `payload of "incoming_message"`)
	elsewhere := envelope.NewKind(envelope.Kirim, "submission",
		func([]byte) (*kirisan.Submission, error) { return nil, nil })
	_, err = kirisan.NewEvent(elsewhere, &kirisan.Submission{Device: "d", Channel: "waba"})
	require.ErrorContains(t, err, `source "kirim"`)
}

// FuzzDecode proves that reading is total, and that what it reads survives being sent and read again.
func FuzzDecode(f *testing.F) {
	for s := range samples.Corpus() {
		if s.Source != envelope.Kirim {
			f.Add(s.Body) // Meta's too: they are what a flat body may be
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := kirisan.ParseEvent(body); err != nil {
			require.ErrorIs(t, err, envelope.ErrMalformed)
		}
		for _, typ := range []string{"incoming_message", "submission", "message_status"} {
			first, _, err := reencode(typ, body)
			if err != nil {
				require.ErrorIs(t, err, envelope.ErrMalformed)
				continue
			}
			second, _, err := reencode(typ, first)
			require.NoError(t, err)
			require.JSONEq(t, string(first), string(second))
		}
	})
}

// FuzzAgreement holds decoding against encoding/json, which calls every UnmarshalJSON of this package: what it reads is
// read to the same value.
func FuzzAgreement(f *testing.F) {
	for s := range samples.Corpus() {
		if s.Source == envelope.Kirisan {
			f.Add(s.Body)
		}
	}
	for _, body := range []string{
		`{"event":"a","sender":{"sender":62,"details":{"a":1}},"production":null,"timestamp":"1","message":{"location":{"latitude":"1.5","longitude":2}}}`,
		`{"event":"a","sender":62,"answers":[{"question":"q","answer":{"type":"text","text":"a\u00e9"}},null],"submission":{"id":7},"production":false}`,
		`{"event":"a","sender":"62","metadata":{"errors":[{"code":"7"},{"code":{}}]},"production":0}`,
		`{"event":"a","Sender":"62"}`, `{"event":"a","metadata":[]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		agrees(t, body, kirisan.IncomingMessageEvent, kirisan.IncomingMessage{Production: true})
		agrees(t, body, kirisan.SubmissionEvent, kirisan.Submission{Production: true})
		agrees(t, body, kirisan.MessageStatusEvent, kirisan.MessageStatus{Production: true})
	})
}

func agrees[P any](t *testing.T, body []byte, k envelope.Kind[*P], want P) {
	got, err := k.Decode(body)
	if err != nil {
		require.ErrorIs(t, err, envelope.ErrMalformed)
	}
	if _, scanErr := envelope.Scan(body); scanErr != nil {
		require.Error(t, err)
		return
	}
	if json.Unmarshal(body, &want) != nil {
		return // what encoding/json refuses for a value that does not fit may read all the same
	}
	require.NoError(t, err)
	if m, cloud := any(got).(*kirisan.IncomingMessage); cloud && m.Event == "" {
		return // read as a body of Meta's
	}
	require.Equal(t, want, *got)
}
