package kirisan_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/stretchr/testify/require"
)

// hello is the message that most of the reported bodies are.
func hello(device string) *kirisan.IncomingMessage {
	return &kirisan.IncomingMessage{
		Event: "incoming_message", Device: device, Channel: "whatsapp", Sender: kirisan.Sender{Sender: "62812"},
		Message: kirisan.Message{Type: "text", Text: "x"}, Production: true,
	}
}

// The bodies in testdata/reports have the shapes in which people got them.
func TestReportedBodiesRead(t *testing.T) {
	for name, want := range map[string]any{
		"device-as-number":                      hello("6281100000001"),
		"device-empty-string":                   hello(""),
		"device-with-in-body-without-in-header": hello("+6281"),
		"production-as-1":                       hello("628"),
		"production-as-string-true":             hello("628"),
		"message-file-empty-array": &kirisan.IncomingMessage{
			Event: "incoming_message", Device: "628", Channel: "whatsapp", Sender: kirisan.Sender{Sender: "1"},
			Message: kirisan.Message{Type: "text", Text: "x"}, Production: true,
		},
		"message-text-a-number": &kirisan.IncomingMessage{
			Event: "incoming_message", Device: "628", Channel: "telegram", Sender: kirisan.Sender{Sender: "1"},
			Message: kirisan.Message{Type: "text", Text: "12345"}, Production: true,
		},
		"message_status-metadata": &kirisan.MessageStatus{
			Event: "message_status", Channel: "waba", Device: "628", Recipient: "62812", MessageID: "wamid.X", Status: "sent",
			Timestamp: 1760000000, Production: true,
		},
		"submission-answer-plain-text": &kirisan.Submission{
			Event: "submission", Form: kirisan.Form{ID: 12, Name: "Form"}, Device: "628", Sender: "62812", Channel: "whatsapp",
			Answers:    []kirisan.Answer{{Question: "Nama?", Answer: kirisan.Reply{Type: "text", Text: "Budi"}}},
			Production: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("testdata", "reports", name+".json"))
			require.NoError(t, err)
			reads(t, body, want)
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "reports", "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 9)
}

// reads requires that body is a live event of the payload want, and reads as want.
func reads(t *testing.T, body []byte, want any) {
	t.Helper()
	ev, err := kirisan.ParseEvent(body)
	require.NoError(t, err)
	require.False(t, ev.Test)
	require.Equal(t, body, []byte(ev.Body))
	var got any
	var event, device, channel string
	switch want := want.(type) {
	case *kirisan.IncomingMessage:
		event, device, channel = want.Event, want.Device, want.Channel
		got, err = kirisan.IncomingMessageEvent.Decode(body)
	case *kirisan.Submission:
		event, device, channel = want.Event, want.Device, want.Channel
		got, err = kirisan.SubmissionEvent.Decode(body)
	case *kirisan.MessageStatus:
		event, device, channel = want.Event, want.Device, want.Channel
		got, err = kirisan.MessageStatusEvent.Decode(body)
	}
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, []string{event, device, channel}, []string{ev.Type, ev.Device, ev.Channel})
}

// with is the body of hello with members in place of those of hello.
func with(t *testing.T, members string) []byte {
	t.Helper()
	all := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal([]byte(`{"event":"incoming_message","device":"628","channel":"whatsapp","sender":{"sender":"62812"},
		"message":{"type":"text","text":"x"},"production":true}`), &all))
	require.NoError(t, json.Unmarshal([]byte(members), &all))
	body, err := json.Marshal(all)
	require.NoError(t, err)
	return body
}

func TestIncomingMessagesOfOtherBackEndsRead(t *testing.T) {
	for members, change := range map[string]func(m *kirisan.IncomingMessage){
		`{"sender":"62812"}`:                               func(*kirisan.IncomingMessage) {},
		`{"sender":62812}`:                                 func(*kirisan.IncomingMessage) {},
		`{"sender":{"sender":62812,"name":7}}`:             func(m *kirisan.IncomingMessage) { m.Sender.Name = "7" },
		`{"sender":{"sender":"62812","details":[]}}`:       func(m *kirisan.IncomingMessage) { m.Sender.Details = json.RawMessage("[]") },
		`{"sender":{"sender":-1001234567890}}`:             func(m *kirisan.IncomingMessage) { m.Sender.Sender = "-1001234567890" },
		`{"message":"x"}`:                                  func(*kirisan.IncomingMessage) {},
		`{"message":{"type":"text","text":true}}`:          func(m *kirisan.IncomingMessage) { m.Message.Text = "true" },
		`{"message":{"type":"text","text":0.10}}`:          func(m *kirisan.IncomingMessage) { m.Message.Text = "0.10" },
		`{"message":{"type":"text","text":"x","file":""}}`: func(*kirisan.IncomingMessage) {},
		`{"message":{"type":"text","text":"x","file":null,"location":{},"button":[]}}`: func(m *kirisan.IncomingMessage) {
			m.Message.Location = &kirisan.Location{}
		},
		`{"message":{"type":"image","text":"x","file":"https://cdn.example.com/1.jpg"}}`: func(m *kirisan.IncomingMessage) {
			m.Message.Type, m.Message.File = "image", &kirisan.File{URL: "https://cdn.example.com/1.jpg"}
		},
		`{"message":{"type":"document","text":[],"file":{"url":"u","filename":2024,"file_id":99,"mime_type":null}}}`: func(m *kirisan.IncomingMessage) {
			m.Message = kirisan.Message{Type: "document", File: &kirisan.File{URL: "u", Filename: "2024", FileID: "99"}}
		},
		`{"message":{"type":"button_reply","text":"x","button":{"id":1,"text":2}}}`: func(m *kirisan.IncomingMessage) {
			m.Message.Type, m.Message.Button = "button_reply", &kirisan.Button{ID: "1", Text: "2"}
		},
		`{"message":{"type":"list_reply","text":"x","button":"Ya"}}`: func(m *kirisan.IncomingMessage) {
			m.Message.Type, m.Message.Button = "list_reply", &kirisan.Button{Text: "Ya"}
		},
		`{"message":{"type":"location","location":{"latitude":"-6.175","longitude":106.5,"coordinate":-6.175}}}`: func(m *kirisan.IncomingMessage) {
			m.Message = kirisan.Message{Type: "location",
				Location: &kirisan.Location{Latitude: -6.175, Longitude: 106.5, Coordinate: "-6.175"}}
		},
		`{"device":"","channel":""}`: func(m *kirisan.IncomingMessage) { m.Device, m.Channel = "", "" },
		`{"event":""}`:               func(m *kirisan.IncomingMessage) { m.Event = "" },
		`{"device":null,"metadata":[]}`: func(m *kirisan.IncomingMessage) {
			m.Device, m.Metadata = "",
				json.RawMessage("[]")
		},
		`{"timestamp":"1760000000"}`:              func(m *kirisan.IncomingMessage) { m.Timestamp = 1760000000 },
		`{"timestamp":""}`:                        func(*kirisan.IncomingMessage) {},
		`{"timestamp":"2026-07-02T00:00:00Z"}`:    func(*kirisan.IncomingMessage) {},
		`{"production":"yes"}`:                    func(*kirisan.IncomingMessage) {},
		`{"production":0}`:                        func(*kirisan.IncomingMessage) {},
		`{"production":"false","new":{"a":[{}]}}`: func(*kirisan.IncomingMessage) {},
	} {
		t.Run(members, func(t *testing.T) {
			want := hello("628")
			change(want)
			reads(t, with(t, members), want)
		})
	}
}

func TestSubmissionsAndStatusesOfOtherBackEndsRead(t *testing.T) {
	filled := func(answers ...kirisan.Answer) *kirisan.Submission {
		return &kirisan.Submission{Event: "submission", Device: "628", Channel: "waba", Sender: "62812", Answers: answers,
			Production: true}
	}
	text := func(question, text string) kirisan.Answer {
		return kirisan.Answer{Question: question, Answer: kirisan.Reply{Type: "text", Text: text}}
	}
	common := `"device":628,"channel":"waba","production":1`
	for body, want := range map[string]any{
		`{"event":"submission","sender":62812,"answers":[{"question":"Umur?","answer":17},{"question":1,"answer":true}]`:  filled(text("Umur?", "17"), text("1", "true")),
		`{"event":"submission","sender":"62812","answers":["Budi",{"question":"?","answer":{"type":"text","text":5}}]`:    filled(text("", "Budi"), text("?", "5")),
		`{"event":"submission","sender":"62812","submission":[],"answers":[{"question":"?","answer":""}]`:                 filled(kirisan.Answer{Question: "?"}),
		`{"event":"submission","sender":62812,"answers":[{"question":"?","answer":{"type":"text","text":"a","file":[]}}]`: filled(text("?", "a")),
		`{"event":"submission","sender":62812,"answers":[{"question":"?","answer":{"type":"image","file":"https://x"}}]`: filled(
			kirisan.Answer{Question: "?", Answer: kirisan.Reply{Type: "image", File: &kirisan.File{URL: "https://x"}}}),
		`{"event":"submission","sender":62812,"answers":{}`: filled(),
		`{"event":"submission","submission":{"id":"12","name":2024},"started_at":"17","completed_at":null`: &kirisan.Submission{
			Event: "submission", Form: kirisan.Form{ID: 12, Name: "2024"}, Device: "628", Channel: "waba", StartedAt: 17,
			Production: true,
		},
		`{"event":"message_status","recipient":62812,"message_id":77,"status":"failed","metadata":{"message_id":77,"errors":[{"code":"131026","title":5}]}`: &kirisan.MessageStatus{
			Event: "message_status", Channel: "waba", Device: "628", Recipient: "62812", MessageID: "77", Status: "failed",
			Metadata:   kirisan.StatusMetadata{MessageID: "77", Errors: []kirisan.Error{{Code: 131026, Title: "5"}}},
			Production: true,
		},
		`{"event":"message_status","status":"failed","metadata":{"errors":["Message undeliverable"]}`: &kirisan.MessageStatus{
			Event: "message_status", Channel: "waba", Device: "628", Status: "failed",
			Metadata: kirisan.StatusMetadata{Errors: []kirisan.Error{{Message: "Message undeliverable"}}}, Production: true,
		},
		`{"event":"message_status","status":"sent","metadata":"","timestamp":"1760000000"`: &kirisan.MessageStatus{
			Event: "message_status", Channel: "waba", Device: "628", Status: "sent", Timestamp: 1760000000, Production: true,
		},
	} {
		t.Run(body, func(t *testing.T) { reads(t, []byte(body+","+common+"}"), want) })
	}
}

// What does not read costs nothing beside it, and is told by its path.
func TestOddMembersCostThemselvesAlone(t *testing.T) {
	for members, says := range map[string]string{
		`{"sender":{"sender":{"98765":1},"name":"Siti"}}`:                             "sender.sender: an object does not read as text",
		`{"sender":["98765"]}`:                                                        "sender: an array does not read as an object",
		`{"message":["98765"]}`:                                                       "message: an array does not read as an object",
		`{"message":{"type":"text","file":["98765"]}}`:                                "message.file: an array does not read as an object",
		`{"message":{"type":"location","location":{"latitude":"98765x"}}}`:            "message.location.latitude: text does not read as a number that fits",
		`{"message":{"location":{"latitude":1,"longitude":[98765]},"type":"x"}}`:      "message.location.longitude: an array does not read as a number that fits",
		`{"message":{"location":"-6.1,98765"}}`:                                       "message.location: text does not read as an object",
		`{"channel":{"98765":1},"device":"628","message":{"text":"x","type":"text"}}`: "channel: an object does not read as text",
	} {
		m, err := kirisan.IncomingMessageEvent.Decode(with(t, members))
		require.NoError(t, err, members)
		require.EqualError(t, m.Err, says, members)
		require.ErrorIs(t, m.Err, envelope.ErrMalformed)
		require.Equal(t, "628", m.Device, "the rest is read")
		require.Nil(t, m.Message.Location, "a wrong place is worse than none")
		require.True(t, m.Production)
	}
	s, err := kirisan.SubmissionEvent.Decode([]byte(`{"submission":{"id":98765.5,"name":"F"},"sender":"62812",
		"answers":[{"question":"1","answer":{"type":"text","text":"a"}},{"question":"2","answer":["98765"]},98765,{"question":"4","answer":"d"}]}`))
	require.NoError(t, err)
	require.EqualError(t, s.Err, "submission.id: a number does not read as a number that fits")
	require.Equal(t, "F", s.Form.Name)
	require.Equal(t, []kirisan.Answer{
		{Question: "1", Answer: kirisan.Reply{Type: "text", Text: "a"}},
		{Question: "2"},
		{Answer: kirisan.Reply{Type: "text", Text: "98765"}},
		{Question: "4", Answer: kirisan.Reply{Type: "text", Text: "d"}},
	}, s.Answers)
	st, err := kirisan.MessageStatusEvent.Decode([]byte(`{"status":"failed","metadata":{"errors":[{"code":"?","title":"t"},{"code":7}]}}`))
	require.NoError(t, err)
	require.EqualError(t, st.Err, "metadata.errors[0].code: text does not read as a number that fits")
	require.Equal(t, []kirisan.Error{{Title: "t"}, {Code: 7}}, st.Metadata.Errors)
}
